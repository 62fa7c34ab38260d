"""Names of files as people may see them, and as they may be saved."""

import re
import unicodedata

from merchant_protection.files.rules.limits import LONGEST_NAME

UNNAMED = "file"
_FORBIDDEN = re.compile(r'[<>:"/\\|?*%]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def shown(raw: str) -> str:
    """Return a name that is safe to show and to save: no path, nothing invisible, nothing a system reserves."""
    last = re.split(r"[/\\]", raw)[-1]
    text = unicodedata.normalize("NFC", last)
    text = "".join(each for each in text if unicodedata.category(each)[0] != "C")
    text = _FORBIDDEN.sub("_", text).strip(" .")
    if not text or _RESERVED.match(text):
        text = f"{UNNAMED}_{text}".rstrip("_")
    if len(text) > LONGEST_NAME:
        stem, dot, end = text.rpartition(".")
        text = f"{stem[: LONGEST_NAME - len(end) - 1]}.{end}" if dot and len(end) < 10 else text[:LONGEST_NAME]
    return text


def ending(name: str) -> str:
    """Return the ending of a name in small letters, without its dot."""
    stem, dot, end = name.rpartition(".")
    return end.lower() if dot and stem else ""


def with_ending(name: str, end: str) -> str:
    """Return the name with this ending, so that what is saved says what it is."""
    if ending(name) == end:
        return name
    stem = name.rpartition(".")[0] if 0 < len(ending(name)) <= 5 else name
    return f"{stem or UNNAMED}.{end}"
