"""Every read of guarded listings: what is remembered, which policy holds and why."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import Listing, OrderLine, PricePoint, Promotion
from pricing_guard.models import ListingGuard, PriceUse, PromotionLook
from pricing_guard.queries.asking import SeenPromotion
from pricing_guard.rules import facts, money

MOST_TOLD = 100


def visible_to(actor: Actor) -> QuerySet[ListingGuard]:
    """Return the guarded listings of the actor's shops, each with its listing."""
    tenancy.require_scope()
    rows = ListingGuard.objects.select_related("listing")
    if actor.is_staff or actor.is_system:
        return rows
    mine = [*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])]
    return rows.filter(merchant_id__in=mine)


def listings(ids: Collection[int]) -> list[Listing]:
    """Return listings by their numbers, in the order in which they are locked."""
    return list(Listing.objects.filter(pk__in=list(ids)).order_by("merchant_id", "pk"))


def by_sku(merchant_id: int, skus: Collection[str]) -> list[Listing]:
    """Return the listings of a shop with these SKUs."""
    return list(Listing.objects.filter(merchant_id=merchant_id, sku__in=list(skus)).order_by("pk"))


def titles_of(merchant_id: int, skus: Collection[str]) -> dict[str, str]:
    """Return what the listings of some SKUs are called."""
    return dict(Listing.objects.filter(merchant_id=merchant_id, sku__in=skus).values_list("sku", "title"))


def find(merchant_id: int, sku: str) -> Listing:
    """Return one listing of a shop; an unknown one is not found."""
    found = Listing.objects.filter(merchant_id=merchant_id, sku=sku).first()
    if found is None:
        raise NotFound
    return found


def lock_guards(merchant_id: int, listing_ids: Collection[int]) -> dict[int, ListingGuard]:
    """Return the guards of listings, locked in one order: whoever judges a listing holds its guard."""
    rows = ListingGuard.objects.select_for_update().filter(merchant_id=merchant_id, listing_id__in=list(listing_ids))
    return {row.listing_id: row for row in rows.order_by("listing_id")}


def lock_floors(merchant_id: int, skus: Collection[str]) -> dict[str, Decimal | None]:
    """Return the floors of listings by SKU, held so that nobody else sets them meanwhile; locked in one order."""
    rows = ListingGuard.objects.select_for_update(of=("self",)).select_related("listing")
    found = rows.filter(merchant_id=merchant_id, listing__merchant_id=merchant_id, listing__sku__in=list(skus))
    return {row.listing.sku: row.floor_price for row in found.order_by("listing_id")}


def guarded_among(merchant_id: int, listing_ids: Collection[int]) -> set[int]:
    """Return which of these listings the guard knows already."""
    rows = ListingGuard.objects.filter(merchant_id=merchant_id, listing_id__in=list(listing_ids))
    return set(rows.values_list("listing_id", flat=True))


def guards(merchant_id: int, listing_ids: Collection[int]) -> dict[int, ListingGuard]:
    """Return the guards of listings without locking them."""
    rows = ListingGuard.objects.filter(merchant_id=merchant_id, listing_id__in=list(listing_ids))
    return {row.listing_id: row for row in rows}


def promotions_on(merchant_id: int, skus: Collection[str], *, at: datetime) -> list[facts.Promotion]:
    """Return the promotions of a shop on these listings that run or are to come, as the rules know them."""
    rows = Promotion.objects.filter(merchant_id=merchant_id, skus__overlap=list(skus), ends_at__gt=at)
    return [promotion_in(row) for row in rows.exclude(status=Promotion.Status.CANCELLED).order_by("pk")]


def promotion_in(row: Promotion | SeenPromotion) -> facts.Promotion:
    """Return a promotion as the rules know it."""
    return facts.Promotion(
        code=row.code,
        kind=facts.PromotionKind(row.kind),
        value=row.value,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        skus=frozenset(row.skus),
        threshold=row.threshold,
        stack_group=row.stack_group or None,
        by_merchant=row.funding == Promotion.Funding.MERCHANT,
    )


