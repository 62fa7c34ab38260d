"""The files of a course: each is what its name says, or it is a fault."""

import re
from collections.abc import Callable, Mapping

from training.rules.yaml_reading import Faults

LARGEST = 200 * 1024 * 1024
VIDEOS = (".mp4", ".webm")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".svg")
NAME = re.compile(r"files/[\w][\w.()-]{0,120}\Z")

TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".vtt": "text/vtt",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv",
    ".txt": "text/plain",
}
# What telephones send, and what it is kept as: the copy that everybody's browser shows.
CONVERTED = {".heic": ".jpg", ".heif": ".jpg", ".m4v": ".mp4", ".mov": ".mp4"}
_BEGINS: dict[str, Callable[[bytes], bool]] = {
    ".png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    ".jpg": lambda head: head.startswith(b"\xff\xd8\xff"),
    ".jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    ".webp": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    ".mp4": lambda head: head[4:8] == b"ftyp",
    ".webm": lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),
    ".pdf": lambda head: head.startswith(b"%PDF-"),
    ".xlsx": lambda head: head.startswith(b"PK\x03\x04"),
    ".docx": lambda head: head.startswith(b"PK\x03\x04"),
}
_TEXTS = (".svg", ".vtt", ".csv", ".txt")


def ending(name: str) -> str:
    """Return a file name's ending with its dot, in small letters."""
    return name[name.rfind(".") :].lower() if "." in name else ""


def kept_name(name: str) -> str:
    """Return the name a file that was sent gets in the folder, by what it is kept as."""
    kind = ending(name)
    return name[: -len(kind)] + CONVERTED[kind] if kind in CONVERTED else name


def media_type(name: str) -> str:
    """Return the type under which a file is served."""
    return TYPES.get(ending(name), "application/octet-stream")


def fault_of(name: str, content: bytes) -> str:
    """Return what is wrong with a file (a key of the faults' words), or nothing."""
    if what := fault_of_name(name):
        return what
    kind = ending(name)
    if len(content) > LARGEST:
        return "file_too_large"
    if not content:
        return "empty"
    if kind in _BEGINS:
        return "" if _BEGINS[kind](content[:64]) else "not_what_it_says"
    return _fault_of_text(kind, content)


def fault_of_name(name: str) -> str:
    """Return what is wrong with a file's name, or nothing."""
    if not NAME.match(name) or ".." in name:
        return "bad_file_name"
    return "" if ending(name) in TYPES else "unknown_kind_of_file"


def read(content: Mapping[str, bytes], faults: Faults) -> dict[str, bytes]:
    """Return the files of a folder, noting those that are not what their names say."""
    files = {name: body for name, body in content.items() if name.startswith("files/")}
    for name, body in sorted(files.items()):
        if what := fault_of(name, body):
            faults.add(name, 1, what, most=LARGEST // 1_048_576)
    return files


def _fault_of_text(kind: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "not_utf8"
    if kind == ".vtt" and not text.startswith("WEBVTT"):
        return "not_what_it_says"
    if kind == ".svg" and "<svg" not in text:
        return "not_what_it_says"
    return ""
