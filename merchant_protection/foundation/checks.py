"""Combinations of settings that are unsafe, found by `manage.py check` and by each command that checks first."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
OWN_MACHINE = "only-for-a-machine-of-ones-own"


def refuse_unsafe() -> None:
    """Stop a program that serves the world when its settings are unsafe."""
    found = unsafe_combinations(None)
    if found:
        raise ImproperlyConfigured(" ".join(str(each.msg) for each in found))


def unsafe_combinations(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Refuse a public portal that runs as the demo does."""
    hosts = {*settings.ALLOWED_HOSTS, urlsplit(settings.PUBLIC_URL).hostname or ""} - LOCAL - {"::1", ""}
    if not hosts:
        return []
    where = ", ".join(sorted(hosts))
    found: list[CheckMessage] = []
    if settings.DEMO:
        found.append(Error(f"DEMO is on and {where} is served: everybody knows the demo's password.", id="portal.E001"))
    if settings.SECRET_KEY.startswith(OWN_MACHINE):
        found.append(Error(f"SECRET_KEY is the built-in one and {where} is served.", id="portal.E002"))
    if settings.MATCH_KEY == settings.SECRET_KEY or not settings.DATA_KEYS:
        found.append(
            Error("MATCH_KEY and DATA_KEYS must be keys of their own: see docs/operations.md.", id="portal.E003")
        )
    if settings.DEBUG:
        found.append(Error(f"DEBUG is on and {where} is served.", id="portal.E004"))
    if settings.WEBHOOK_LISTENERS:
        inside = ", ".join(settings.WEBHOOK_LISTENERS)
        found.append(Error(f"WEBHOOK_LISTENERS lets shops call {inside} and {where} is served.", id="portal.E005"))
    return found
