"""The steps that all commands on incidents share: a move with its line of history, and a person's with its record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction_required
from pricing_guard.lifecycle import INCIDENT_MOVES, OPEN_INCIDENTS
from pricing_guard.models import Incident, IncidentMove
from pricing_guard.services.incidents import announcing


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
def move_together(
    incidents: Sequence[Incident],
    name: str,
    *,
    actor: Actor,
    at: datetime,
    facts: Mapping[int, Mapping[str, Any]],
    **changes: Any,
) -> None:
    """Move locked incidents of one shop by the same move, and write down that each moved."""
    if not incidents:
        return
    lines = []
    for incident in incidents:
        incident.status = target_of(INCIDENT_MOVES, name, incident.status)
        for field, value in _changes(incident, at=at, changes=changes).items():
            setattr(incident, field, value)
        lines.append(IncidentMove(**line(incident, name, actor=actor, at=at, facts=facts[incident.pk])))
    status = incidents[0].status
    mine = Incident.objects.filter(merchant_id=incidents[0].merchant_id, pk__in=[one.pk for one in incidents])
    mine.update(status=status, **_changes(incidents[0], at=at, changes=changes))
    IncidentMove.objects.bulk_create(lines)
    announcing.announce(incidents, name, at=at)


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
    changes = _changes(incident, at=at, changes=changes)
    for field, value in changes.items():
        setattr(incident, field, value)
    incident.save(update_fields=["status", *changes])
    note(incident, name, actor=actor, at=at, text=text, facts=facts)
    announcing.announce([incident], name, at=at)
    return incident


def _changes(incident: Incident, *, at: datetime, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What a move changes beside the status: no clock runs on, and what is over has its date."""
    over = {} if incident.status in OPEN_INCIDENTS else {"finished_at": at}
    return {"due_at": None, "remind_at": None, "sale_asked_at": None, "sale_fault": "", **over, **changes}


@transaction_required
def record(
    incident: Incident, action: str, *, actor: Actor, at: datetime, reason: str, after: Mapping[str, Any] | None = None
) -> None:
    """Write a person's answer about an incident into the audit, with how it stands then."""
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=incident.merchant_id,
        subject_kind="price_incident",
        subject_id=incident.pk,
        after={"status": incident.status, "sku": incident.listing.sku} | dict(after or {}),
        reason=reason,
    )
