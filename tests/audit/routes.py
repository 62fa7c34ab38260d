"""Which routes of the site can change something, read from URLconf and from what each view lets through."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

SAFE = {"GET", "HEAD", "OPTIONS"}
OF_CLASSES = ("post", "put", "patch", "delete")
# The admin's own pages of each kind of row: nobody edits there (tests/home/test_admin_rows.py).
LOOKED_AT = ("_changelist", "_add", "_history", "_delete", "_change")
OF_ADMIN = {
    *("admin:index", "admin:search", "admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:app_list"),
    *("admin:login", "admin:logout"),  # never reached: our own sign-in stands before them
}


def changing() -> set[str]:
    """The names of the routes that let through more than looking."""
    return {name for name, pattern in _all() if not _is_looked_at(name) and _methods(pattern.callback) - SAFE}


def names() -> set[str]:
    """The names of all routes."""
    return {name for name, _pattern in _all()}


def _all(patterns: list[Any] | None = None, space: str = "", before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _all(pattern.url_patterns, inner, route)
        elif pattern.name:
            yield space + pattern.name, pattern


def _is_looked_at(name: str) -> bool:
    return name in OF_ADMIN or (name.startswith("admin:") and name.endswith(LOOKED_AT))


def _methods(view: Callable[..., Any]) -> set[str]:
    """The methods that a view lets through; one that says nothing lets through all."""
    if actions := getattr(view, "actions", None):
        return {name.upper() for name in actions}
    if found := getattr(view, "cls", None) or getattr(view, "view_class", None):
        return {name.upper() for name in OF_CLASSES if hasattr(found, name)}
    step: Any = view
    while step is not None:
        names = getattr(getattr(step, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            return set(step.__closure__[names.index("request_method_list")].cell_contents)
        step = getattr(step, "__wrapped__", None)
    return {"POST"}
