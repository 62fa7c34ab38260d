"""Claim the mail and the webhooks that are due, send them with no transaction open, note what became of them."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings

from merchant_protection.foundation import leases
from merchant_protection.notices import queries
from merchant_protection.notices.outside import calling, post
from merchant_protection.notices.outside.calling import Answer
from merchant_protection.notices.services import mailing, webhook_sending, webhooks
from merchant_protection.notices.services.webhook_sending import Errand

logger = logging.getLogger(__name__)

BATCH = 20
AT_ONCE = 16
SLOW_AT_ONCE = 4  # places for endpoints that failed or dawdled lately, so that they hold up nobody else
ONE_TURN = 2.0  # seconds after which a turn ends, so that a restart does not wait for it
PATIENCE = 1.0  # seconds without an answer after which a turn ends; calls under way are kept
LOOKS_EVERY = 0.25
LOST_AFTER = 20.0  # seconds; a call that takes longer hangs where no time limit reaches it


def send_mail(now: Callable[[], datetime]) -> int:
    """Send the mail that is due; return how many were tried."""
    mailing.write_invitations(now=now())
    claimed = leases.claim(queries.mail_due(), now=now(), limit=BATCH)
    for delivery in claimed:
        try:
            letter = mailing.letter_for(delivery)
            if letter is None:
                mailing.withdrawn(delivery=delivery)
                continue
            post.send(recipient=delivery.recipient, subject=letter.subject, text=letter.text, html=letter.html)
        except (SMTPException, OSError) as error:
            mailing.failed(delivery=delivery, at=now(), error=str(error))
        except Exception as error:
            logger.exception("Could not write mail %s", delivery.pk)
            mailing.failed(delivery=delivery, at=now(), error=repr(error))
        else:
            mailing.delivered(delivery=delivery, at=now())
    return len(claimed)


@dataclass(frozen=True)
class Flight:
    """A call under way, in a thread of its own that touches no rows."""

    errand: Errand
    begun: float


@dataclass
class Calls:
    """Calls endpoints, several at a time, and keeps hold of calls between turns: one that hangs delays nobody."""

    listeners: Collection[str] | None = None
    flying: dict[Future[Answer], Flight] = field(default_factory=dict)

    def __call__(self, now: Callable[[], datetime]) -> int:
        """Hand out what was promised and call endpoints; return how many calls were made or came back."""
        done, begun = 0, time.monotonic()
        last = begun
        while True:
            webhooks.hand_out(now=now())
            moved = self._land(now) + self._take_off(now)
            done += moved
            last = time.monotonic() if moved else last
            if not self.flying or time.monotonic() > min(begun + ONE_TURN, last + PATIENCE):
                return done
            wait(self.flying, timeout=LOOKS_EVERY, return_when=FIRST_COMPLETED)

    def _take_off(self, now: Callable[[], datetime]) -> int:
        slow = sum(flight.errand.is_slow for flight in self.flying.values())
        room = AT_ONCE - SLOW_AT_ONCE - (len(self.flying) - slow)
        errands = webhook_sending.take_due(now=now(), room=room, slow_room=SLOW_AT_ONCE - slow)
        for errand in errands:
            future: Future[Answer] = Future()
            self.flying[future] = Flight(errand, time.monotonic())
            threading.Thread(target=self._call, args=(future, errand), name="webhook", daemon=True).start()
        return len(errands)

    def _call(self, future: Future[Answer], errand: Errand) -> None:
        listeners = settings.WEBHOOK_LISTENERS if self.listeners is None else self.listeners
        try:
            said = calling.post(errand.url, headers=errand.headers, body=errand.body, listeners=listeners)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(said)

    def _land(self, now: Callable[[], datetime]) -> int:
        """Write down the calls that ended, and those that never will."""
        too_old = time.monotonic() - LOST_AFTER
        landed = [future for future, flight in self.flying.items() if future.done() or flight.begun < too_old]
        for future in landed:
            flight = self.flying.pop(future)
            try:
                answer = future.result() if future.done() else Answer(error="timeout")
            except Exception:
                logger.exception("Could not call endpoint %s", flight.errand.endpoint_id)
                answer = Answer(error="broken_off")
            try:
                webhook_sending.finish(errand=flight.errand, answer=answer, at=now())
            except Exception:
                logger.exception("Could not finish a call of endpoint %s", flight.errand.endpoint_id)
        return len(landed)


send_webhooks = Calls()
