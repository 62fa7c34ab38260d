"""What a price check is answered from, read in one question to the database."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import ListingGuard
from pricing_guard.rules import facts
from pricing_guard.rules.findings import Check

LOOK = """
WITH shop AS (
    SELECT id, code, currency FROM accounts_merchant
    WHERE is_active AND (code = %(code)s::text OR %(code)s::text IS NULL AND id = %(own)s::bigint)
), listing AS (
    SELECT own.* FROM marketplace_listing own JOIN shop ON own.merchant_id = shop.id WHERE own.sku = %(sku)s::text
)
SELECT jsonb_build_object(
    'shop', shop.id, 'code', shop.code, 'currency', shop.currency,
    'stamp', coalesce((SELECT stamp FROM pricing_guard_guardshop WHERE merchant_id = shop.id), 0),
    'listing', (SELECT jsonb_build_object('id', id, 'category', category, 'currency', currency, 'price', price::text,
            'list_price', list_price::text, 'cost', cost::text) FROM listing),
    'guard', (SELECT jsonb_build_object('id', guard.id, 'price', guard.price::text, 'memory', guard.memory,
            'floor_price', guard.floor_price::text)
        FROM pricing_guard_listingguard guard
        WHERE guard.merchant_id = shop.id AND guard.listing_id = (SELECT id FROM listing)),
    'promotions', (SELECT jsonb_agg(jsonb_build_array(code, kind, value::text, starts_at, ends_at, skus,
            threshold::text, stack_group, funding) ORDER BY id)
        FROM marketplace_promotion
        WHERE merchant_id = shop.id AND skus && ARRAY[%(sku)s]::varchar[] AND ends_at > %(at)s::timestamptz
          AND status <> 'CANCELLED'),
    'suspensions', (SELECT jsonb_agg(jsonb_build_array(checks, until) ORDER BY id) FROM pricing_guard_suspension
        WHERE merchant_id = shop.id AND listing_id = (SELECT id FROM listing) AND until > %(at)s::timestamptz),
    'windows', (SELECT jsonb_agg(jsonb_build_array(reason, starts_at, ends_at, skus, categories, lowest_price::text)
            ORDER BY id)
        FROM pricing_guard_approvedwindow
        WHERE merchant_id = shop.id AND status = 'APPROVED' AND ends_at > %(at)s::timestamptz),
    'uses', (SELECT jsonb_agg(jsonb_build_array(price::text, listings)) FROM pricing_guard_priceuse
        WHERE merchant_id = shop.id AND price = %(price)s::numeric)
)::text FROM shop
"""


class SeenListing(msgspec.Struct, frozen=True):
    """The listing that was asked about."""

    id: int
    category: str
    currency: str
    price: Decimal | None
    list_price: Decimal | None
    cost: Decimal | None


class SeenGuard(msgspec.Struct, frozen=True):
    """What the guard remembers of it."""

    id: int
    price: Decimal | None
    memory: dict[str, Any]
    floor_price: Decimal | None


class SeenPromotion(msgspec.Struct, array_like=True, frozen=True):
    """A promotion on it that runs or is to come."""

    code: str
    kind: str
    value: Decimal
    starts_at: datetime
    ends_at: datetime
    skus: list[str]
    threshold: Decimal | None
    stack_group: str
    funding: str


class SeenSuspension(msgspec.Struct, array_like=True, frozen=True):
    """An answer "it is meant" that still holds for it."""

    checks: list[str]
    until: datetime


class SeenWindow(msgspec.Struct, array_like=True, frozen=True):
    """An approved window of the shop that has not ended."""

    reason: str
    starts_at: datetime
    ends_at: datetime
    skus: list[str]
    categories: list[str]
    lowest_price: Decimal | None


class Seen(msgspec.Struct, frozen=True):
    """The shop, the listing if it is known, and all around it that an answer depends on."""

    shop: int
    code: str
    currency: str
    stamp: int
    listing: SeenListing | None = None
    guard: SeenGuard | None = None
    promotions: list[SeenPromotion] | None = None
    suspensions: list[SeenSuspension] | None = None
    windows: list[SeenWindow] | None = None
    uses: list[tuple[Decimal, int]] | None = None

    def shop_row(self) -> Merchant:
        """Return the shop as a row, with what an answer tells of it; nothing is to be saved of it."""
        return Merchant(pk=self.shop, code=self.code, currency=self.currency)

    def listing_row(self, sku: str) -> Listing | None:
        """Return the listing as a row in the same way, with what judging takes of it."""
        one = self.listing
        if one is None:
            return None
        return Listing(
            pk=one.id,
            merchant_id=self.shop,
            sku=sku,
            category=one.category,
            currency=one.currency,
            price=one.price,
            list_price=one.list_price,
            cost=one.cost,
        )

    def guard_row(self) -> ListingGuard | None:
        """Return its guard in the same way."""
        one = self.guard
        if one is None or self.listing is None:
            return None
        return ListingGuard(
            pk=one.id,
            merchant_id=self.shop,
            listing_id=self.listing.id,
            price=one.price,
            memory=one.memory,
            floor_price=one.floor_price,
        )

    def quiet(self, sku: str) -> tuple[facts.Suspension, ...]:
        """Return the answers that still hold, as the rules know them."""
        return tuple(
            facts.Suspension(sku, frozenset(Check(name) for name in one.checks), one.until)
            for one in self.suspensions or ()
        )


_reader = msgspec.json.Decoder(Seen)


def look(*, code: str | None, own: int | None, sku: str, price: Decimal, at: datetime) -> Seen | None:
    """Return all that the answer about a price depends on; nothing when no open shop has the code."""
    tenancy.require_scope()
    given = {"code": code, "own": own, "sku": sku, "price": price, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(LOOK, given)
        row = cursor.fetchone()
    return _reader.decode(row[0]) if row else None
