"""Files that nobody should send: more than forty, each made here, with what must become of it."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pillow_heif
from PIL import Image, PngImagePlugin
from reportlab.lib import pdfencrypt

from merchant_protection.files.rules import sniffing
from tests.fixtures.uploads import film, paper, picture, sound

NEUTRAL = frozenset({"neutral"})
MARK = b"HOSTILE-PAYLOAD"
SCRIPT = b"<script>alert('" + MARK + b"')</script>"
PHP = b"<?php system('" + MARK + b"'); ?>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>" + SCRIPT + b"</svg>"


@dataclass(frozen=True)
class Hostile:
    """A file, the name it is sent under, and the reasons for which it may be turned away ("neutral": made harmless)."""

    case: str
    name: str
    body: bytes
    outcomes: frozenset[str]


def every() -> list[Hostile]:
    """All of them."""
    made = (*_scripts(), *_pictures(), *_papers(), *_recordings(), *_archives(), *_texts(), *_names())
    return [Hostile(case, name, body, frozenset(outcomes.split())) for case, name, body, outcomes in made]


type Rows = Iterator[tuple[str, str, bytes, str]]


def _scripts() -> Rows:
    yield "EICAR as text", "invoice.txt", sniffing.EICAR, "malware"
    yield "EICAR as picture", "invoice.jpg", sniffing.EICAR, "malware"
    yield "SVG as JPEG", "a.jpg", SVG, "wrong_type"
    yield "SVG as PNG", "a.png", b"\n  " + SVG, "wrong_type"
    yield "SVG as text", "a.txt", SVG, "wrong_type"
    yield "page as text", "a.txt", b"<!DOCTYPE html>" + SCRIPT, "wrong_type"
    yield "page as JPEG", "a.jpg", b"<html>" + SCRIPT, "wrong_type"
    yield "PHP as JPEG", "a.jpg", PHP, "wrong_type"
    yield (
        "XML entities",
        "a.txt",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
        "wrong_type",
    )
    yield "shell script", "a.txt", b"#!/bin/sh\nrm -rf /\n", "wrong_type"
    yield "Windows program", "film.mp4", b"MZ\x90\x00" + b"\x00" * 200, "wrong_type"
    yield "Linux program", "report.pdf", b"\x7fELF\x02\x01\x01" + b"\x00" * 200, "wrong_type"
    yield "RTF", "a.txt", b"{\\rtf1 {\\object\\objemb}}", "wrong_type"


def _pictures() -> Rows:
    jpeg, png = picture(), picture(form="PNG")
    yield "JPEG with PHP behind it", "a.jpg", jpeg + PHP, "neutral"
    yield "JPEG with PHP in its comment", "a.jpg", jpeg[:2] + b"\xff\xfe" + _sized(PHP) + jpeg[2:], "neutral"
    yield "JPEG with an archive behind it", "a.jpg", jpeg + _zip({"x.class": MARK}), "neutral"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SCRIPT.decode())
    yield "PNG with a script in its text", "a.png", picture(form="PNG", pnginfo=text), "neutral"
    exif = Image.Exif()
    exif[0x010F], exif[0x0131] = SCRIPT.decode(), "x" * 50_000
    yield "EXIF with a script", "a.jpg", picture(exif=exif), "neutral"
    yield "broken EXIF", "a.jpg", picture(exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + MARK), "neutral damaged"
    yield "PNG of 50,000 × 50,000", "a.png", _png(50_000, 50_000), "too_many_pixels"
    yield "PNG of 5,001 × 5,000", "a.png", _png(5_001, 5_000), "too_many_pixels"
    yield "JPEG that says 65,500 × 65,500", "a.jpg", _jpeg_of(jpeg, 65_500, 65_500), "too_many_pixels"
    yield "WebP that says 16,383 × 16,383", "a.webp", _webp(16_383, 16_383), "too_many_pixels damaged"
    yield (
        "PNG with a text bomb",
        "a.png",
        _with_chunk(png, b"zTXt", b"k\x00\x00" + zlib.compress(b"\0" * 90_000_000)),
        ("neutral damaged too_heavy"),
    )
    yield (
        "PNG with a profile bomb",
        "a.png",
        _with_chunk(png, b"iCCP", b"k\x00\x00" + zlib.compress(b"\0" * 90_000_000)),
        ("neutral damaged too_heavy"),
    )
    yield "GIF as JPEG", "a.jpg", picture(form="GIF"), "wrong_type"
    yield "GIF that is an archive", "a.png", picture(form="GIF") + _zip({"x": MARK}), "wrong_type"
    yield "BMP as PNG", "a.png", picture(form="BMP"), "wrong_type"
    yield "TIFF as JPEG", "a.jpg", picture(form="TIFF"), "wrong_type"
    yield "PostScript as JPEG", "a.jpg", b"%!PS-Adobe-3.0\n(%pipe%id) (r) file\n", "wrong_type"
    yield "half a JPEG", "a.jpg", jpeg[: len(jpeg) // 2], "damaged"
    yield "half a PNG", "a.png", png[: len(png) // 2], "damaged"
    yield "PNG with a wrong sum", "a.png", png[:29] + b"\0\0\0\0" + png[33:], "damaged"
    yield "only a JPEG's head", "a.jpg", b"\xff\xd8\xff\xe0", "damaged"
    heic = io.BytesIO()
    pillow_heif.from_pillow(Image.open(io.BytesIO(jpeg))).save(heic)
    yield "half a HEIC", "a.heic", heic.getvalue()[: len(heic.getvalue()) // 2], "damaged"
    yield "a HEIC's head and noise", "a.heic", heic.getvalue()[:40] + MARK * 50, "damaged"


def _papers() -> Rows:
    yield (
        "PDF with a script",
        "a.pdf",
        _pdf(b"/OpenAction << /S /JavaScript /JS (app.alert('%s')) >>" % MARK),
        "neutral",
    )
    yield "PDF that starts a program", "a.pdf", _pdf(b"/OpenAction << /S /Launch /F (cmd.exe %s) >>" % MARK), "neutral"
    yield (
        "PDF with a form that sends",
        "a.pdf",
        _pdf(b"/AA << /O << /S /SubmitForm /F (http://x/%s) >> >>" % MARK),
        "neutral",
    )
    lock = pdfencrypt.StandardEncryption("secret", canPrint=0)
    yield "PDF behind a password", "a.pdf", paper(encrypt=lock), "protected damaged"
    yield "PDF of 501 pages", "a.pdf", paper(pages=501), "too_many_pages"
    yield "PDF with a page of kilometres", "a.pdf", _pdf(b"", box=b"0 0 9000000 9000000"), "damaged neutral"
    yield "PDF whose pages go in circles", "a.pdf", _pdf(b"", kids=b"[2 0 R 2 0 R]"), "damaged"
    yield (
        "PDF with a drawing bomb",
        "a.pdf",
        _pdf(b"", content=zlib.compress(b"0 0 m 9 9 l S\n" * 6_000_000)),
        ("neutral damaged too_heavy"),
    )
    yield "half a PDF", "a.pdf", paper()[:400], "damaged"
    yield "a PDF's head and noise", "a.pdf", b"%PDF-1.7\n" + MARK * 100, "damaged"
    yield "PDF as picture", "a.jpg", _pdf(b"/OpenAction << /S /JavaScript /JS (%s) >>" % MARK), "neutral"


def _recordings() -> Rows:
    playlist = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    yield "playlist as film", "a.mp4", playlist, "wrong_type"
    yield "playlist behind a film's head", "a.mp4", film()[:32] + playlist, "damaged"
    yield "list of other files as film", "a.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n", "wrong_type"
    yield "half a film", "a.mp4", film()[: len(film()) // 3], "damaged"
    yield "film with a script behind it", "a.mp4", film() + SCRIPT, "neutral"
    yield (
        "a recording's head and noise",
        "a.mp3",
        b"ID3\x04\x00\x00\x00\x00\x00\x00" + MARK * 100,
        "damaged unknown_coding",
    )
    yield "recording with a page in its tag", "a.mp3", _id3(SCRIPT) + sound(), "neutral"
    yield "AVI as film", "a.mp4", b"RIFF\x00\x00\x00\x00AVI LIST", "wrong_type"


def _archives() -> Rows:
    yield "archive bomb as PDF", "a.pdf", _zip({"bomb": b"\0" * 30_000_000}), "wrong_type"
    yield "document with macros as PDF", "a.pdf", _zip({"word/vbaProject.bin": MARK}), "wrong_type"
    yield "gzip bomb as text", "a.txt", gzip.compress(b"\0" * 30_000_000)[:900_000], "wrong_type"


def _texts() -> Rows:
    yield "text with NUL", "a.txt", b"chat\x00log", "wrong_type"
    yield "text that is noise", "a.txt", bytes(range(128, 256)) * 9 + b"\xff", "not_text"
    yield "only blanks", "a.txt", b" \n\t\n", "wrong_type empty"
    yield "text that hides its end", "a.txt", "harmless \u202egpj.exe\x1b[2J".encode(), "neutral"


def _names() -> Rows:
    jpeg = picture()
    for case, name in (
        ("a way out", "../../../etc/cron.d/x.jpg"),
        ("a way out of Windows", "..\\..\\boot.jpg"),
        ("a NUL", "a\x00.php.jpg"),
        ("letters backwards", "photo\u202egpj.exe.jpg"),
        ("a script", '"><script>alert(1)<\\script>.jpg'),
        ("a new line", "a\r\nSet-Cookie: x=1.jpg"),
        ("a device", "CON.jpg"),
        ("much too long", "x" * 5_000 + ".jpg"),
    ):
        yield f"name with {case}", name, jpeg, "neutral"


def _sized(body: bytes) -> bytes:
    return struct.pack(">H", len(body) + 2) + body


def _zip(files: dict[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _with_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    return png[:33] + _chunk(kind, body) + png[33:]


def _jpeg_of(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def _webp(width: int, height: int) -> bytes:
    head = b"\x00" * 4 + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + head + b"VP8L" + struct.pack("<I", 20) + b"\x2f" + b"\0" * 19
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _id3(text: bytes) -> bytes:
    frame = b"TIT2" + struct.pack(">I", len(text) + 1) + b"\0\0\0" + text
    size = len(frame)
    return b"ID3\x03\x00\x00" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + frame


def _pdf(more: bytes, *, box: bytes = b"0 0 300 300", kids: bytes = b"[3 0 R]", content: bytes = b"") -> bytes:
    stream = content or zlib.compress(b"0 0 m 100 100 l S")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + more + b" >>",
        b"<< /Type /Pages /Count 1 /Kids " + kids + b" >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [" + box + b"] /Contents 4 0 R >>",
        b"<< /Length " + str(len(stream)).encode() + b" /Filter /FlateDecode >>\nstream\n" + stream + b"\nendstream",
    ]
    body, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += str(number).encode() + b" 0 obj\n" + each + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(body)
    body += b"xref\n0 5\n0000000000 65535 f \n" + table
    return body + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n" + str(start).encode() + b"\n%%EOF\n"
