"""Seats in a live session: exactly as many as there are, and a queue that moves up."""

import logging
from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from training import policies
from training.lifecycle import TO_COME
from training.models import LiveSession, Registration
from training.queries import sessions
from training.services import reminders

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 100
SEATED, WAITING, CANCELLED = Registration.Status.SEATED, Registration.Status.WAITING, Registration.Status.CANCELLED


@transaction
def register(*, actor: Actor, session_id: int, at: datetime) -> Registration:
    """Take a seat, or a place in the queue when none is free; asking again changes nothing.

    The session's row is locked while a seat is taken: however many ask at once, there are never
    more seats than there are. Who comes while others wait goes behind them.
    """
    session = sessions.lock(session_id)
    require(policies.can_learn(actor, actor.merchant_id))
    if session.status not in TO_COME:
        raise Conflict(_("This session is over."))
    known = sessions.registration_of(merchant_id=actor.merchant_id, user_id=actor.id, session_id=session_id)
    if known is not None and known.status != CANCELLED:
        return known
    is_free = session.waiting == 0 and session.seats_taken < session.capacity
    registration = known or Registration(merchant_id=actor.merchant_id, session=session, user_id=actor.id)
    registration.status = SEATED if is_free else WAITING
    registration.queued_at = at
    registration.seated_at = at if is_free else None
    registration.save()
    if is_free:
        session.seats_taken += 1
        reminders.promise_session(session, merchant_id=registration.merchant_id, at=at)
    else:
        session.waiting += 1
    session.save(update_fields=["seats_taken", "waiting"])
    return registration


@transaction
def give_up(*, actor: Actor, session_id: int, at: datetime) -> Registration:
    """Give a seat or a place in the queue back; a free seat goes to whoever waits longest."""
    session = sessions.lock(session_id)
    require(policies.can_learn(actor, actor.merchant_id))
    registration = sessions.registration_of(merchant_id=actor.merchant_id, user_id=actor.id, session_id=session_id)
    if registration is None:
        raise NotFound
    if registration.status == SEATED:
        session.seats_taken -= 1
    elif registration.status == WAITING:
        session.waiting -= 1
    registration.status, registration.seated_at = CANCELLED, None
    registration.save(update_fields=["status", "seated_at"])
    if session.waiting and session.seats_taken < session.capacity:
        session.seats_due_at = at
    session.save(update_fields=["seats_taken", "waiting", "seats_due_at"])
    return registration


def fill(*, now: datetime) -> int:
    """Give free seats to those who wait, of whichever shop, and tell them; return how many.

    A shop sees its own people only, so the queue moves here. Safe to run by several at once.
    """
    seated = 0
    for session_id in sessions.with_free_seats(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            seated += _fill(session_id=session_id, now=now)
        except Exception:
            logger.exception("Could not fill the seats of session %s", session_id)
    return seated


@transaction
def _fill(*, session_id: int, now: datetime) -> int:
    session = sessions.lock(session_id)
    free = max(0, session.capacity - session.seats_taken) if session.status in TO_COME else 0
    lucky = list(sessions.queue_of(session_id)[:free])
    for registration in lucky:
        registration.status, registration.seated_at = SEATED, now
        registration.save(update_fields=["status", "seated_at"])
        _tell(session, registration, now=now)
    session.seats_taken += len(lucky)
    session.waiting -= len(lucky)
    session.seats_due_at = None
    session.save(update_fields=["seats_taken", "waiting", "seats_due_at"])
    return len(lucky)


@transaction_required
def _tell(session: LiveSession, registration: Registration, *, now: datetime) -> None:
    reminders.promise_session(session, merchant_id=registration.merchant_id, at=now)
    telling.queue(
        merchant_id=registration.merchant_id,
        kind="training.seat",
        at=now,
        params={"title": session.title, "starts_at": session.starts_at.isoformat()},
        path=f"/m/training/sessions/{session.pk}/",
        subject_id=session.pk,
    )
