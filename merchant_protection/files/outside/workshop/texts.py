"""Plain text: read as UTF-8 or GB 18030, written anew as UTF-8 without control characters."""

from pathlib import Path
from typing import Any

from merchant_protection.files.outside.workshop.bounds import Refused

CODINGS = ("utf-8-sig", "gb18030")
KEPT = "\n\t"


def make(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts and a copy of a text."""
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
    plain = "".join(each for each in text if each in KEPT or each.isprintable() or each.isspace())
    (folder / "CLEAN-0.txt").write_text(plain, encoding="utf-8")
    facts = {"lines": plain.count("\n") + 1, "characters": len(plain)}
    answer = {"role": "CLEAN", "number": 0, "file": "CLEAN-0.txt", "media_type": "text/plain; charset=utf-8"}
    return {"facts": facts, "shades": [], "copies": [answer | {"width": 0, "height": 0}]}
