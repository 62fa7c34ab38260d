"""Putting the rows of an order file into the tables, set by set.

Everything here is a step of the import command and safe to run twice: what is
known already is left as it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db import connection

from merchant_protection.foundation import crypto
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Buyer, Import, Listing, Order
from merchant_protection.marketplace.rules.order_rows import Line, RowReader

BLOCK = 5_000


@dataclass
class OrderFacts:
    """What the lines of one order add up to."""

    placed_at: datetime
    buyer: str
    country: str
    total: Decimal = Decimal(0)
    units: int = 0
    lines: int = 0
    skus: dict[str, None] = field(default_factory=dict)


@dataclass
class ListingFacts:
    """What the lines say of one product: its last name, and its last price above zero."""

    title: str = ""
    price: Decimal | None = None
    price_at: datetime | None = None


@dataclass
class BuyerFacts:
    """What the lines say of one buyer."""

    country: str
    first_at: datetime


@dataclass
class Found:
    """Everything one file tells of orders, products and buyers."""

    orders: dict[str, OrderFacts] = field(default_factory=dict)
    listings: dict[str, ListingFacts] = field(default_factory=dict)
    buyers: dict[str, BuyerFacts] = field(default_factory=dict)
    of_several_times: set[str] = field(default_factory=set)

    def add(self, line: Line) -> None:
        """Take one line into account."""
        order = self.orders.get(line.number)
        if order is None:
            order = self.orders[line.number] = OrderFacts(line.at, line.buyer, line.country)
        elif line.at != order.placed_at:
            self.of_several_times.add(line.number)
            order.placed_at = min(order.placed_at, line.at)
        order.total += line.quantity * line.unit_price
        order.units += line.quantity
        order.lines += 1
        order.skus[line.sku] = None
        self._add_listing(line)
        if line.buyer:
            buyer = self.buyers.get(line.buyer)
            if buyer is None:
                self.buyers[line.buyer] = BuyerFacts(line.country, line.at)
            elif line.at < buyer.first_at:
                buyer.first_at = line.at

    def _add_listing(self, line: Line) -> None:
        listing = self.listings.get(line.sku)
        if listing is None:
            listing = self.listings[line.sku] = ListingFacts()
        if line.title:
            listing.title = line.title
        if line.unit_price > 0 and (listing.price_at is None or line.at >= listing.price_at):
            listing.price, listing.price_at = line.unit_price, line.at


@transaction_required
def add_products_buyers_orders(job: Import, found: Found, *, reader: RowReader, at: datetime) -> None:
    """Add the products, buyers and orders that are not known yet."""
    _add_listings(job, found, at=at)
    _add_buyers(job, found, at=at)
    _add_orders(job, found, reader=reader, at=at)


@transaction_required
def add_lines(job: Import, lines: Iterable[Line], ids: "Ids") -> int:
    """Add the lines that are not known yet; return how many were new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS import_lines (order_id bigint, ordinal int, listing_id bigint, "
            "buyer_id bigint, sku text, title text, quantity int, unit_price numeric, at timestamptz, flags text[]) "
            "ON COMMIT DELETE ROWS"
        )
        _copy(cursor, "import_lines", (ids.row(line) for line in lines))
        cursor.execute(
            "WITH added AS (INSERT INTO marketplace_orderline (merchant_id, order_id, ordinal, listing_id, buyer_id, "
            "sku, title, quantity, unit_price, discount, paid, at, flags) SELECT %s, order_id, ordinal, listing_id, "
            "buyer_id, sku, title, quantity, unit_price, 0, quantity * unit_price, at, flags FROM import_lines "
            "ON CONFLICT (merchant_id, order_id, ordinal) DO NOTHING RETURNING order_id) "
            "SELECT count(*), array_agg(DISTINCT order_id) FROM added",
            [job.merchant_id],
        )
        count, order_ids = cursor.fetchone()
        if order_ids:
            _recount_older_orders(cursor, job, order_ids)
    return int(count)


class Ids:
    """The numbers under which the database knows a file's products, buyers and orders."""

    def __init__(self, job: Import) -> None:
        mine = {"merchant_id": job.merchant_id}
        self.orders = dict(Order.objects.filter(**mine).values_list("number", "pk"))
        self.listings = dict(Listing.objects.filter(**mine).values_list("sku", "pk"))
        self.buyers = dict(Buyer.objects.filter(**mine).values_list("ref", "pk"))
        self._moments: dict[datetime, str] = {}  # the lines of an order share theirs

    def row(self, line: Line) -> str:
        """Return the line in COPY's text form."""
        buyer_id = self.buyers.get(line.buyer) if line.buyer else None
        if (at := self._moments.get(line.at)) is None:
            at = self._moments[line.at] = str(line.at)
        return (
            f"{self.orders[line.number]}\t{line.ordinal}\t{self.listings[line.sku]}\t{buyer_id or _NULL}\t"
            f"{_escaped(line.sku)}\t{_escaped(line.title)}\t{line.quantity}\t{line.unit_price}\t{at}\t"
            f"{{{','.join(line.flags)}}}\n"
        )


