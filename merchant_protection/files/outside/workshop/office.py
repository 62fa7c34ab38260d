"""Documents and tables of office programs: packed anew, without what could run or reach elsewhere."""

import re
import zipfile
from pathlib import Path
from typing import Any

from merchant_protection.files.outside.workshop.bounds import Refused

MOST_ENTRIES = 2000
LARGEST_INSIDE = 100 * 1024 * 1024
MAIN = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
_PROGRAMS = re.compile(
    r"vbaproject|activex|embeddings/|externallinks/|oleobject|\.(?:bin|exe|js|vbs|dll)\Z", re.IGNORECASE
)
_OUTSIDE = re.compile(rb"<Relationship\b(?=[^>]*TargetMode=[\"']External)(?![^>]*/hyperlink[\"'])", re.IGNORECASE)
_PRINTER = re.compile(r"printersettings\d*\.bin\Z", re.IGNORECASE)


def make(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts and a copy of a document."""
    ending = "xlsx" if "spreadsheetml" in media_type else "docx"
    copy = folder / f"CLEAN-0.{ending}"
    try:
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as made:
            count = _pack(archive, made, main=MAIN[ending])
    # All that the library says of an archive that is torn, locked or packed in a way it does not know.
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Refused("damaged") from error
    answer = {"role": "CLEAN", "number": 0, "file": copy.name, "media_type": media_type, "width": 0, "height": 0}
    return {"facts": {"parts": count}, "shades": [], "copies": [answer]}


def _pack(archive: zipfile.ZipFile, made: zipfile.ZipFile, *, main: str) -> int:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_INSIDE:
        raise Refused("too_heavy")
    if not {main, "[Content_Types].xml"} <= {entry.filename for entry in entries}:
        raise Refused("wrong_type")
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused("protected")
        if _PROGRAMS.search(entry.filename) and not _PRINTER.search(entry.filename):
            raise Refused("has_programs")
        made.writestr(zipfile.ZipInfo(entry.filename), _read(archive, entry), zipfile.ZIP_DEFLATED)
    return len(entries)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read what the document says is there, and no byte more: its own sizes may lie."""
    with archive.open(entry) as part:
        body = part.read(entry.file_size + 1)
    if len(body) > entry.file_size:
        raise Refused("damaged")
    if entry.filename.endswith(".rels") and _OUTSIDE.search(body):
        raise Refused("has_programs")
    return body
