"""The steps that all commands on incidents share: a move with its line of history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction_required
from pricing_guard.lifecycle import INCIDENT_MOVES, OPEN_INCIDENTS
from pricing_guard.models import Incident, IncidentMove


@transaction_required
def note(
    incident: Incident,
    move: str,
    *,
    actor: Actor,
    at: datetime,
    text: str = "",
    facts: Mapping[str, Any] | None = None,
) -> IncidentMove:
    """Write one line of an incident's history with its facts."""
    return IncidentMove.objects.create(**line(incident, move, actor=actor, at=at, text=text, facts=facts))


def line(
    incident: Incident,
    move: str,
    *,
    actor: Actor,
    at: datetime,
    text: str = "",
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a line of history to be written, alone or with many others."""
    return {
        "merchant_id": incident.merchant_id,
        "incident": incident,
        "move": move,
        "status": incident.status,
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name[:200],
        "note": text[:300],
        "facts": dict(facts or {}),
    }


@transaction_required
def move(
    incident: Incident,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    text: str = "",
    facts: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Incident:
    """Move a locked incident along its life cycle and write down that it moved."""
    incident.status = target_of(INCIDENT_MOVES, name, incident.status)
    changes = {"due_at": None, "remind_at": None} | changes
    if incident.status not in OPEN_INCIDENTS:
        changes.setdefault("finished_at", at)
    for field, value in changes.items():
        setattr(incident, field, value)
    incident.save(update_fields=["status", *changes])
    note(incident, name, actor=actor, at=at, text=text, facts=facts)
    return incident
