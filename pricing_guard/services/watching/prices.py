"""Price changes through the guard: remember what is accepted, doubt the rest."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from merchant_protection.foundation import upserts
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import GuardShop, HadPrice, Incident, ListingGuard, PriceUse
from pricing_guard.queries import listings as queries
from pricing_guard.queries.listings import Told
from pricing_guard.rules import bounds, replay, stored
from pricing_guard.services.incidents import opening
from pricing_guard.services.watching import loading
from pricing_guard.services.watching.loading import Held, Looked

JUDGED = (
    *("price", "low", "high", "valid_until", "stamp", "price_version", "listing_version", "memory"),
    *("trusted_price", "judged_at"),
)


@transaction_required
def judge(merchant_id: int, listing_ids: Collection[int], *, at: datetime) -> list[Looked]:
    """Judge the prices of listings as they stand now: teach what is accepted, open or correct incidents."""
    known(merchant_id, listing_ids, at=at)
    guards = queries.lock_guards(merchant_id, listing_ids)
    rows = [row for row in queries.listings(listing_ids) if row.price is not None]
    held = loading.hold(merchant_id, rows, guards, at=at)
    told = queries.told_prices(
        merchant_id, [(row.pk, held.guards[row.sku].price_version, row.price_version) for row in rows]
    )
    passed = {one.price for prices in told.values() for one in prices[:-1]}
    held.shop.users_of_price |= queries.uses_of(merchant_id, passed) if passed else {}
    looked = [found for row in rows if (found := _judge_one(held, row, told.get(row.pk, []), at=at))]
    write_memories(held, [one.listing.sku for one in looked], at=at)
    opening.settle(held, looked, source=Incident.Source.PRICE, at=at)
    return looked


@transaction_required
def known(merchant_id: int, listing_ids: Collection[int], *, at: datetime) -> None:
    """Let every listing have its guard, and its shop too."""
    GuardShop.objects.bulk_create([GuardShop(merchant_id=merchant_id, updated_at=at)], ignore_conflicts=True)
    missing = set(listing_ids) - queries.guarded_among(merchant_id, listing_ids)
    fresh = [{"merchant_id": merchant_id, "listing_id": listing_id} for listing_id in sorted(missing)]
    upserts.upsert(ListingGuard, fresh, key=("merchant_id", "listing_id"))


def _judge_one(held: Held, row: Listing, told: Sequence[Told], *, at: datetime) -> Looked | None:
    """Judge one listing anew; None when nothing about it changed since it was judged last.

    Prices that came and went since then are put through the guard as in a replay, so that the memory is the same
    however many were told at once; nothing is opened about them, as they stand no more.
    """
    guard = held.guards[row.sku]
    price = queries.tidy(row.price or Decimal(0), row.currency)
    is_new_price = guard.price is None or guard.price != price or guard.price_version != row.price_version
    if not is_new_price and guard.listing_version == row.version:
        return None
    latest = told[-1] if told and told[-1].version == row.price_version else None
    if is_new_price:
        for one in told[:-1] if latest else told:
            _pass_by(held, row, one, at=at)
        event: replay.Event = replay.PriceSet(
            sku=row.sku,
            at=_moment(row, at=at),
            price=price,
            currency=latest.currency if latest else row.currency,
            category=row.category,
            list_price=row.list_price,
            cost=row.cost,
        )
    else:
        event = replay.ClockStruck(row.sku, at)
    outcomes = replay.step(held.published.policy, held.shop, event)
    guard.price, guard.price_version, guard.listing_version = price, row.price_version, row.version
    facts = held.shop.listings[row.sku].facts
    return Looked(row, outcomes[0], held.published.policy.holding_for(facts), by=latest.by if latest else "")


def _pass_by(held: Held, row: Listing, told: Told, *, at: datetime) -> None:
    price = queries.tidy(told.price, told.currency)
    event = replay.PriceSet(row.sku, min(told.at, at), price, currency=told.currency, category=row.category)
    replay.step(held.published.policy, held.shop, event)


def _moment(row: Listing, *, at: datetime) -> datetime:
    """A price holds from when the platform says; a clock ahead of ours is not believed."""
    return min(row.price_changed_at, at) if row.price_changed_at else at


@transaction_required
def write_memories(held: Held, skus: Sequence[str], *, at: datetime) -> None:
    """Write what was learned beside the listings, with the bounds that follow from it."""
    rows: list[dict[str, Any]] = []
    first_time: dict[Decimal, int] = {}
    had: list[dict[str, Any]] = []
    for sku in skus:
        listing, guard = held.shop.listings[sku], held.guards[sku]
        limits = _bounds(held, listing, at=at)
        trusted = listing.memory.trusted(at=at)
        rows.append(
            {
                "merchant_id": held.merchant_id,
                "listing_id": guard.listing_id,
                "price": guard.price,
                "low": limits.low,
                "high": limits.high,
                "valid_until": limits.valid_until,
                "stamp": held.published.stamp,
                "price_version": guard.price_version,
                "listing_version": guard.listing_version,
                "memory": stored.memory_out(listing.memory),
                "trusted_price": trusted.price if trusted else None,
                "judged_at": at,
                "floor_price": guard.floor_price,
            }
        )
        for price in set(listing.memory.familiar) - held.known_prices.get(sku, frozenset()):
            first_time[price] = first_time.get(price, 0) + 1
            had.append({"merchant_id": held.merchant_id, "listing_id": guard.listing_id, "price": price})
    upserts.upsert(ListingGuard, rows, key=("merchant_id", "listing_id"), update=JUDGED)
    upserts.upsert(HadPrice, had, key=("merchant_id", "listing_id", "price"))
    _count_uses(held.merchant_id, first_time)


def _bounds(held: Held, listing: replay.Listing, *, at: datetime) -> bounds.Bounds:
    """Return bounds outside which the policies that act, or one in shadow, may object."""
    policy, facts = held.published.policy, replay.surrounded(held.shop, listing.facts)
    every = [policy.holding_for(facts).thresholds]
    every += [one.thresholds for _, one in policy.watching(sku=facts.sku, category=facts.category)]
    return bounds.narrowest([bounds.bounds(facts, one, listing.memory, at=at) for one in every])


def _count_uses(merchant_id: int, first_time: dict[Decimal, int]) -> None:
    """Count that further listings have had a price; the database adds, so two at once lose none."""
    rows = [{"merchant_id": merchant_id, "price": price, "listings": count} for price, count in first_time.items()]
    upserts.upsert(PriceUse, rows, key=("merchant_id", "price"), adding="listings")
