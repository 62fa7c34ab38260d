"""The rows that operations edit, section by section; of what has versions, those in use."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import F, Model, Q, QuerySet

from claims.models import (
    CalendarDate,
    CannedText,
    ClaimKind,
    DeskSettings,
    FastTrack,
    Filer,
    Phrase,
    Queue,
    ReasonCode,
    Reviewer,
    RoutingRule,
    SlaPolicy,
    WorkCalendar,
)
from merchant_protection.foundation import keyset

MODELS: dict[str, tuple[type[Model], str, str]] = {
    "kinds": (ClaimKind, "code", "position"),
    "reasons": (ReasonCode, "code", "code"),
    "texts": (CannedText, "code", "code"),
    "queues": (Queue, "code", "position"),
    "routes": (RoutingRule, "name", "position"),
    "levels": (SlaPolicy, "code", "code"),
    "calendars": (WorkCalendar, "code", "code"),
    "limits": (DeskSettings, "version", "-version"),
    "fast-track": (FastTrack, "version", "-version"),
    "reviewers": (Reviewer, "user_id", "user__display_name"),
    "phrases": (Phrase, "text", "text"),
    "shops": (Filer, "code", "code"),
}
VERSIONED = frozenset({"kinds", "reasons", "texts", "levels"})
KEPT = VERSIONED | {"limits", "fast-track"}
BOOKKEEPING = frozenset({"id", "code", "version", "is_current", "created_at", "created_by", "stopped_at"})
STANDARD = "STANDARD"


@dataclass(frozen=True)
class Version:
    """One version of something that operations edit, and the names of what it changed."""

    row: Any
    changed: list[Any]


NEWEST_ONLY = frozenset({"limits", "fast-track"})
SHOPS_A_PAGE = 50


def rows(section: str) -> QuerySet[Any]:
    """Return what a section shows; of limits and the fast track only the newest can be edited."""
    _model, _key, order = MODELS[section]
    found = _of_section(section).order_by(order)
    return found[:1] if section in NEWEST_ONLY else found


def shops(*, text: str = "", after: str = "", before: str = "") -> keyset.Page[Filer]:
    """Return a page of the shops of a tier of their own, by their numbers; a text means numbers and names."""
    found, word = _of_section("shops"), text.strip()
    if word:
        found = found.filter(Q(merchant__code__icontains=word) | Q(merchant__name__icontains=word))
    return keyset.page(found, by=["code"], size=SHOPS_A_PAGE, after=after, before=before)


def row(section: str, key: str) -> Any:
    """Return one row by its key, or nothing."""
    _model, name, _order = MODELS[section]
    if name in ("version", "user_id") and not key.isdecimal():
        return None
    return _of_section(section).filter(**{name: key}).first()


def _of_section(section: str) -> QuerySet[Any]:
    """Return what is in use; of the shops those whose tier is not that of all others, by their numbers."""
    found: QuerySet[Any] = MODELS[section][0]._default_manager.all()
    if section == "shops":
        found = found.exclude(tier=STANDARD).annotate(code=F("merchant__code")).select_related("merchant")
    return found.filter(is_current=True) if section in VERSIONED else found


def calendar_id(code: str) -> int | None:
    """Return the id of a calendar, or nothing."""
    return WorkCalendar.objects.filter(code=code).values_list("pk", flat=True).first()


def versions(section: str, key: str, *, at_most: int = 20) -> list[Version]:
    """Return the versions of one row, the newest first, each with what it changed; nothing where none are kept."""
    if section not in KEPT:
        return []
    model, name, _order = MODELS[section]
    found = model._default_manager.select_related("created_by").order_by("-version")
    if section in VERSIONED:
        found = found.filter(**{name: key})
    rows = list(found[: at_most + 1])
    fields = [field for field in model._meta.concrete_fields if field.name not in BOOKKEEPING]
    changed = [
        [field.verbose_name for field in fields if getattr(row, field.attname) != getattr(before, field.attname)]
        for row, before in pairwise(rows)
    ]
    return [Version(row, names) for row, names in zip(rows, [*changed, []], strict=True)][:at_most]


def tiers() -> list[str]:
    """Return the tiers that merchants have, or that a rule or a service level speaks of."""
    spoken = {tier for row in RoutingRule.objects.values_list("tiers", flat=True) for tier in row}
    levels = set(SlaPolicy.objects.filter(is_current=True).values_list("tier", flat=True))
    had = set(Filer.objects.order_by().values_list("tier", flat=True).distinct())
    return sorted((spoken | levels | had | {STANDARD}) - {""})


def skills() -> list[str]:
    """Return the skills that a reviewer has, or that a rule asks for."""
    rows = [*Reviewer.objects.values_list("skills", flat=True), *RoutingRule.objects.values_list("skills", flat=True)]
    return sorted({skill for row in rows for skill in row})


def dates_by_hand(calendar: WorkCalendar) -> list[CalendarDate]:
    """Return the dates of a calendar that a person entered."""
    return list(calendar.dates.filter(is_edited=True).order_by("date")) if calendar.pk else []


def public_dates(calendar: WorkCalendar, *, since: date, at_most: int = 60) -> list[CalendarDate]:
    """Return the holidays and adjusted workdays of a calendar that were taken in, from a day on."""
    return list(calendar.dates.filter(is_edited=False, date__gte=since).order_by("date")[:at_most])
