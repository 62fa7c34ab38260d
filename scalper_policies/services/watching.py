"""Risk-order warnings for every shop (风险订单预警): looks at each order and after-sale as it changes."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import AfterSale, Change, Order
from merchant_protection.marketplace.services import changes
from merchant_protection.risk import queries as risk
from merchant_protection.risk.services import clusters, warnings
from merchant_protection.risk.services.warnings import Sighting
from scalper_policies.queries import histories, trials
from scalper_policies.rules import order_history
from scalper_policies.rules import warnings as rules

CONSUMER = "risk_warnings"
SOURCE = "scalper_policies"
ACTOR = Actor.clock("scalper_policies.watching")
UNPAID = "order.unpaid"
LOOKED_AT = ("PLACED", "PAID")
OPEN_CLAIMS = ("OPEN", "AGREED")


@transaction_required
def look(owed: Sequence[Change], *, at: datetime) -> int:
    """Look at orders and after-sales that changed, shop by shop; return how many warnings were raised or renewed."""
    by_shop: dict[int, list[Change]] = defaultdict(list)
    for change in owed:
        by_shop[change.merchant_id].append(change)
    return sum(_look_at_shop(shop, by_shop[shop], at=at) for shop in sorted(by_shop))


def _look_at_shop(merchant_id: int, owed: Sequence[Change], *, at: datetime) -> int:
    claims = histories.claims_now(merchant_id, ids=[each.subject_id for each in owed if _is_after_sale(each)])
    named = [each.subject_id for each in owed if not _is_after_sale(each)]
    asking = {claim.buyer_id for claim in claims if claim.buyer_id is not None}
    orders = histories.orders_now(merchant_id, ids=named, buyers=asking, at=at)
    _end_what_is_over(merchant_id, orders, claims, at=at)
    fresh = [each for each in orders if each.status in LOOKED_AT and each.placed_at > at - rules.LONGEST_WARNING]
    open_claims = [
        each
        for each in claims
        if each.status in OPEN_CLAIMS and each.kind == "REFUND_ONLY" and each.opened_at > at - rules.LONGEST_WARNING
    ]
    if not fresh and not open_claims:
        return 0
    named_buyers = [*(each.buyer_id for each in fresh), *(each.buyer_id for each in open_claims)]
    buyers = {buyer_id for buyer_id in named_buyers if buyer_id is not None}
    history = histories.around(merchant_id, orders=fresh, buyers=buyers, at=at)
    tied = _keep_clusters(merchant_id, history, buyers=buyers, at=at)
    limits = trials.thresholds_of(merchant_id)
    sightings = [
        *(seen for order in fresh for seen in _seen_of_order(order, history, tied, limits, at=at)),
        *(seen for claim in open_claims for seen in _seen_of_claim(claim, history, tied, limits, at=at)),
    ]
    silent = risk.snoozed(merchant_id, buyer_ids=buyers, at=at) if sightings else set()
    told = [each for each in sightings if (each.buyer_id, each.kind) not in silent]
    for sighting in told:
        warnings.warn(sighting, actor=ACTOR, at=at)
    _look_again(fresh, wait=limits.unpaid_for, at=at)
    return len(told)


def _seen_of_order(
    order: Order, history: order_history.History, tied: dict[int, int], limits: rules.Thresholds, *, at: datetime
) -> Iterable[Sighting]:
    known = next(each for each in history.orders if each.pk == order.pk)
    for warned in rules.warn(history.facts_of(known, at=at), at=at, thresholds=limits):
        yield Sighting(
            merchant_id=order.merchant_id,
            kind=warned.kind.value,
            level=warned.level.value,
            source=SOURCE,
            dedupe_key=f"order-{order.pk}",
            order_id=order.pk,
            buyer_id=order.buyer_id,
            cluster_id=tied.get(order.buyer_id or 0),
            facts=_facts(warned, limits),
            amount=order.total,
            currency=order.currency,
            expires_at=warned.expires_at,
        )


def _seen_of_claim(
    claim: AfterSale, history: order_history.History, tied: dict[int, int], limits: rules.Thresholds, *, at: datetime
) -> Iterable[Sighting]:
    known = order_history.AfterSale(claim.buyer_id, claim.kind, claim.status, claim.opened_at, claim.wording)
    warned = rules.warn_of_claim(history.claim_facts_of(known, at=at), at=at, thresholds=limits)
    if warned is not None:
        yield Sighting(
            merchant_id=claim.merchant_id,
            kind=warned.kind.value,
            level=warned.level.value,
            source=SOURCE,
            dedupe_key=f"after-sale-{claim.pk}",
            order_id=claim.order_id,
            buyer_id=claim.buyer_id,
            cluster_id=tied.get(claim.buyer_id or 0),
            facts={**_facts(warned, limits), "after_sale": claim.number},
            amount=claim.amount,
            currency=claim.currency,
            expires_at=warned.expires_at,
        )


def _facts(warned: rules.Warned, limits: rules.Thresholds) -> dict[str, Any]:
    return {**dict(warned.facts), "limits": rules.plain_limits(warned.kind, limits)}


def _end_what_is_over(merchant_id: int, orders: Iterable[Order], claims: Iterable[AfterSale], *, at: datetime) -> None:
    shipped = [f"order-{each.pk}" for each in orders if each.status in ("SHIPPED", "DELIVERED")]
    over = [f"order-{each.pk}" for each in orders if each.status in order_history.OVER]
    closed = [f"after-sale-{each.pk}" for each in claims if each.status not in OPEN_CLAIMS]
    for why, keys in (("SHIPPED", shipped), ("ORDER_OVER", over), ("CLAIM_CLOSED", closed)):
        if keys:
            warnings.end(merchant_id=merchant_id, source=SOURCE, dedupe_keys=keys, why=why, actor=ACTOR, at=at)


def _look_again(orders: Iterable[Order], *, wait: timedelta, at: datetime) -> None:
    """Unpaid orders only tell after a while: promise them another look."""
    for order in orders:
        if order.status == "PLACED" and order.placed_at + wait > at:
            changes.look_again(
                CONSUMER,
                merchant_id=order.merchant_id,
                kind=UNPAID,
                subject_id=order.pk,
                version=order.version,
                due_at=order.placed_at + wait,
                at=at,
            )


def _keep_clusters(
    merchant_id: int, history: order_history.History, *, buyers: set[int], at: datetime
) -> dict[int, int]:
    """Note who is tied to whom; return the cluster of each buyer that has one."""
    found: dict[int, int] = {}
    for cluster in history.clusters_at(at):
        members: dict[int, Sequence[str]] = {int(name): signals for name, signals in cluster.by_account.items()}
        if not buyers.intersection(members):
            continue
        known = risk.cluster_among(merchant_id=merchant_id, buyer_ids=members)
        if known is not None:
            members = {**risk.members_of(known), **members}
        key = known.key if known is not None else _key(members)
        kept = clusters.put(actor=ACTOR, merchant_id=merchant_id, key=key, members=members, at=at)
        found |= dict.fromkeys(members, kept.pk)
    return found


def _key(members: Iterable[int]) -> str:
    return hashlib.sha256(f"accounts-{min(members)}".encode()).hexdigest()


def _is_after_sale(change: Change) -> bool:
    return change.kind.startswith("after_sale")
