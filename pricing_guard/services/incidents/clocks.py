"""What happens to incidents by the clock: grace ends, reminders, the ledger, what is no longer needed."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.transactions import transaction
from pricing_guard.lifecycle import IncidentStatus
from pricing_guard.models import AffectedOrder, GuardPolicy, Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.rules.ladder import Action
from pricing_guard.services.incidents import alerts, ledger, moving, stopping

logger = logging.getLogger(__name__)
CLOCK = Actor.clock("price guard")
REMINDERS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
AGAIN_AFTER_FAILURE = timedelta(minutes=10)
KEPT_LOOSE = timedelta(days=2)


def end_grace(*, now: datetime) -> int:
    """Stop what nobody answered within its grace; return how many.

    Safe to run at any time and by several at once: each incident is looked at again under its own
    lock, in its own transaction, so one that fails holds up no other.
    """
    return _each(queries.due(now), _end_grace, "due_at", now=now)


def remind(*, now: datetime) -> int:
    """Tell again of incidents nobody answered; return how many."""
    return _each(queries.unanswered(now), _remind, "remind_at", now=now)


def write_ledgers(*, now: datetime) -> int:
    """Write what changed in the ledgers of incidents whose orders moved; return how many."""
    return _each(queries.ledger_due(now), _write_ledger, "ledger_due_at", now=now)


def forget_loose(*, now: datetime) -> int:
    """Drop the notes of cheap orders that never belonged to an incident."""
    return AffectedOrder.objects.filter(incident=None, placed_at__lt=now - KEPT_LOOSE).delete()[0]


def _each(ids: list[int], work: Callable[..., bool], due: str, *, now: datetime) -> int:
    done = 0
    for incident_id in ids:
        try:
            done += work(incident_id=incident_id, now=now)
        except Exception:
            logger.exception("Could not work on incident %s", incident_id)
            Incident.objects.filter(pk=incident_id).update(**{due: now + AGAIN_AFTER_FAILURE})
    return done


@transaction
def _end_grace(*, incident_id: int, now: datetime) -> bool:
    incident = queries.lock(incident_id)
    if incident.due_at is None or incident.due_at > now or incident.status != IncidentStatus.SUSPECTED:
        return False
    is_automatic = incident.policy is None or incident.policy.mode == GuardPolicy.Mode.AUTO
    steps = [Action[name] for name in incident.plan["done"] if Action[name] > Action.BLOCK_WRITE]
    incident.due_at = None
    incident.save(update_fields=["due_at"])
    if not is_automatic or not steps:
        return False
    stopping.climb({incident: steps}, actor=CLOCK, at=now, by_person=False)
    ledger.bring_up_to_date(incident, at=now)
    return True


@transaction
def _remind(*, incident_id: int, now: datetime) -> bool:
    incident = queries.lock(incident_id)
    if incident.remind_at is None or incident.remind_at > now:
        return False
    is_open = incident.status == IncidentStatus.SUSPECTED
    following = REMINDERS[incident.reminded] if incident.reminded < len(REMINDERS) else None
    incident.reminded += is_open
    incident.remind_at = now + following if following and is_open else None
    incident.save(update_fields=["reminded", "remind_at"])
    if is_open:
        moving.note(incident, "remind", actor=CLOCK, at=now)
        alerts.remind(incident, at=now)
    return is_open


@transaction
def _write_ledger(*, incident_id: int, now: datetime) -> bool:
    incident = queries.lock(incident_id)
    ledger.bring_up_to_date(incident, at=now)
    incident.ledger_due_at = None
    incident.save(update_fields=["ledger_due_at"])
    return True
