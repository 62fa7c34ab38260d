"""What buyers and shops object to: appeals, and disputed signals with what they count."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import ActionTarget
from merchant_protection.risk.lifecycle import AppealStatus
from merchant_protection.risk.models import Appeal, BuyerSignal, SignalDispute
from merchant_protection.risk.queries.shops import of_shops

LEAST_SHOPS = 3  # from where on a count over shops may be shown at all
FADED = 0.5  # a weight below this is as good as forgotten


def appeals_visible_to(actor: Actor) -> QuerySet[Appeal]:
    """Return the mis-hit appeals of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(Appeal.objects.select_related("buyer", "merchant", "order", "restriction"), actor)


def lock_appeal(appeal_id: int) -> Appeal:
    """Return an appeal, locked; a stranger's is not found."""
    found = Appeal.objects.select_for_update().filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    return found


def appeal_of(merchant_id: int, reference: str) -> Appeal | None:
    """Return the appeal a shop or the platform numbered so."""
    return Appeal.objects.filter(merchant_id=merchant_id, reference=reference).first()


def releases_of(merchant_id: int, number: str) -> list[str]:
    """Return what must be asked of the platform so that an order that is held goes on its way."""
    held = ActionTarget.objects.filter(merchant_id=merchant_id, kind="ORDER", ref=number, desired="HELD")
    verbs = {"fulfilment": "release_order", "shipment": "release_shipment"}
    return sorted(verbs[aspect] for aspect in held.values_list("aspect", flat=True) if aspect in verbs)


def appeals_overdue(now: datetime) -> QuerySet[Appeal]:
    """Return the appeals nobody answered in time, of which the shop was not told yet."""
    tenancy.require_scope()
    return Appeal.objects.filter(status=AppealStatus.OPEN, due_at__lte=now, overdue_told_at=None).order_by("due_at")


def counted(key: str, kind: str) -> BuyerSignal | None:
    """Return what is counted of a buyer over shops, for the reviewer of a dispute."""
    return BuyerSignal.objects.filter(key=key, kind=kind).first()


def shown_signal(key: str) -> BuyerSignal | None:
    """Return a buyer's count over shops if it may be shown: enough shops, not faded, and not disputed."""
    disputed = SignalDispute.objects.filter(key=OuterRef("key"), kind=OuterRef("kind")).exclude(
        status=AppealStatus.DISMISSED
    )
    rows = BuyerSignal.objects.filter(key=key, shops__gte=LEAST_SHOPS, weight__gte=FADED)
    return rows.exclude(Exists(disputed)).first()


def shops_claimed_against(keys: Collection[str]) -> dict[str, int]:
    """Return in how many shops each of these buyers claimed lately, where that may be known."""
    disputed = SignalDispute.objects.filter(key=OuterRef("key"), kind=OuterRef("kind")).exclude(
        status=AppealStatus.DISMISSED
    )
    rows = BuyerSignal.objects.filter(key__in=keys, shops__gte=LEAST_SHOPS, weight__gte=FADED)
    return dict(rows.exclude(Exists(disputed)).values_list("key", "shops"))


def disputes_visible_to(actor: Actor) -> QuerySet[SignalDispute]:
    """Return the disputes of counts: to reviewers, and to the platform that opened them."""
    rows = SignalDispute.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.none()


def lock_dispute(dispute_id: int) -> SignalDispute:
    """Return a dispute, locked."""
    found = SignalDispute.objects.select_for_update().filter(pk=dispute_id).first()
    if found is None:
        raise NotFound
    return found
