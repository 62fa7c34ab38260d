"""Drawings: read as data, and written anew with shapes and words only."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from merchant_protection.files.outside.workshop.bounds import Refused

NAMESPACE = "http://www.w3.org/2000/svg"
ELEMENTS = {
    *("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc"),
    *("defs", "linearGradient", "radialGradient", "stop", "clipPath", "marker", "mask"),
}
DEEPEST = 60
_HARMLESS_NAME = re.compile(r"(?!on)[A-Za-z][A-Za-z0-9-]*\Z", re.IGNORECASE)
_UNWANTED = {"href", "style", "src", "class"}
_ELSEWHERE = re.compile(r"url\s*\((?!\s*['\"]?#)|javascript:|data:|\\", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def make(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts and a copy of a drawing in which nothing runs and nothing leads elsewhere."""
    try:
        text = source.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("not_text") from error
    if _DOCTYPE.search(text):
        raise Refused("wrong_type")  # what is declared there may be endless, or lie elsewhere
    try:
        drawing = ET.fromstring(text)  # noqa: S314  nothing is declared in it, and this process is bounded
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise Refused("damaged") from error
    if drawing.tag != f"{{{NAMESPACE}}}svg":
        raise Refused("wrong_type")
    _clean(drawing, depth=0)
    ET.register_namespace("", NAMESPACE)
    copy = folder / "CLEAN-0.svg"
    copy.write_bytes(ET.tostring(drawing, encoding="utf-8"))
    answer = {"role": "CLEAN", "number": 0, "file": copy.name, "media_type": media_type, "width": 0, "height": 0}
    return {"facts": {"parts": sum(1 for _ in drawing.iter())}, "shades": [], "copies": [answer]}


def _clean(element: ET.Element, *, depth: int) -> None:
    if depth > DEEPEST:
        raise Refused("too_heavy")
    for name, value in list(element.attrib.items()):
        if not _HARMLESS_NAME.match(name) or name.lower() in _UNWANTED or _ELSEWHERE.search(value):
            del element.attrib[name]
    for child in list(element):
        if isinstance(child.tag, str) and child.tag.removeprefix(f"{{{NAMESPACE}}}") in ELEMENTS:
            _clean(child, depth=depth + 1)
        else:
            element.remove(child)
