"""What an event may hold: the envelope and the data of each type, checked by a compiled validator.

Fields that are not named here are not kept: what we never store needs no protection.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

SCHEMAS = frozenset({1})
LARGEST = 9_223_372_036_854_775_807

Text = Annotated[str, Meta(max_length=120)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Title = Annotated[str, Meta(max_length=300)]
Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,4})?\Z")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]
Address = Annotated[str, Meta(pattern=r"^https?://\S+\Z", max_length=500)]
Stock = Annotated[int, Meta(ge=-2_000_000_000, le=2_000_000_000)]


class Envelope(msgspec.Struct, frozen=True):
    """What every event says of itself."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]
    type: Annotated[str, Meta(min_length=1, max_length=40)]
    merchant: Annotated[str, Meta(min_length=1, max_length=40)]
    occurred_at: Moment
    version: Annotated[int, Meta(ge=1, le=LARGEST)]
    data: msgspec.Raw
    schema: Annotated[int, Meta(ge=1, le=32767)] = 1


class Listing(msgspec.Struct, frozen=True):
    """`listing.changed`."""

    sku: Name
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    list_price: Amount | None
    price: Amount
    currency: Currency
    stock: Stock | None
    status: Literal["LISTED", "DELISTED"]
    category: Text = ""
    cost: Amount | None = None
    image_url: Annotated[str, Meta(pattern=r"^(https?://\S+)?\Z", max_length=200)] = ""

    @property
    def key(self) -> str:
        return self.sku


class Price(msgspec.Struct, frozen=True):
    """`price.changed`."""

    sku: Name
    price: Amount
    currency: Currency
    list_price: Amount | None = None
    cost: Amount | None = None
    by: Annotated[str, Meta(max_length=80)] = ""

    @property
    def key(self) -> str:
        return self.sku


class Promotion(msgspec.Struct, frozen=True):
    """`promotion.changed`."""

    code: Name
    kind: Literal["COUPON", "THRESHOLD", "PERCENTAGE", "FIXED_PRICE"]
    skus: Annotated[list[Name], Meta(max_length=5_000)]
    value: Amount
    starts_at: Moment
    ends_at: Moment
    funding: Literal["MERCHANT", "PLATFORM"]
    status: Literal["PLANNED", "RUNNING", "ENDED", "CANCELLED"]
    title: Annotated[str, Meta(max_length=200)] = ""
    threshold: Amount | None = None
    stack_group: Annotated[str, Meta(max_length=40)] | None = None

    @property
    def key(self) -> str:
        return self.code


class Buyer(msgspec.Struct, frozen=True):
    """`buyer.changed`."""

    ref: Name
    account_created_at: Moment | None
    phone_verified: bool
    real_name_verified: bool
    level: Annotated[str, Meta(max_length=40)] | None = None
    paid_orders: Annotated[int, Meta(ge=0, le=2_000_000_000)] | None = None

    @property
    def key(self) -> str:
        return self.ref


class Line(msgspec.Struct, frozen=True):
    """One line of an order."""

    sku: Name
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    unit_price: Amount
    paid: Amount
    title: Title = ""
    discount: Amount = "0"


class Recipient(msgspec.Struct, frozen=True):
    """Who receives a parcel, and where: personal data, kept sealed only."""

    name: Annotated[str, Meta(max_length=200)] = ""
    phone: Annotated[str, Meta(max_length=64)] = ""
    address: Annotated[str, Meta(max_length=1_000)] = ""


class Order(msgspec.Struct, frozen=True):
    """`order.changed`."""

    number: Name
    buyer: Name
    status: Literal["PLACED", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "EXPIRED", "REFUNDED"]
    placed_at: Moment
    currency: Currency
    total: Amount
    lines: Annotated[list[Line], Meta(min_length=1, max_length=500)]
    channel: Annotated[str, Meta(max_length=40)] = ""
    recipient: Recipient | None = None
    device: Annotated[str, Meta(max_length=300)] = ""
    ip: Annotated[str, Meta(max_length=64)] = ""
    payment: Annotated[str, Meta(max_length=300)] = ""
    country: Annotated[str, Meta(max_length=60)] = ""
    shipped_at: Moment | None = None

    @property
    def key(self) -> str:
        return self.number


class AfterSale(msgspec.Struct, frozen=True):
    """`after_sale.changed`."""

    number: Name
    order: Name
    buyer: Name
    kind: Literal["REFUND_ONLY", "RETURN", "EXCHANGE"]
    status: Literal["OPEN", "AGREED", "REFUNDED", "RETURNED", "REJECTED", "CLOSED"]
    amount: Amount
    currency: Currency
    opened_at: Moment
    reason: Text = ""
    wording: Annotated[str, Meta(max_length=10_000)] | None = None
    pictures: Annotated[list[Address], Meta(max_length=50)] = msgspec.field(default_factory=list)
    tracking: Annotated[str, Meta(max_length=120)] = ""
    carrier: Annotated[str, Meta(max_length=60)] = ""

    @property
    def key(self) -> str:
        return self.number


type Data = Listing | Price | Promotion | Buyer | Order | AfterSale

TYPES: dict[str, type[Data]] = {
    "listing.changed": Listing,
    "price.changed": Price,
    "promotion.changed": Promotion,
    "buyer.changed": Buyer,
    "order.changed": Order,
    "after_sale.changed": AfterSale,
}
