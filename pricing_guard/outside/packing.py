"""One evidence file: data, a report to read, and a manifest with the fingerprint of each part."""

import csv
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from merchant_protection.foundation import pdf_letters

FIXED_DATE = (2020, 1, 1, 0, 0, 0)
MANIFEST = "manifest.json"
RISKY = ("=", "+", "-", "@", "\t", "\r")
MOST_LINES = 40


@dataclass(frozen=True)
class Part:
    """One table of evidence: its file's name, its heading in the report, its columns and rows."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


def pack(*, facts: Mapping[str, Any], parts: Sequence[Part], title: str, about: Sequence[str]) -> bytes:
    """Return the zip file: the same rows make the same bytes, so that its fingerprint can be made again."""
    files = {"facts.json": _json(facts)}
    files |= {f"{part.name}.csv": _csv(part) for part in parts}
    files["report.pdf"] = _report(title, about, parts)
    manifest = {
        "format": "price-incident-evidence/1",
        "files": {
            name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)} for name, body in files.items()
        },
        "verify": "sha256sum of each file equals its line; the file of the whole is named by its own SHA-256",
    }
    files[MANIFEST] = _json(manifest)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return whole.getvalue()


def faults(packed: bytes) -> list[str]:
    """Return what does not verify in an evidence file: missing, surplus or changed parts; nothing when it is whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        listed = json.loads(files.pop(MANIFEST))["files"]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        return [f"not an evidence file: {type(error).__name__}"]
    found = [f"{name}: missing" for name in sorted(set(listed) - set(files))]
    found += [f"{name}: not in the manifest" for name in sorted(set(files) - set(listed))]
    for name in sorted(set(files) & set(listed)):
        if hashlib.sha256(files[name]).hexdigest() != listed[name]["sha256"]:
            found.append(f"{name}: changed")
    return found


def manifest_of(packed: bytes) -> dict[str, Any]:
    """Return the manifest of an evidence file."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        found: dict[str, Any] = json.loads(archive.read(MANIFEST))
    return found


def keep(folder: Path, packed: bytes) -> str:
    """Write an evidence file under its fingerprint, and return the fingerprint; twice is once."""
    digest = hashlib.sha256(packed).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{digest}.zip"
    if not path.exists():
        fresh = path.with_suffix(f".{secrets.token_hex(8)}.part")  # two may make the same file at once
        fresh.write_bytes(packed)
        fresh.replace(path)
    return digest


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _csv(part: Part) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(part.columns)
    writer.writerows([[_safe(cell) for cell in row] for row in part.rows])
    return text.getvalue().encode("utf-8-sig")


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    is_number = text[1:].replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(RISKY) and not is_number else text


def _report(title: str, about: Sequence[str], parts: Sequence[Part]) -> bytes:
    plain = ParagraphStyle("plain", fontSize=9, leading=13)
    head = ParagraphStyle("head", fontSize=12, leading=18, spaceBefore=10)
    large = ParagraphStyle("title", parent=head, fontSize=16, leading=22)
    story: list[Any] = [Paragraph(pdf_letters.marked(title), large)]
    story += [Paragraph(pdf_letters.marked(line), plain) for line in about]
    for part in parts:
        story += [Paragraph(pdf_letters.marked(part.title), head), _table(part, plain), Spacer(1, 6)]
        if len(part.rows) > MOST_LINES:
            story.append(Paragraph(pdf_letters.marked(f"{part.name}.csv: {len(part.rows)}"), plain))
    whole = io.BytesIO()
    SimpleDocTemplate(whole, pagesize=A4, title=title, invariant=1).build(story)
    return whole.getvalue()


def _table(part: Part, style: ParagraphStyle) -> Table:
    rows = [part.columns, *part.rows[:MOST_LINES]]
    cells = [[Paragraph(_cell(value), style) for value in row] for row in rows]
    lines = TableStyle([("GRID", (0, 0), (-1, -1), 0.25, "#8b95a5"), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return Table(cells, repeatRows=1, style=lines)


def _cell(value: object) -> str:
    return pdf_letters.marked(("" if value is None else str(value))[:200])
