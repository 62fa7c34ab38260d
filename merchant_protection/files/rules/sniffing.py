"""What a file is, told by its first bytes alone: neither its name nor what the sender says counts."""

from dataclasses import dataclass

from merchant_protection.files.rules.limits import AUDIO, IMAGE, PDF, TEXT, VIDEO

HEAD = 4096
_HEIF = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_MP4 = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"dash", b"MSNV"}
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"PK",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<?php", b"<script", b"{\\rtf")
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass(frozen=True)
class Sniffed:
    """A kind of file, its media type, and the ending its name should have."""

    kind: str
    media_type: str
    ending: str


JPEG = Sniffed(IMAGE, "image/jpeg", "jpg")
PNG = Sniffed(IMAGE, "image/png", "png")
WEBP = Sniffed(IMAGE, "image/webp", "webp")
HEIC = Sniffed(IMAGE, "image/heic", "heic")
PAPER = Sniffed(PDF, "application/pdf", "pdf")
FILM = Sniffed(VIDEO, "video/mp4", "mp4")
SOUND = Sniffed(AUDIO, "audio/mpeg", "mp3")
PLAIN = Sniffed(TEXT, "text/plain", "txt")
ALL = (JPEG, PNG, WEBP, HEIC, PAPER, FILM, SOUND, PLAIN)


def what_is(head: bytes, *, named: str) -> Sniffed | None:
    """Return what the first bytes show, or None for what is not taken; plain text also needs the ending .txt."""
    found = _by_signature(head)
    if found is not None:
        return found
    if named == PLAIN.ending and _looks_like_text(head):
        return PLAIN
    return None


def is_known_threat(head: bytes) -> bool:
    """Say whether it is the test file that every scanner finds, which must be found without a scanner too."""
    return EICAR in head


def _by_signature(head: bytes) -> Sniffed | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PAPER
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return HEIC if brand in _HEIF else FILM if brand in _MP4 else None
    if head.startswith(b"ID3") or _is_mpeg_frame(head):
        return SOUND
    return None


def _is_mpeg_frame(head: bytes) -> bool:
    """The frame header of MPEG layer III: eleven set bits, a layer, a bit rate and a sample rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer == 1 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3


def _looks_like_text(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return bool(start) and b"\x00" not in head and not start.startswith(_MARKUP) and not head.startswith(_PROGRAMS)
