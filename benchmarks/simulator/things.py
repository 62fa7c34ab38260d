"""What a marketplace consists of, and how each thing reads in an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

CURRENCY = "CNY"
CENT = Decimal("0.01")


def yuan(amount: Decimal) -> str:
    """Write an amount as events carry it: "129.00"."""
    return str(amount.quantize(CENT))


def moment(at: datetime) -> str:
    """Write a time as RFC 3339 with its offset."""
    return at.isoformat(timespec="milliseconds")


@dataclass
class Listing:
    """One product on sale in one shop."""

    merchant: str
    sku: str
    title: str
    category: str
    list_price: Decimal
    price: Decimal
    cost: Decimal
    stock: int
    popularity: float = 1.0
    status: str = "LISTED"
    usual_price: Decimal | None = None
    announced_stock: int = 0

    def data(self) -> dict[str, Any]:
        """Return the data of `listing.changed`."""
        return {
            "sku": self.sku,
            "title": self.title,
            "category": self.category,
            "list_price": yuan(self.list_price),
            "price": yuan(self.price),
            "cost": yuan(self.cost),
            "currency": CURRENCY,
            "stock": self.stock,
            "status": self.status,
        }

    def price_data(self, by: str) -> dict[str, Any]:
        """Return the data of `price.changed`."""
        return {
            "sku": self.sku,
            "price": yuan(self.price),
            "currency": CURRENCY,
            "list_price": yuan(self.list_price),
            "cost": yuan(self.cost),
            "by": by,
        }


@dataclass
class Promotion:
    """A discount that a shop offers for a time.

    `value` is money off for COUPON and THRESHOLD, percent off for PERCENTAGE and
    the price itself for FIXED_PRICE. Promotions of one stack group exclude each other.
    """

    merchant: str
    code: str
    title: str
    kind: str
    skus: list[str]
    value: Decimal
    threshold: Decimal | None
    stack_group: str
    starts_at: datetime
    ends_at: datetime
    funding: str = "MERCHANT"
    status: str = "PLANNED"

    def data(self) -> dict[str, Any]:
        """Return the data of `promotion.changed`."""
        data: dict[str, Any] = {
            "code": self.code,
            "title": self.title,
            "kind": self.kind,
            "skus": list(self.skus),
            "value": yuan(self.value),
            "stack_group": self.stack_group,
            "starts_at": moment(self.starts_at),
            "ends_at": moment(self.ends_at),
            "funding": self.funding,
            "status": self.status,
        }
        if self.threshold is not None:
            data["threshold"] = yuan(self.threshold)
        return data

    def discount(self, price: Decimal, quantity: int) -> Decimal:
        """Return what this promotion takes off a line of this price."""
        gross = price * quantity
        if self.threshold is not None and gross < self.threshold:
            return Decimal(0)
        if self.kind == "PERCENTAGE":
            return (gross * self.value / 100).quantize(CENT)
        if self.kind == "FIXED_PRICE":
            return max(Decimal(0), gross - self.value * quantity)
        return min(self.value, gross)


@dataclass
class Buyer:
    """A person, or an account that pretends to be one."""

    ref: str
    created_at: datetime
    name: str
    phone: str
    address: str
    device: str
    ip: str
    payment: str
    level: int = 1
    phone_verified: bool = True
    real_name_verified: bool = True
    paid_orders: int = 0
    restricted_in: list[str] = field(default_factory=list)
    known_to: list[str] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """Return the data of `buyer.changed`."""
        return {
            "ref": self.ref,
            "account_created_at": moment(self.created_at),
            "level": f"V{self.level}",
            "phone_verified": self.phone_verified,
            "real_name_verified": self.real_name_verified,
            "paid_orders": self.paid_orders,
        }


@dataclass
class Line:
    """One product within an order."""

    sku: str
    title: str
    quantity: int
    unit_price: Decimal
    discount: Decimal

    @property
    def paid(self) -> Decimal:
        """Return what the buyer pays for this line."""
        return self.unit_price * self.quantity - self.discount

    def data(self) -> dict[str, Any]:
        """Return this line as an order event carries it."""
        return {
            "sku": self.sku,
            "title": self.title,
            "quantity": self.quantity,
            "unit_price": yuan(self.unit_price),
            "discount": yuan(self.discount),
            "paid": yuan(self.paid),
        }


@dataclass
class Order:
    """One order of one buyer in one shop."""

    merchant: str
    number: str
    buyer: str
    placed_at: datetime
    lines: list[Line]
    channel: str
    recipient: dict[str, str]
    device: str
    ip: str
    payment: str
    status: str = "PLACED"
    shipped_at: datetime | None = None
    held: list[str] = field(default_factory=list)
    story: str = ""

    @property
    def total(self) -> Decimal:
        """Return what the buyer pays in all."""
        return sum((line.paid for line in self.lines), Decimal(0))

    def data(self) -> dict[str, Any]:
        """Return the data of `order.changed`."""
        data: dict[str, Any] = {
            "number": self.number,
            "buyer": self.buyer,
            "status": self.status,
            "placed_at": moment(self.placed_at),
            "channel": self.channel,
            "currency": CURRENCY,
            "total": yuan(self.total),
            "lines": [line.data() for line in self.lines],
            "recipient": dict(self.recipient),
            "device": self.device,
            "ip": self.ip,
            "payment": self.payment,
        }
        if self.shipped_at is not None:
            data["shipped_at"] = moment(self.shipped_at)
        return data


@dataclass
class AfterSale:
    """What a buyer asks for after an order."""

    merchant: str
    number: str
    order: str
    buyer: str
    kind: str
    reason: str
    wording: str
    amount: Decimal
    opened_at: datetime
    status: str = "OPEN"
    pictures: list[str] = field(default_factory=list)
    tracking: str = ""
    carrier: str = ""
    refund_stopped: bool = False
    story: str = ""

    def data(self) -> dict[str, Any]:
        """Return the data of `after_sale.changed`."""
        data: dict[str, Any] = {
            "number": self.number,
            "order": self.order,
            "buyer": self.buyer,
            "kind": self.kind,
            "status": self.status,
            "reason": self.reason,
            "wording": self.wording,
            "amount": yuan(self.amount),
            "currency": CURRENCY,
            "opened_at": moment(self.opened_at),
            "pictures": list(self.pictures),
        }
        if self.tracking:
            data |= {"tracking": self.tracking, "carrier": self.carrier}
        return data
