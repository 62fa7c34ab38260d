"""PDF: each page as a picture, drawn without running anything that is in it."""

import time
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from merchant_protection.files.outside.workshop import images
from merchant_protection.files.outside.workshop.bounds import Refused

MOST_PAGES = 500
SHOWN_PAGES = 30
ENOUGH = 5.0  # seconds of computing after which no further page is begun
LONGEST_SIDE = 1600
SHARPEST = 2.0
ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/AA", b"/EmbeddedFile", b"/RichMedia", b"/XFA")


def make(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts, shades and page pictures of a PDF."""
    try:
        paper = pypdfium2.PdfDocument(source)
        count = len(paper)
    except (pypdfium2.PdfiumError, OSError, ValueError) as error:
        raise Refused("protected" if "password" in str(error).lower() else "damaged") from error
    if count == 0:
        raise Refused("damaged")
    if count > MOST_PAGES:
        raise Refused("too_many_pages")
    copies: list[dict[str, Any]] = []
    shades: list[int] = []
    for index in range(min(count, SHOWN_PAGES)):
        if copies and time.process_time() > ENOUGH:
            break
        picture = _drawn(paper, index)
        copies.append(images.save(picture, folder, "PAGE", number=index + 1))
        if index == 0:
            shades = images.shades(picture)
            copies.append(images.small(picture, folder))
    shown = sum(copy["role"] == "PAGE" for copy in copies)
    facts: dict[str, Any] = {"pages": count, "pages_shown": shown}
    if active := _active(source):
        facts["active_content"] = active
    return {"facts": facts, "shades": shades, "copies": copies}


def _drawn(paper: Any, index: int) -> Image.Image:
    try:
        page = paper[index]
        width, height = page.get_size()
        if not 0 < width < 20_000 or not 0 < height < 20_000:
            raise Refused("damaged")
        scale = min(SHARPEST, LONGEST_SIDE / max(width, height))
        picture: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        page.close()
    except (pypdfium2.PdfiumError, ValueError, OSError) as error:
        raise Refused("damaged") from error
    return picture


def _active(source: Path) -> list[str]:
    body = source.read_bytes()
    return [name.decode().strip("/") for name in ACTIVE if name in body]
