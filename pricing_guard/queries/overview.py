"""What the guard's own pages show of a shop: its listings with their state, and what buyers paid lately."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields import DecimalField

from merchant_protection.accounts.actor import Actor
from merchant_protection.marketplace.models import Order, OrderLine
from pricing_guard.lifecycle import OPEN_INCIDENTS
from pricing_guard.models import AffectedOrder, GuardPolicy, Incident, ListingGuard
from pricing_guard.queries import incidents, listings

RECENT = ("-id",)


def watched(actor: Actor, merchant_id: int) -> QuerySet[ListingGuard]:
    """Return the guarded listings of a shop, each with its open incident's number and status, if it has one."""
    return watched_by(actor).filter(merchant_id=merchant_id)


def watched_by(actor: Actor) -> QuerySet[ListingGuard]:
    """Return the same for all of the actor's shops."""
    open_ones = Incident.objects.filter(
        merchant_id=OuterRef("merchant_id"), listing_id=OuterRef("listing_id"), status__in=OPEN_INCIDENTS
    )
    return (
        listings.visible_to(actor)
        .select_related("listing", "merchant")
        .annotate(
            incident_id=Subquery(open_ones.values("pk")[:1]), incident_status=Subquery(open_ones.values("status")[:1])
        )
    )


def in_doubt(rows: QuerySet[ListingGuard]) -> QuerySet[ListingGuard]:
    """Return those with an open incident."""
    return rows.filter(incident_id__isnull=False)


def with_own_floor(rows: QuerySet[ListingGuard], *, has_one: bool) -> QuerySet[ListingGuard]:
    """Return those with a floor price of their own, or those without."""
    return rows.filter(floor_price__isnull=not has_one)


def names_of_rules(merchant_id: int, rules: Collection[str]) -> dict[str, str]:
    """Return the policy's name for each rule of the guard, by which actions, budgets and pauses know it."""
    numbers = [int(rule.removeprefix("policy-")) for rule in rules if rule.removeprefix("policy-").isdecimal()]
    policies = GuardPolicy.objects.filter(merchant_id=merchant_id, pk__in=numbers)
    return {f"policy-{pk}": name for pk, name in policies.values_list("pk", "name")}


def findings_of(merchant_id: int, incident_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Return what was objected to in incidents of a shop, the worst first, by their numbers."""
    rows = Incident.objects.filter(merchant_id=merchant_id, pk__in=list(incident_ids))
    return dict(rows.values_list("pk", "findings"))


def lowest_paid(merchant_id: int, listing_ids: Collection[int], *, since: datetime) -> dict[int, Decimal]:
    """Return the lowest price a unit of each listing was bought at since a moment, in orders that still stand."""
    rows = OrderLine.objects.filter(merchant_id=merchant_id, listing_id__in=list(listing_ids), at__gte=since)
    rows = rows.filter(quantity__gt=0, order__kind=Order.Kind.SALE).exclude(order__status__in=incidents.GONE)
    each = ExpressionWrapper(F("paid") / F("quantity"), output_field=DecimalField(max_digits=18, decimal_places=4))
    return dict(rows.values("listing_id").annotate(lowest=Min(each)).values_list("listing_id", "lowest"))


def at_stake(merchant_id: int) -> tuple[int, Decimal]:
    """Return in how many orders of open incidents, neither settled nor held, money is at stake now, and how much."""
    rows = AffectedOrder.objects.filter(
        merchant_id=merchant_id, incident__status__in=OPEN_INCIDENTS, incident__merchant_id=merchant_id
    )
    cost = Sum((F("reference") - F("unit_paid")) * F("quantity"))
    found = rows.filter(is_settled=False, is_held=False).aggregate(orders=Count("order_id", distinct=True), cost=cost)
    return found["orders"], found["cost"] or Decimal(0)


def search(rows: QuerySet[ListingGuard], text: str) -> QuerySet[ListingGuard]:
    """Return those whose SKU begins with the words or whose title holds them."""
    return rows.filter(Q(listing__sku__istartswith=text) | Q(listing__title__icontains=text)) if text else rows


def waiting_count(actor: Actor, merchant_id: int) -> int:
    """Return how many incidents of the shop are open, for the side bar; past a hundred it stops counting."""
    return incidents.visible_to(actor).filter(merchant_id=merchant_id, status__in=OPEN_INCIDENTS)[:100].count()
