"""What people teach the guard: a price they say is meant is learned, and counts as confirmed."""

from datetime import datetime
from decimal import Decimal

from django.db.models import F

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import HadPrice, PriceUse
from pricing_guard.queries import listings as queries
from pricing_guard.rules import memory, replay
from pricing_guard.services.watching import loading, prices


@transaction_required
def meant(listing: Listing, *, price: Decimal, at: datetime) -> None:
    """Learn a price that a person confirmed, under the lock of the listing's guard."""
    guards = queries.lock_guards(listing.merchant_id, [listing.pk])
    held = loading.hold(listing.merchant_id, [listing], guards, at=at)
    if listing.sku not in held.shop.listings:
        return
    plain = queries.tidy(price, listing.currency)
    replay.step(held.published.policy, held.shop, replay.Answered(listing.sku, at, plain, meant=True))
    prices.write_memories(held, [listing.sku], at=at)


@transaction_required
def unsaid(listing: Listing, *, price: Decimal, said_at: datetime, at: datetime) -> None:
    """Forget a price whose "it is meant" was taken back, under the lock of the listing's guard."""
    guards = queries.lock_guards(listing.merchant_id, [listing.pk])
    held = loading.hold(listing.merchant_id, [listing], guards, at=at)
    if listing.sku not in held.shop.listings:
        return
    known = held.shop.listings[listing.sku]
    plain = queries.tidy(price, listing.currency)
    known.memory = memory.forget(known.memory, price=plain, at=said_at)
    prices.write_memories(held, [listing.sku], at=at)
    if plain in known.memory.familiar:
        return
    had = HadPrice.objects.filter(merchant_id=listing.merchant_id, listing=listing, price=plain)
    if had.delete()[0]:
        uses = PriceUse.objects.filter(merchant_id=listing.merchant_id, price=plain, listings__gt=0)
        uses.update(listings=F("listings") - 1)
