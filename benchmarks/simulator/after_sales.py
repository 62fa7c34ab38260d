"""What buyers ask for afterwards: refund only, return, exchange."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from benchmarks.simulator import chance, reading
from benchmarks.simulator.market import Market
from benchmarks.simulator.things import AfterSale, Order

KINDS = {"REFUND_ONLY": 40.0, "RETURN": 48.0, "EXCHANGE": 12.0}
REFUSED = 0.08
PART = 0.25


def complain(market: Market, ref: str) -> None:
    """An ordinary buyer opens an ordinary case."""
    order = market.orders.get(ref)
    if order is None or order.status != "DELIVERED":
        return
    rng = market.chance("after_sales")
    kind = chance.weighted(rng, KINDS)
    reason, wording = rng.choice(reading.words()["reasons"][kind])
    amount = order.total
    if kind == "REFUND_ONLY" and rng.random() < PART:
        amount = (order.total / 5).quantize(Decimal("0.01"))
    pictures = [f"https://img.example.com/as/{rng.getrandbits(40):010x}.jpg" for _ in range(rng.randint(0, 3))]
    begin(market, order, kind=kind, reason=reason, wording=wording, amount=amount, pictures=pictures)


def begin(
    market: Market,
    order: Order,
    *,
    kind: str,
    reason: str,
    wording: str,
    amount: Decimal,
    pictures: Sequence[str] = (),
    story: str = "",
) -> AfterSale:
    """Open a case and put the shop's answer on the agenda."""
    case = AfterSale(
        merchant=order.merchant,
        number=market.number(order.merchant, "AS"),
        order=order.number,
        buyer=order.buyer,
        kind=kind,
        reason=reason,
        wording=wording,
        amount=amount,
        opened_at=market.now,
        pictures=list(pictures),
        story=story,
    )
    ref = f"{case.merchant}/{case.number}"
    market.after_sales[ref] = case
    market.tell_after_sale(case)
    market.book(market.tempo.wait(market.chance("after_sales"), "agree"), "answer", ref)
    return case


def answer(market: Market, ref: str) -> None:
    """The shop agrees or refuses."""
    case = market.after_sales.get(ref)
    if case is None or case.status != "OPEN":
        return
    rng = market.chance("after_sales")
    if rng.random() < REFUSED:
        case.status = "REJECTED"
        market.tell_after_sale(case)
        return
    case.status = "AGREED"
    if case.kind != "REFUND_ONLY":
        case.carrier = rng.choice(reading.words()["carriers"])
        case.tracking = f"{rng.choice(['SF', 'YT', 'ZT', 'JT'])}{rng.randrange(10**12):012d}"
    market.tell_after_sale(case)
    market.book(market.tempo.wait(rng, "refund"), "settle", ref)


def settle(market: Market, ref: str) -> None:
    """The money goes back, or the goods are exchanged, unless the refund is stopped."""
    case = market.after_sales.get(ref)
    if case is None or case.status != "AGREED" or case.refund_stopped:
        return
    case.status = {"REFUND_ONLY": "REFUNDED", "RETURN": "RETURNED", "EXCHANGE": "CLOSED"}[case.kind]
    market.tell_after_sale(case)
    order = market.order(case.merchant, case.order)
    if order is not None and case.kind != "EXCHANGE" and case.amount >= order.total:
        order.status = "REFUNDED"
        market.tell_order(order)


def stop_refund(market: Market, case: AfterSale) -> None:
    """Keep the money until somebody lets it go."""
    case.refund_stopped = True


def allow_refund(market: Market, case: AfterSale) -> None:
    """Let the money go on."""
    case.refund_stopped = False
    if case.status == "AGREED":
        wait = market.tempo.wait(market.chance("after_sales"), "refund")
        market.book(wait, "settle", f"{case.merchant}/{case.number}")
