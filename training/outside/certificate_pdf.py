"""A certificate as a PDF: one landscape page with a QR code that leads to its verification."""

import io
from dataclasses import dataclass

import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from merchant_protection.foundation import pdf_letters

INK, SOFT, BRAND = HexColor("#17202e"), HexColor("#4a5568"), HexColor("#2450d8")
WIDTH, HEIGHT = landscape(A4)
MIDDLE = WIDTH / 2
QR = 96


@dataclass(frozen=True)
class Words:
    """What stands on a certificate, in the language it is printed in."""

    heading: str
    holder: str
    shop: str
    says: str
    course: str
    version: str
    issued: str
    expires: str
    code: str
    verify: str


def draw(words: Words, *, address: str) -> bytes:
    """Return the PDF."""
    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    page.setTitle(f"{words.heading} · {words.code}")
    _frame(page)
    _centred(page, words.heading, y=HEIGHT - 120, size=30, colour=BRAND)
    _centred(page, words.holder, y=HEIGHT - 190, size=26, colour=INK)
    _centred(page, words.shop, y=HEIGHT - 220, size=14, colour=SOFT)
    _centred(page, words.says, y=HEIGHT - 265, size=13, colour=SOFT)
    _centred(page, words.course, y=HEIGHT - 300, size=20, colour=INK)
    _centred(page, words.version, y=HEIGHT - 324, size=11, colour=SOFT)
    page.setFillColor(SOFT)
    for line, text in enumerate((words.issued, words.expires, words.code, words.verify)):
        pdf_letters.draw(page, text, x=70, y=128 - 18 * line, size=11)
    _code(page, address, x=WIDTH - 70 - QR, y=62)
    page.showPage()
    page.save()
    return buffer.getvalue()


def _frame(page: Canvas) -> None:
    page.setStrokeColor(BRAND)
    page.setLineWidth(2)
    page.roundRect(28, 28, WIDTH - 56, HEIGHT - 56, 10)
    page.setLineWidth(0.5)
    page.roundRect(36, 36, WIDTH - 72, HEIGHT - 72, 8)


def _centred(page: Canvas, text: str, *, y: float, size: float, colour: HexColor) -> None:
    while size > 9 and pdf_letters.width(text, size) > WIDTH - 140:
        size -= 1
    page.setFillColor(colour)
    pdf_letters.draw(page, text, x=MIDDLE - pdf_letters.width(text, size) / 2, y=y, size=size)


def _code(page: Canvas, address: str, *, x: float, y: float) -> None:
    rows = list(segno.make(address, error="m", micro=False).matrix_iter(border=4))
    side = QR / len(rows)
    page.setFillColor(INK)
    for line, row in enumerate(rows):
        for column, dark in enumerate(row):
            if dark:
                page.rect(x + column * side, y + QR - (line + 1) * side, side, side, stroke=0, fill=1)
