"""Every read of listings, their prices and promotions."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from django.db.models import Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing, OrderLine, PricePoint, Promotion

RECENT = ["-updated_at", "-id"]


def visible_to(actor: Actor) -> QuerySet[Listing]:
    """Return the listings of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return _of_shops(Listing.objects.all(), actor)


def promotions_visible_to(actor: Actor) -> QuerySet[Promotion]:
    """Return the promotions of the actor's shops."""
    tenancy.require_scope()
    return _of_shops(Promotion.objects.all(), actor)


def search(listings: QuerySet[Listing], text: str) -> QuerySet[Listing]:
    """Return the listings whose SKU begins with the words or whose title holds them."""
    text = text.strip()
    return listings.filter(Q(sku__istartswith=text) | Q(title__icontains=text)) if text else listings


def categories_of(merchant_id: int) -> list[str]:
    """Return the categories a shop sells in."""
    rows = Listing.objects.filter(merchant_id=merchant_id).exclude(category="")
    return list(rows.values_list("category", flat=True).distinct().order_by("category")[:200])


def prices_of(listing: Listing) -> QuerySet[PricePoint]:
    """Return the prices a listing asked, newest first."""
    rows = PricePoint.objects.filter(merchant_id=listing.merchant_id, listing_id=listing.pk)
    return rows.order_by("-occurred_at", "-version")


def paid_by_day(listing: Listing, *, since: datetime | None, zone: tzinfo) -> list[Mapping[str, object]]:
    """Return per day the lowest and highest unit price that buyers paid, and the units sold; returns left out."""
    lines = OrderLine.objects.filter(merchant_id=listing.merchant_id, listing_id=listing.pk, quantity__gt=0)
    if since is not None:
        lines = lines.filter(at__gte=since)
    days = lines.annotate(day=TruncDate("at", tzinfo=zone)).values("day")
    return list(
        days.annotate(low=Min("unit_price"), high=Max("unit_price"), units=Sum("quantity"), money=Sum("paid")).order_by(
            "day"
        )
    )


def promotions_on(listing: Listing, *, at: datetime) -> QuerySet[Promotion]:
    """Return the promotions that touch a listing now or later."""
    rows = Promotion.objects.filter(merchant_id=listing.merchant_id, skus__contains=[listing.sku], ends_at__gt=at)
    return rows.exclude(status=Promotion.Status.CANCELLED).order_by("starts_at")


def _of_shops[M: (Listing, Promotion)](rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    if actor.is_staff or actor.is_system:
        return rows
    mine = {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
    return rows.filter(merchant_id__in=mine)