_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _escaped(text: str) -> str:
    # Most texts need no care, and looking is ten times cheaper than translating.
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _copy(cursor: Any, table: str, rows: Iterator[str]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for block in batched(rows, BLOCK):
            copy.write("".join(block))


def _fields(*values: object) -> str:
    return "\t".join(_NULL if value is None else _escaped(str(value)) for value in values) + "\n"


def _array(texts: Iterable[str]) -> str:
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return "{" + ",".join(quoted) + "}"


def _add_listings(job: Import, found: Found, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE import_listings (sku text, title text, price numeric, price_at timestamptz) "
            "ON COMMIT DROP"
        )
        rows = (_fields(sku, facts.title or sku, facts.price, facts.price_at) for sku, facts in found.listings.items())
        _copy(cursor, "import_listings", rows)
        cursor.execute(
            "INSERT INTO marketplace_listing (merchant_id, sku, title, category, currency, price, price_changed_at, "
            "status, image_url, version, price_version, updated_at) SELECT %s, sku, title, '', %s, price, price_at, "
            "'LISTED', '', 0, 0, %s FROM import_listings ON CONFLICT (merchant_id, sku) DO NOTHING",
            [job.merchant_id, job.currency, at],
        )


def _add_buyers(job: Import, found: Found, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE import_buyers (ref text, key text, country text, first_at timestamptz) ON COMMIT DROP"
        )
        rows = (
            _fields(ref, crypto.keyed_hash("buyer", ref), facts.country, facts.first_at)
            for ref, facts in found.buyers.items()
        )
        _copy(cursor, "import_buyers", rows)
        cursor.execute(
            "INSERT INTO marketplace_buyer (merchant_id, ref, key, level, phone_verified, real_name_verified, country, "
            "first_order_at, version, updated_at) SELECT %s, ref, key, '', false, false, country, first_at, 0, %s "
            "FROM import_buyers ON CONFLICT (merchant_id, ref) DO NOTHING",
            [job.merchant_id, at],
        )


def _add_orders(job: Import, found: Found, *, reader: RowReader, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE import_orders (number text, kind text, status text, buyer text, placed_at timestamptz, "
            "total numeric, units int, lines int, skus text[], country text) ON COMMIT DROP"
        )
        rows = (_order_row(number, facts, reader=reader) for number, facts in found.orders.items())
        _copy(cursor, "import_orders", rows)
        cursor.execute(
            "INSERT INTO marketplace_order (merchant_id, number, kind, buyer_id, status, placed_at, channel, currency, "
            "total, units, lines_count, skus, country, recipient_sealed, phone_key, recipient_key, address_exact, "
            "address_building, address_fuzzy, address_tags, address_list_version, device_key, ip_key, ip_net_key, "
            "payment_key, legal_hold, version, import_job_id, updated_at) "
            "SELECT %(merchant)s, o.number, o.kind, b.id, o.status, o.placed_at, '', %(currency)s, o.total, o.units, "
            "o.lines, o.skus, o.country, '', '', '', '', '', '', '{}', 0, '', '', '', '', false, 0, %(job)s, %(at)s "
            "FROM import_orders o LEFT JOIN marketplace_buyer b ON b.merchant_id = %(merchant)s AND b.ref = o.buyer "
            "ON CONFLICT (merchant_id, number) DO NOTHING",
            {"merchant": job.merchant_id, "currency": job.currency, "job": job.pk, "at": at},
        )


def _order_row(number: str, facts: OrderFacts, *, reader: RowReader) -> str:
    cancelled = reader.is_cancellation(number)
    return _fields(
        number,
        Order.Kind.CANCELLATION if cancelled else Order.Kind.SALE,
        Order.Status.REFUNDED if cancelled else Order.Status.DELIVERED,
        facts.buyer or None,
        facts.placed_at,
        facts.total,
        facts.units,
        facts.lines,
        _array(facts.skus),
        facts.country,
    )


def _recount_older_orders(cursor: Any, job: Import, order_ids: list[int]) -> None:
    """An order that was known before this file has new lines: add it up again."""
    known = Order.objects.filter(merchant_id=job.merchant_id, pk__in=order_ids)
    older = list(known.exclude(import_job_id=job.pk).values_list("pk", flat=True))
    if not older:
        return  # of a first load all orders are new, and their sums were counted while reading
    cursor.execute(
        "UPDATE marketplace_order o SET total = s.total, units = s.units, lines_count = s.lines, skus = s.skus "
        "FROM (SELECT order_id, sum(paid) AS total, sum(quantity) AS units, count(*) AS lines, "
        "array_agg(DISTINCT sku) AS skus FROM marketplace_orderline "
        "WHERE merchant_id = %(merchant)s AND order_id = ANY(%(older)s) GROUP BY order_id) s "
        "WHERE o.merchant_id = %(merchant)s AND o.id = s.order_id",
        {"merchant": job.merchant_id, "older": older},
    )
