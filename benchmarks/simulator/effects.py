"""What an action does to the marketplace, aspect by aspect.

Each aspect knows which values it takes, reads its present value and sets it absolutely.
What was set shows again in events, as on a real platform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from benchmarks.simulator import after_sales, orders
from benchmarks.simulator.market import Market
from benchmarks.simulator.things import CENT, CURRENCY, AfterSale, Buyer, Listing, Order, yuan


class Unfit(ValueError):
    """The value does not fit the aspect."""


@dataclass(frozen=True)
class Aspect:
    """One side of a target: its kinds, the default, a check of values and how one is set."""

    kinds: tuple[str, ...]
    default: Any
    check: Callable[[Any], Any]
    put: Callable[[Market, str, Any, Any], None]
    read: Callable[[Any], Any] | None = None


def one_of(*values: str) -> Callable[[Any], Any]:
    """Return a check for a closed list of words."""

    def check(value: Any) -> Any:
        if value not in values:
            raise Unfit(f"must be one of {', '.join(values)}")
        return value

    return check


def _price(value: Any) -> Any:
    if not isinstance(value, dict) or set(value) != {"amount", "currency"} or value["currency"] != CURRENCY:
        raise Unfit(f'must be {{"amount": "129.00", "currency": "{CURRENCY}"}}')
    try:
        amount = Decimal(str(value["amount"]))
        if not amount.is_finite() or amount < 0 or amount != amount.quantize(CENT):
            raise Unfit("amount must be zero or more, with two decimals at most")
    except InvalidOperation as error:
        raise Unfit("amount must be a decimal string") from error
    return {"amount": yuan(amount), "currency": CURRENCY}


def _stock(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unfit("must be a whole number, zero or more")
    return value


def _open_or(word: str, key: str, kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value == word:
            return value
        if not isinstance(value, dict) or set(value) != {key} or not isinstance(value[key], kind):
            raise Unfit(f'must be "{word}" or {{"{key}": …}}')
        return value

    return check


def _put_availability(market: Market, merchant: str, listing: Listing, value: Any) -> None:
    listing.status = value
    market.tell_listing(listing)


def _put_price(market: Market, merchant: str, listing: Listing, value: Any) -> None:
    listing.price = Decimal(value["amount"])
    market.tell_price(listing, by="portal")


def _put_stock(market: Market, merchant: str, listing: Listing, value: Any) -> None:
    listing.stock = value
    market.tell_listing(listing)


def _put_hold(reason: str) -> Callable[[Market, str, Any, Any], None]:
    def put(market: Market, merchant: str, order: Order, value: Any) -> None:
        (orders.hold if value == "HELD" else orders.release)(market, order, reason)

    return put


def _put_refund(market: Market, merchant: str, case: AfterSale, value: Any) -> None:
    (after_sales.stop_refund if value == "STOPPED" else after_sales.allow_refund)(market, case)


def _put_visibility(market: Market, merchant: str, review: str, value: Any) -> None:
    """Nothing on this marketplace shows reviews; the state itself is the effect."""


def _put_purchasing(market: Market, merchant: str, buyer: Buyer, value: Any) -> None:
    if value == "ALLOWED":
        buyer.restricted_in = [code for code in buyer.restricted_in if code != merchant]
    elif merchant not in buyer.restricted_in:
        buyer.restricted_in.append(merchant)


def _exemption(value: Any) -> Any:
    if value == "COUNTED":
        return value
    if not isinstance(value, dict) or set(value) != {"grounds", "evidence"} or len(str(value["evidence"])) != 64:
        raise Unfit('must be "COUNTED" or {"grounds": …, "evidence": a SHA-256}')
    return value


def _put_metrics(market: Market, merchant: str, order: Order, value: Any) -> None:
    """The figures of a shop are no part of this marketplace; the state itself is the effect."""


def _put_new_orders(market: Market, merchant: str, target: Any, value: Any) -> None:
    shop = market.shops[merchant]
    own = {target.sku} if isinstance(target, Listing) else set(shop.held_skus)
    wanted = set() if value == "OPEN" else {str(sku) for sku in value["held_skus"]}
    before = set(shop.held_skus)
    shop.held_skus = sorted((before - own) | wanted)
    freed = before - set(shop.held_skus)
    for order in market.orders.values():
        lines = {line.sku for line in order.lines}
        if (
            order.merchant == merchant
            and "new_orders" in order.held
            and lines & freed
            and not lines & set(shop.held_skus)
        ):
            orders.release(market, order, "new_orders")


ASPECTS: dict[str, Aspect] = {
    "availability": Aspect(
        ("LISTING",), "LISTED", one_of("LISTED", "DELISTED"), _put_availability, lambda listing: listing.status
    ),
    "price": Aspect(
        ("LISTING",), None, _price, _put_price, lambda one: {"amount": yuan(one.price), "currency": CURRENCY}
    ),
    "stock": Aspect(("LISTING",), None, _stock, _put_stock, lambda listing: listing.stock),
    "fulfilment": Aspect(("ORDER",), "OPEN", one_of("OPEN", "HELD"), _put_hold("fulfilment")),
    "shipment": Aspect(("ORDER",), "OPEN", one_of("OPEN", "HELD"), _put_hold("shipment")),
    "metrics": Aspect(("ORDER",), "COUNTED", _exemption, _put_metrics),
    "refund": Aspect(("AFTER_SALE",), "OPEN", one_of("OPEN", "STOPPED"), _put_refund),
    "visibility": Aspect(("REVIEW",), "SHOWN", one_of("SHOWN", "HIDDEN"), _put_visibility),
    "purchasing": Aspect(("BUYER",), "ALLOWED", _open_or("ALLOWED", "restricted", object), _put_purchasing),
    "new_orders": Aspect(("LISTING", "SHOP"), "OPEN", _open_or("OPEN", "held_skus", list), _put_new_orders),
}


def find(market: Market, merchant: str, kind: str, ref: str) -> Any:
    """Return the target of an action, or None."""
    shop = market.shops.get(merchant)
    if shop is None:
        return None
    if kind == "LISTING":
        return shop.listings.get(ref)
    if kind == "ORDER":
        return market.order(merchant, ref)
    if kind == "AFTER_SALE":
        return market.after_sales.get(f"{merchant}/{ref}")
    if kind == "BUYER":
        return market.buyers.get(ref)
    if kind == "REVIEW":
        return ref if market.order(merchant, ref.removeprefix("RV-")) else None
    return shop if kind == "SHOP" and ref in (merchant, "") else None
