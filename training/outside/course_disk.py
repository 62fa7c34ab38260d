"""Courses on a disk, and packed as a zip."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

MOST_FILES = 500
LARGEST = 500 * 1024 * 1024
IGNORED = (".DS_Store", "Thumbs.db", "__MACOSX")


class NotAFolder(ValueError):
    """What was given is not a folder of a course, nor a zip of one."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their paths in it."""
    if not folder.is_dir():
        raise NotAFolder(_("%(folder)s is not a folder.") % {"folder": folder})
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if _counts(path.name)}


def read_zip(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip by their paths; a single folder around them is left out."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and _counts(entry.filename)]
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
            raise NotAFolder(_("The zip is too large."))
        files = {entry.filename: _bounded(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as fault:
        raise NotAFolder(_("This is not a zip.")) from fault
    tops = {PurePosixPath(name).parts[0] for name in files}
    if "course.yaml" not in files and len(tops) == 1:
        around = f"{tops.pop()}/"
        files = {name.removeprefix(around): body for name, body in files.items()}
    return files


def to_zip(files: Mapping[str, bytes], *, name: str) -> bytes:
    """Pack files as a zip with one folder around them; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{name}/{path}", (2026, 1, 1, 0, 0, 0)), body)
    return buffer.getvalue()


def _bounded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read what the zip says is there, and no byte more: its own sizes may lie."""
    with archive.open(entry) as file:
        body = file.read(entry.file_size + 1)
    if len(body) > entry.file_size:
        raise NotAFolder(_("The zip is not what it says."))
    return body


def _counts(name: str) -> bool:
    return not any(part in IGNORED for part in PurePosixPath(name).parts)
