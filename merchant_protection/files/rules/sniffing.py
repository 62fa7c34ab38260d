"""What a file is, told by its first bytes alone: neither its name nor what the sender says counts."""

from dataclasses import dataclass

from merchant_protection.files.rules.limits import AUDIO, CSV, IMAGE, OFFICE, PDF, SVG, TEXT, VIDEO, VTT, WEBM

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
WEB_FILM = Sniffed(WEBM, "video/webm", "webm")
DRAWING = Sniffed(SVG, "image/svg+xml", "svg")
OFFICE_TYPE = "application/vnd.openxmlformats-officedocument"
BY_NAME = {
    each.ending: each
    for each in (
        Sniffed(VTT, "text/vtt", "vtt"),
        Sniffed(CSV, "text/csv", "csv"),
        Sniffed(OFFICE, f"{OFFICE_TYPE}.spreadsheetml.sheet", "xlsx"),
        Sniffed(OFFICE, f"{OFFICE_TYPE}.wordprocessingml.document", "docx"),
        DRAWING,
        PLAIN,
    )
}
ALL = (JPEG, PNG, WEBP, HEIC, PAPER, FILM, SOUND, PLAIN, WEB_FILM, *BY_NAME.values())


def what_is(head: bytes, *, named: str) -> Sniffed | None:
    """Return what the first bytes show, or None for what is not taken; texts and documents also need their ending."""
    found = _by_signature(head)
    if found is not None:
        return found
    wanted = BY_NAME.get(named)
    if wanted is None:
        return None
    if wanted.kind == OFFICE:
        return wanted if head.startswith(b"PK\x03\x04") else None
    if wanted is DRAWING:
        return wanted if b"<svg" in head and b"\x00" not in head else None
    return wanted if _looks_like_text(head) else None


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
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEB_FILM if b"webm" in head[:64] else None
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
