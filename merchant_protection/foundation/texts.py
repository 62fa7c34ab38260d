"""What people send as text, and what of it nothing here can keep or show as it was meant."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}
LONGEST = 300_000  # characters: above what any field of a page takes
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_HALF = re.compile("[\ud800-\udfff]")


def fault_of(text: str) -> str:
    """Say why a text cannot be taken, or nothing when it can: tabs and line ends are text, other controls are not."""
    if len(text) > LONGEST:
        return _("It is longer than %(limit)s characters.") % {"limit": f"{LONGEST:,}"}
    if found := _UNSHOWN.search(text):
        code = f"U+{ord(found[0]):04X}"
        return _("It holds an invisible control character (%(code)s). Type it anew without it.") % {"code": code}
    if found := _TURNING.search(text):
        code = f"U+{ord(found[0]):04X}"
        return _(
            "It holds an invisible mark that turns the direction of reading (%(code)s). Type it anew without it."
        ) % {"code": code}
    return _("It holds half a character. Type it anew without it.") if _HALF.search(text) else ""


def faults_of(fields: Iterable[tuple[str, list[Any]]]) -> dict[str, str]:
    """Name each field that cannot be taken, with the first reason; a field whose own name is such is called so."""
    found = {}
    for name, values in fields:
        if fault := fault_of(name):
            found[ascii(name[:40])] = fault
        elif fault := next(filter(None, map(fault_of, filter(_is_text, values))), ""):
            found[name] = fault
    return found


def json_of(request: HttpRequest) -> Any:
    """Read the JSON that a script of a page sent; nothing where it is none, too deep, or a number without end."""
    if request.content_type in FORMS:  # its body is gone: it was read for the token
        return None
    try:
        return json.loads(request.body, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return None


def said_in(body: Any) -> list[tuple[str, list[Any]]]:
    """Every text of a JSON body beside the name under which it stands, as far down as it goes."""
    found: dict[str, list[Any]] = {}
    waiting: list[tuple[str, Any]] = [("", body)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += list(value.items())
        elif isinstance(value, list):
            waiting += [(name, each) for each in value]
        else:
            found.setdefault(name, []).append(value)
    return list(found.items())


def _finite(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
