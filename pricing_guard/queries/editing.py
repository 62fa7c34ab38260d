"""What the editor of policies shows of a shop: what was tried, what was hit, what one listing has cost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.marketplace.models import Listing, PricePoint, Promotion
from merchant_protection.marketplace.queries import listings as told
from pricing_guard.models import Backtest, GuardHit, GuardPolicy, PolicyVersion
from pricing_guard.queries import listings

MOST_POINTS = 200
LOOKED_AT = 20
RECENT = ("-id",)
CHANGED_LAST = (F("price_changed_at").desc(nulls_last=True), "-pk")


def hits_since(merchant_id: int, *, since: datetime) -> dict[int, int]:
    """Return how often each policy of a shop objected since a moment."""
    rows = GuardHit.objects.filter(merchant_id=merchant_id, at__gte=since, policy__isnull=False)
    return dict(rows.values_list("policy_id").annotate(hits=Count("pk")).order_by())


def last_trial(policy: GuardPolicy, thresholds: Mapping[str, Any]) -> Backtest | None:
    """Return the newest finished backtest of exactly these values, if there is one."""
    rows = Backtest.objects.filter(merchant_id=policy.merchant_id, status=Backtest.Status.DONE)
    return rows.filter(thresholds=dict(thresholds)).order_by("-pk").first()


def listing_of(actor: Actor, sku: str) -> Listing | None:
    """Return a listing of the actor's shop by its SKU; where none is named, of those changed last the most telling.

    That is the one with the most prices behind it: one that has had a single price shows nothing of a band.
    """
    rows = told.visible_to(actor).filter(merchant_id=actor.merchant_id)
    if sku:
        return rows.filter(sku=sku).first()
    latest = list(rows.filter(price__isnull=False).order_by(*CHANGED_LAST)[:LOOKED_AT])
    points = PricePoint.objects.filter(merchant_id=actor.merchant_id, listing_id__in=[one.pk for one in latest])
    counts = dict(points.values_list("listing_id").annotate(count=Count("pk")).order_by())
    return max(latest, key=lambda one: counts.get(one.pk, 0), default=None)


def choices_of(actor: Actor) -> QuerySet[Listing]:
    """Return the listings whose price changed last, for a choice."""
    rows = told.visible_to(actor).filter(merchant_id=actor.merchant_id, price__isnull=False)
    return rows.order_by(*CHANGED_LAST)[:100]


def promotions_between(actor: Actor, *, since: datetime, until: datetime) -> QuerySet[Promotion]:
    """Return the promotions of the actor's shop that touch a stretch of time, the first to start first."""
    rows = Promotion.objects.filter(merchant_id=actor.merchant_id, starts_at__lt=until, ends_at__gte=since)
    return rows.exclude(status=Promotion.Status.CANCELLED).order_by("starts_at", "pk")


def past_of(listing: Listing) -> list[tuple[datetime, Any]]:
    """Return the last prices a listing asked, oldest first."""
    rows = listings.points_of(listing).order_by("-occurred_at", "-version").values_list("occurred_at", "price")
    return list(rows[:MOST_POINTS])[::-1]


def versions_by_number(policy: GuardPolicy, number: str) -> PolicyVersion | None:
    """Return the version of a policy a reader asked for, if there is one."""
    rows = PolicyVersion.objects.filter(merchant_id=policy.merchant_id, policy=policy)
    return rows.filter(number=int(number)).first() if number.isdecimal() and len(number) < 7 else None
