"""Letters of PDFs, Chinese and Latin, put into the file itself, so that every reader shows them.

The font (Noto Sans SC, under the Open Font License) comes in a hundred slices of about 180 letters each, made for
browsers, and of every weight at once. A slice is fixed at the plain weight when its first letter is drawn, in a tenth
of a second, and kept; of it, a PDF holds only the letters that stand there. What no slice has, such as the rarest
letters of names, is left to the reader's own font.
"""

import io
import json
import re
import threading
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

from django.conf import settings
from fontTools import ttLib
from fontTools.varLib import instancer
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

NAME = "NotoSansSC"
PLAIN = 400
READERS_OWN = "STSong-Light"
RANGE = re.compile(r"U\+([0-9A-Fa-f]+)(?:-([0-9A-Fa-f]+))?")
POSTSCRIPT_NAME = 6
UNUSED = ("GPOS", "GSUB", "GDEF", "BASE", "HVAR", "VVAR", "vhea", "vmtx", "STAT")

_one_at_a_time = threading.Lock()


def width(text: str, size: float) -> float:
    """Return how wide a text is in points."""
    return float(sum(pdfmetrics.stringWidth(part, font, size) for font, part in runs(text)))


def draw(page: Canvas, text: str, *, x: float, y: float, size: float) -> None:
    """Write a line of text that begins at a point."""
    for font, part in runs(text):
        page.setFont(font, size)
        page.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, font, size)


def marked(text: str) -> str:
    """Return a text as a paragraph's markup, with the font of each part."""
    return "".join(f'<font name="{font}">{escape(part, quote=False)}</font>' for font, part in runs(text))


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Return a text in parts of one font each, with the font's name, ready to be drawn."""
    for font, letters in groupby(text, _font_of):
        yield font, "".join(letters)


def _font_of(letter: str) -> str:
    piece = _slices().get(ord(letter))
    with _one_at_a_time:
        if piece is not None and ord(letter) in _letters_of(piece):
            return f"{NAME}-{piece}"
        return _readers_own()


@cache
def _slices() -> dict[int, str]:
    """Return which slice holds a letter: Latin ones from one slice of their own, so that words keep together."""
    ranges: dict[str, str] = json.loads((_folder() / "unicode.json").read_text(encoding="utf-8"))
    found: dict[int, str] = {}
    for piece in sorted(ranges, key=lambda name: name == "latin"):
        for first, last in RANGE.findall(ranges[piece]):
            for code in range(int(first, 16), int(last or first, 16) + 1):
                found[code] = piece.strip("[]")
    return found


@cache
def _letters_of(piece: str) -> frozenset[int]:
    """Make a slice known to the writer of PDFs, and return the letters it has."""
    font = ttLib.TTFont(_folder() / f"noto-sans-sc-{piece}-wght-normal.woff2", recalcTimestamp=False)
    for table in UNUSED:
        if table in font:
            del font[table]
    instancer.instantiateVariableFont(font, {"wght": PLAIN}, inplace=True)
    for record in font["name"].names:
        if record.nameID == POSTSCRIPT_NAME:
            record.string = f"{NAME}-{piece}"  # a PDF holds one font of each name
    font.flavor = None
    written = io.BytesIO()
    font.save(written)
    written.seek(0)
    pdfmetrics.registerFont(TTFont(f"{NAME}-{piece}", written))
    return frozenset(font.getBestCmap())


@cache
def _readers_own() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(READERS_OWN))
    return READERS_OWN


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "assets" / "pdf-build"
