"""Every address of the site by its pattern, also of the staff admin and of signing in, with names of no row in it."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

NOBODYS = "00000000-0000-4000-8000-000000000000"


def every(patterns: list[Any] | None = None, before: str = "/") -> Iterator[tuple[str, Any]]:
    """Each address with the view that answers it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        where = before + _written(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every(pattern.url_patterns, where)
        elif isinstance(pattern, URLPattern):
            yield where, pattern.callback


def of_pages() -> list[tuple[str, Any]]:
    """The addresses that people look at, and not programs."""
    return [(where, view) for where, view in every() if not where.startswith("/api/") and where != "/"]


def _written(pattern: Any) -> str:
    """A pattern as an address: a number for a number, a word for everything else."""
    if hasattr(pattern, "_route"):
        where = str(pattern._route)
        for name, kind in pattern.converters.items():
            value = {IntConverter: "1", UUIDConverter: NOBODYS}.get(type(kind), "x")
            where = re.sub(rf"<(\w+:)?{name}>", value, where)
        return where
    plain = re.sub(r"\(\?P<\w+>([^()]*)\)", lambda found: "x" if found[1] != "[0-9]+" else "1", str(pattern._regex))
    return re.sub(r"[\^$?\\]|\(\.\*\)|\.\*", "", plain).replace("Z", "")
