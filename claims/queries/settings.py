"""The rows that operations edit, section by section; of what has versions, those in use."""

from typing import Any

from django.db.models import Model, QuerySet

from claims.models import (
    CannedText,
    ClaimKind,
    DeskSettings,
    FastTrack,
    Phrase,
    ReasonCode,
    Reviewer,
    RoutingRule,
    SlaPolicy,
    WorkCalendar,
)

MODELS: dict[str, tuple[type[Model], str, str]] = {
    "kinds": (ClaimKind, "code", "position"),
    "reasons": (ReasonCode, "code", "code"),
    "texts": (CannedText, "code", "code"),
    "routes": (RoutingRule, "name", "position"),
    "levels": (SlaPolicy, "code", "code"),
    "calendars": (WorkCalendar, "code", "code"),
    "limits": (DeskSettings, "version", "-version"),
    "fast-track": (FastTrack, "version", "-version"),
    "reviewers": (Reviewer, "user_id", "user__display_name"),
    "phrases": (Phrase, "text", "text"),
}
VERSIONED = frozenset({"kinds", "reasons", "texts", "levels"})
NEWEST_ONLY = frozenset({"limits", "fast-track"})


def rows(section: str) -> QuerySet[Any]:
    """Return what a section shows; of limits and the fast track only the newest can be edited."""
    model, _key, order = MODELS[section]
    found = model._default_manager.order_by(order)
    if section in VERSIONED:
        return found.filter(is_current=True)
    return found[:1] if section in NEWEST_ONLY else found


def row(section: str, key: str) -> Any:
    """Return one row by its key, or nothing."""
    model, name, _order = MODELS[section]
    if name in ("version", "user_id") and not key.isdecimal():
        return None
    found = model._default_manager.filter(**{name: key})
    if section in VERSIONED:
        found = found.filter(is_current=True)
    return found.first()


def calendar_id(code: str) -> int:
    """Return the id of a calendar."""
    return WorkCalendar.objects.values_list("pk", flat=True).get(code=code)
