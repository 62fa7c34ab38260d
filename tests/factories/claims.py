"""Complaints in each of their states, made by the services that make them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.models import Claim, DeskSettings, Queue, Reviewer
from claims.services import deciding, filing, taking
from claims.services.writing import Verdict
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.services import switches
from tests.factories.marketplace import OrderFactory

__all__ = ["deciding", "filing", "switches", "taking"]
FILER = Actor.clock("tests")
UPHOLD = Verdict("UPHELD", ["DEMAND_PROVEN"], note="The chat shows the demand.")
REJECT = Verdict("REJECTED", ["EVIDENCE_TOO_THIN"], note="The chat is not complete.")


def on_the_desk(user: User, **fields: Any) -> Reviewer:
    """Let somebody work on every queue."""
    with tenancy.platform():
        reviewer, _ = Reviewer.objects.update_or_create(user=user, defaults=fields)
        reviewer.queues.set(Queue.objects.all())
    return reviewer


STORY = "The buyer wants 200 yuan, or leaves a bad review."


def draft(
    merchant: Merchant,
    *,
    kind: str = "EXTORTION",
    amount: str = "300",
    at: datetime | None = None,
    story: str = STORY,
) -> Claim:
    """A draft about an order of its own."""
    order = OrderFactory(merchant=merchant, placed_at=(at or timezone.now()) - timedelta(days=1))
    with tenancy.platform():
        return filing.draft(
            merchant_id=merchant.pk,
            kind_code=kind,
            order_id=order.pk,
            actor=FILER,
            at=at or timezone.now(),
            amount=Decimal(amount),
            story=story,
        )


def submitted(merchant: Merchant, *, at: datetime | None = None, **fields: Any) -> Claim:
    """A complaint that lies in its queue."""
    claim = draft(merchant, at=at, **fields)
    with tenancy.platform():
        return filing.submit(claim_id=claim.pk, actor=FILER, at=at or timezone.now())


def taken(merchant: Merchant, actor: Actor, *, at: datetime | None = None, **fields: Any) -> Claim:
    """A complaint that a reviewer has in hand."""
    submitted(merchant, at=at, **fields)
    with tenancy.platform():
        claim = taking.take_next(actor=actor, at=(at or timezone.now()) + timedelta(minutes=1))
    assert claim is not None
    return claim


def decided(
    merchant: Merchant, actor: Actor, *, verdict: Verdict = UPHOLD, at: datetime | None = None, **fields: Any
) -> Claim:
    """A complaint that a reviewer has decided."""
    at = at or timezone.now()
    claim = taken(merchant, actor, at=at, **fields)
    with tenancy.platform():
        return deciding.decide(claim_id=claim.pk, actor=actor, at=at + timedelta(minutes=5), verdict=verdict)


def limits(**fields: Any) -> None:
    """Change the limits of the desk in place."""
    DeskSettings.objects.update(**fields)


def counted() -> CaptureQueriesContext:
    """Count what is asked of the database."""
    return CaptureQueriesContext(connection)