def promotions(ids: Collection[int]) -> list[Promotion]:
    """Return promotions by their numbers."""
    return list(Promotion.objects.filter(pk__in=list(ids)).order_by("merchant_id", "pk"))


def uses_of(merchant_id: int, prices: Iterable[Decimal]) -> dict[Decimal, int]:
    """Return how many listings of a shop have had each of these prices."""
    rows = PriceUse.objects.filter(merchant_id=merchant_id, price__in=list(prices))
    return dict(rows.values_list("price", "listings"))


def points_of(listing: Listing, *, since: datetime | None = None) -> QuerySet[PricePoint]:
    """Return the prices a listing asked, oldest first."""
    rows = PricePoint.objects.filter(merchant_id=listing.merchant_id, listing_id=listing.pk)
    return (rows.filter(occurred_at__gte=since) if since else rows).order_by("occurred_at", "version")


class Told(NamedTuple):
    """A price as the platform told it."""

    version: int
    price: Decimal
    currency: str
    by: str
    at: datetime


TOLD = """
SELECT given.listing_id, told.* FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS given(listing_id, after, upto)
CROSS JOIN LATERAL (
    SELECT version, price, currency, "by", occurred_at FROM marketplace_pricepoint
    WHERE merchant_id = %s AND listing_id = given.listing_id
      AND version > least(given.after, given.upto - 1) AND version <= given.upto
    ORDER BY version DESC LIMIT %s
) told ORDER BY given.listing_id, told.version
"""


def told_prices(merchant_id: int, versions: Sequence[tuple[int, int, int]]) -> dict[int, list[Told]]:
    """Return what was told of listings after one version of their price, up to another and it; oldest first.

    Of a long past only the newest, many more than a memory holds.
    """
    found: dict[int, list[Told]] = {}
    columns = [list(column) for column in zip(*versions, strict=True)] or [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [*columns, merchant_id, MOST_TOLD])
        for listing_id, *told in cursor.fetchall():
            found.setdefault(listing_id, []).append(Told(*told))
    return found


def lines_since(listing: Listing, *, since: datetime) -> QuerySet[OrderLine]:
    """Return what was ordered of a listing since a moment, with the orders."""
    rows = OrderLine.objects.filter(merchant_id=listing.merchant_id, listing_id=listing.pk, at__gte=since)
    return rows.filter(quantity__gt=0).select_related("order").order_by("at", "pk")


def tidy(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with the decimals its currency is written with, where that loses nothing."""
    short = money.rounded(amount, currency)
    return short if short == amount else amount.normalize()


def currency_of(merchant_id: int) -> str:
    """Return the currency a shop sells in."""
    return Merchant.objects.values_list("currency", flat=True).get(pk=merchant_id)


def worth_of(merchant_id: int, *, skus: Collection[str], categories: Collection[str]) -> list[tuple[Decimal, int]]:
    """Return the price and the stock of every listing that is named or belongs to a category."""
    rows = Listing.objects.filter(merchant_id=merchant_id, price__isnull=False, stock__gt=0)
    rows = rows.filter(Q(sku__in=list(skus)) | Q(category__in=list(categories)))
    return [(price, stock or 0) for price, stock in rows.values_list("price", "stock")]


def promotions_to_look_at(now: datetime) -> list[int]:
    """Return the promotions whose moment has come: a day ahead, the start, the end; those never looked at too."""
    tenancy.require_scope()
    due = PromotionLook.objects.filter(due_at__lte=now).order_by("due_at").values_list("promotion_id", flat=True)
    fresh = Promotion.objects.filter(ends_at__gt=now, starts_at__lte=now + timedelta(hours=24), look=None)
    return list(dict.fromkeys([*due[:500], *fresh.order_by("starts_at").values_list("pk", flat=True)[:500]]))


def lock_promotion(promotion_id: int) -> Promotion:
    """Return a promotion, locked."""
    return Promotion.objects.select_for_update().get(pk=promotion_id)
