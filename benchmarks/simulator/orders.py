"""The life of an order: placed, paid, shipped, delivered; or expired, cancelled, refunded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from benchmarks.simulator import chance
from benchmarks.simulator.market import Market, Shop
from benchmarks.simulator.things import Buyer, Line, Listing, Order

CHANNELS = {"app": 70.0, "mini_program": 20.0, "web": 10.0}
PAYS = 0.93
PAYS_LATER_AND_CANCELS = 0.03
COMPLAINS = 0.075
STOCK_STEP_TOLD = 10
QUEUED = "queue"


def place(
    market: Market,
    shop: Shop,
    buyer: Buyer,
    wanted: Sequence[tuple[str, int]],
    *,
    address: str = "",
    story: str = "",
    pays: bool | None = None,
    urgent: bool = False,
) -> Order | None:
    """Let a buyer order; None when the shop, the buyer or the portal's answer forbids it."""
    goods = [(shop.listings[sku], quantity) for sku, quantity in wanted if sku in shop.listings]
    if not goods or shop.code in buyer.restricted_in or not all(_available(*one) for one in goods):
        return None
    rng = market.chance("orders")
    order = Order(
        merchant=shop.code,
        number=market.number(shop.code),
        buyer=buyer.ref,
        placed_at=market.now,
        lines=[_line(market, shop, listing, quantity) for listing, quantity in goods],
        channel=chance.weighted(rng, CHANNELS),
        recipient={"name": buyer.name, "phone": buyer.phone, "address": address or buyer.address},
        device=buyer.device,
        ip=buyer.ip,
        payment=buyer.payment,
        story=story,
    )
    answered = market.questions.order_answer(order)
    if answered.verdict == "reject":
        return None
    if answered.verdict != "allow":
        order.held.append(QUEUED if answered.due_at else "decision")
    if any(listing.sku in shop.held_skus for listing, _ in goods):
        order.held.append("new_orders")
    _take_in(market, shop, buyer, order, goods)
    if answered.due_at:
        wait = max(timedelta(), datetime.fromisoformat(answered.due_at) - market.now)
        market.book(wait, "turn", f"{order.merchant}/{order.number}", urgent=True)
    will_pay = rng.random() < PAYS if pays is None else pays
    _book_payment(market, order, pays=will_pay, urgent=urgent)
    return order


def _available(listing: Listing, quantity: int) -> bool:
    return listing.status == "LISTED" and listing.stock >= quantity > 0


def _line(market: Market, shop: Shop, listing: Listing, quantity: int) -> Line:
    off = discount(market, shop, listing, quantity)
    return Line(listing.sku, listing.title, quantity, listing.price, off)


def discount(market: Market, shop: Shop, listing: Listing, quantity: int) -> Decimal:
    """Return the most a buyer can take off: the best promotion of each stack group, all groups together."""
    best: dict[str, Decimal] = {}
    for promotion in shop.promotions.values():
        running = promotion.starts_at <= market.now < promotion.ends_at and promotion.status in ("PLANNED", "RUNNING")
        if running and listing.sku in promotion.skus:
            off = promotion.discount(listing.price, quantity)
            best[promotion.stack_group] = max(best.get(promotion.stack_group, Decimal(0)), off)
    return min(sum(best.values(), Decimal(0)), listing.price * quantity)


def _take_in(market: Market, shop: Shop, buyer: Buyer, order: Order, goods: list[tuple[Listing, int]]) -> None:
    if shop.code not in buyer.known_to:
        buyer.known_to.append(shop.code)
        market.buyers.setdefault(buyer.ref, buyer)
        market.tell_buyer(buyer, shop.code)
    market.keep(order)
    market.tell_order(order)
    for listing, quantity in goods:
        listing.stock -= quantity
        tell_stock(market, listing)


def tell_stock(market: Market, listing: Listing) -> None:
    """Tell the stock when it has moved a good step or is gone."""
    if listing.stock == 0 or abs(listing.announced_stock - listing.stock) >= STOCK_STEP_TOLD:
        market.tell_listing(listing)


def _book_payment(market: Market, order: Order, *, pays: bool, urgent: bool) -> None:
    ref = f"{order.merchant}/{order.number}"
    if pays:
        market.book(market.tempo.wait(market.chance("orders"), "pay"), "pay", ref, urgent=urgent)
    else:
        market.book(timedelta(seconds=market.tempo.expire), "expire", ref)


def pay(market: Market, ref: str) -> None:
    """The buyer pays."""
    order = market.orders.get(ref)
    if order is None or order.status != "PLACED":
        return
    order.status = "PAID"
    market.buyers[order.buyer].paid_orders += 1
    market.tell_order(order)
    rng = market.chance("orders")
    if not order.story and rng.random() < PAYS_LATER_AND_CANCELS:
        market.book(market.tempo.wait(rng, "pay"), "cancel", ref)
    book_shipping(market, order)


def book_shipping(market: Market, order: Order) -> None:
    """Put the parcel on the agenda."""
    market.book(market.tempo.wait(market.chance("orders"), "ship"), "ship", f"{order.merchant}/{order.number}")


def expire(market: Market, ref: str) -> None:
    """Nobody paid in time: the order ends and its goods return to the shelf."""
    order = market.orders.get(ref)
    if order is not None and order.status == "PLACED":
        _end(market, order, "EXPIRED")


def cancel(market: Market, ref: str) -> None:
    """The buyer thinks better of it before anything is shipped."""
    order = market.orders.get(ref)
    if order is not None and order.status in ("PLACED", "PAID"):
        _end(market, order, "CANCELLED")


def _end(market: Market, order: Order, status: str) -> None:
    order.status = status
    market.tell_order(order)
    shop = market.shops[order.merchant]
    for line in order.lines:
        if line.sku in shop.listings:
            shop.listings[line.sku].stock += line.quantity
            tell_stock(market, shop.listings[line.sku])


def ship(market: Market, ref: str) -> None:
    """The parcel leaves, unless somebody holds the order."""
    order = market.orders.get(ref)
    if order is None or order.status != "PAID" or order.held:
        return
    order.status, order.shipped_at = "SHIPPED", market.now
    market.tell_order(order)
    market.book(market.tempo.wait(market.chance("orders"), "deliver"), "deliver", ref)


def deliver(market: Market, ref: str) -> None:
    """The parcel arrives; now and then the buyer is not content."""
    order = market.orders.get(ref)
    if order is None or order.status != "SHIPPED":
        return
    order.status = "DELIVERED"
    market.tell_order(order)
    rng = market.chance("orders")
    if not order.story and rng.random() < COMPLAINS:
        market.book(market.tempo.wait(rng, "regret"), "complain", ref)


def turn(market: Market, ref: str) -> None:
    """The order's turn in the queue has come."""
    order = market.orders.get(ref)
    if order is not None:
        release(market, order, QUEUED)


def hold(market: Market, order: Order, reason: str) -> None:
    """Keep an order from being shipped."""
    if reason not in order.held:
        order.held.append(reason)


def release(market: Market, order: Order, reason: str) -> None:
    """Take one reason away; when none is left a paid order goes on its way."""
    if reason in order.held:
        order.held.remove(reason)
    if reason == "fulfilment":  # what the portal's answer held, the portal lets go
        order.held = [each for each in order.held if each not in ("decision", QUEUED)]
    if not order.held and order.status == "PAID":
        book_shipping(market, order)
