"""What a change of the desk's settings would mean, as the page shows it before it is put in force."""

from datetime import datetime
from typing import Any

from claims.models import ClaimKind, SlaPolicy
from claims.queries import clocks, foreseeing, kinds
from claims.queries import settings as queries
from claims.services import calendars, judging, routing_table
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid

SHOWN = 20


def of_kind(row: ClaimKind, facts: dict[str, Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Say when a complaint could be filed, and what each piece of evidence would count."""
    tried = foreseeing.draft_of(ClaimKind, row, facts)
    if found := judging.faults_of_kind(kinds.as_rule(tried)):
        raise Invalid(fields=found)
    return {"kind": tried, "times": foreseeing.times_by(tried, now=now), "points": foreseeing.points_by(tried)}


def of_level(row: SlaPolicy, facts: dict[str, Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Say which deadlines a complaint would get."""
    tried = foreseeing.draft_of(SlaPolicy, row, facts)
    if found := judging.faults_of_level(clocks.terms_of(tried)):
        raise Invalid(fields=found)
    return {"filed": foreseeing.deadlines_by(tried, row, now=now)}


def of_route(row: Any, facts: dict[str, Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Say which open cases would go to another queue."""
    facts.pop("follow", None)
    looked_at, moved = routing_table.preview_rule(name=row.name, actor=actor, **facts)
    return {
        "routed": {
            "looked_at": looked_at,
            "moved": len(moved),
            "examples": moved[:SHOWN],
        }
    }


def of_calendar(row: Any, facts: dict[str, Any], *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Say which deadlines of open cases would move."""
    shown = calendars.preview_of(row, week=facts["week"], dates=facts["dates"], zone=facts["zone"], now=now)
    return {"moves": shown}


def public_dates(section: str, form: Any, *, now: datetime) -> Any:
    """Return the holidays and adjusted workdays that a calendar has taken in, from today on."""
    has_any = section == "calendars" and form.instance.pk
    return queries.public_dates(form.instance, since=now.date()) if has_any else []
