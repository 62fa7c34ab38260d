"""Events that were set aside, taken up again by a person."""

from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import waking
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import InboxEvent
from merchant_protection.marketplace.queries import inbox as queries


@transaction
def try_again(*, event_id: int, actor: Actor, at: datetime) -> InboxEvent:
    """Decide a parked event once more, with all its tries before it."""
    event = queries.lock_event(event_id)
    require(policies.can_take_up_parked(actor))
    if event.status != InboxEvent.Status.PARKED:
        raise Conflict(_("This event is not parked."))
    before, event.status = event.last_error, InboxEvent.Status.PENDING
    event.due_at, event.attempts, event.last_error = at, 0, ""
    event.save(update_fields=["status", "due_at", "attempts", "last_error"])
    audit.record(
        actor=actor,
        action="event.tried_again",
        at=at,
        merchant_id=event.merchant_id,
        subject_kind="event",
        subject_id=event.pk,
        before={"error": before},
    )
    waking.wake()
    return event
