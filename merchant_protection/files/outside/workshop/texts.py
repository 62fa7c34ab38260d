"""Plain text: read as UTF-8 or GB 18030, written anew as UTF-8 without control characters."""

import re
from pathlib import Path
from typing import Any

from merchant_protection.files.outside.workshop.bounds import Refused

CODINGS = ("utf-8-sig", "gb18030")
KEPT = "\n\t"
_TAG = re.compile(r"<[^>\n]*>?")
_CAPTION_TAG = re.compile(r"</?(?:b|i|u|c|v|lang|ruby|rt|[\d:.]+)(?:[.\s][^<>\n]*)?>\Z")
_FORMULA = re.compile(r"((?:^|[,;\t])\"?)(?=[=+@\t]|-(?![\d.]))", re.MULTILINE)


def make(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts and a copy of a text."""
    return _answer(_read(source), folder, ending="txt", media_type="text/plain")


def make_captions(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return captions with the marks that captions have, and no others."""
    text = _read(source)
    if not text.startswith("WEBVTT"):
        raise Refused("wrong_type")
    plain = _TAG.sub(lambda tag: tag[0] if _CAPTION_TAG.match(tag[0]) else "", text)
    return _answer(plain, folder, ending="vtt", media_type="text/vtt")


def make_table(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return a table as text; what a spreadsheet would take for a formula is quoted."""
    return _answer(_FORMULA.sub(r"\1'", _read(source)), folder, ending="csv", media_type="text/csv")


def _read(source: Path) -> str:
    body = source.read_bytes()
    for coding in CODINGS:
        try:
            text = body.decode(coding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise Refused("not_text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Refused("empty")
    if "\x00" in text:
        raise Refused("not_text")
    return "".join(each for each in text if each in KEPT or each.isprintable() or each.isspace())


def _answer(plain: str, folder: Path, *, ending: str, media_type: str) -> dict[str, Any]:
    (folder / f"CLEAN-0.{ending}").write_text(plain, encoding="utf-8")
    facts = {"lines": plain.count("\n") + 1, "characters": len(plain)}
    answer = {"role": "CLEAN", "number": 0, "file": f"CLEAN-0.{ending}", "media_type": f"{media_type}; charset=utf-8"}
    return {"facts": facts, "shades": [], "copies": [answer | {"width": 0, "height": 0}]}
