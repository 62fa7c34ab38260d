"""A shop's past orders as a backtest reads them: in order of time, page after page, each as it was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from merchant_protection.foundation import tenancy
from scalper_policies.models import BacktestHit, BacktestRun, ListEntry, Snooze
from scalper_policies.rules import asked
from scalper_policies.rules.orders import Label, OrderFacts, OrderLine
from scalper_policies.rules.policy import BuyerLists, Dimension, Eligibility, Ending, Policy
from scalper_policies.rules.policy import Snooze as SnoozedRule

PAGE = 20_000
MOST_ENTRIES = 1_000_000
ENDINGS = {ending.value: ending for ending in Ending}
# A page comes as one text that a compiled reader takes apart: reading its columns one by one took most of the time.
# What the policy does not ask is left empty, and who buys is told by a number where no key of theirs is matched.
ORDERS = """
SELECT coalesce(json_agg(json_build_array(
    own.id, own.number, own.placed_at, {account}, json_build_array({keys}), own.status,
    CASE WHEN own.lines_count = 1 THEN own.skus ELSE lines.skus END,
    CASE WHEN own.lines_count = 1 THEN ARRAY[own.units] ELSE lines.units END,
    step.at, own.buyer_id, {place}, {tags}, {facts}
) ORDER BY own.placed_at, own.id)::text, '[]')
FROM (
    SELECT * FROM marketplace_order
    WHERE merchant_id = %(shop)s AND kind = 'SALE' AND (placed_at, id) > (%(at)s, %(id)s)
      AND placed_at >= %(since)s AND placed_at < %(until)s {about}
    ORDER BY placed_at, id LIMIT %(page)s
) own
{buyer}
LEFT JOIN LATERAL (
    SELECT array_agg(line.sku ORDER BY line.ordinal) AS skus, array_agg(line.quantity ORDER BY line.ordinal) AS units
    FROM marketplace_orderline line
    WHERE own.lines_count <> 1 AND line.merchant_id = %(shop)s AND line.order_id = own.id
) lines ON true
LEFT JOIN LATERAL (
    SELECT min(change.occurred_at) AS at FROM marketplace_orderstatuschange change
    WHERE own.status IN ('CANCELLED', 'EXPIRED', 'REFUNDED')
      AND change.merchant_id = %(shop)s AND change.order_id = own.id AND change.status = own.status
) step ON true
"""
BUYER = "LEFT JOIN marketplace_buyer buyer ON buyer.merchant_id = %(shop)s AND buyer.id = own.buyer_id"
FACTS = """CASE WHEN buyer.version > 0 THEN json_build_array(buyer.account_created_at, buyer.phone_verified,
        buyer.real_name_verified, buyer.level, buyer.paid_orders) END"""
COLUMNS = (
    *("phone_key", "recipient_key", "address_exact", "address_building", "address_fuzzy"),
    *("device_key", "ip_key", "ip_net_key", "payment_key"),
)
KEYS: Mapping[Dimension, tuple[str, ...]] = {
    Dimension.PHONE: ("phone_key",),
    Dimension.RECIPIENT: ("phone_key", "recipient_key"),
    Dimension.ADDRESS: ("address_exact",),
    Dimension.BUILDING: ("address_building",),
    Dimension.ADDRESS_CLUSTER: ("address_fuzzy",),
    Dimension.HOUSEHOLD: ("address_exact", "payment_key"),
    Dimension.DEVICE: ("device_key",),
    Dimension.IP: ("ip_key",),
    Dimension.IP_NET: ("ip_net_key",),
    Dimension.PAYMENT: ("payment_key",),
}
REFS = """
SELECT own.number, buyer.ref FROM marketplace_order own
JOIN marketplace_buyer buyer ON buyer.merchant_id = %s AND buyer.id = own.buyer_id
WHERE own.merchant_id = %s AND own.number = ANY(%s)
"""
COUNT = """
SELECT count(*) FROM marketplace_order
WHERE merchant_id = %(shop)s AND kind = 'SALE' AND placed_at >= %(since)s AND placed_at < %(until)s {about}
"""
LABELS = """
SELECT decision.number, (array_agg(note.said ORDER BY note.id DESC))[1]
FROM scalper_policies_decisionnote note
JOIN scalper_policies_orderdecision decision ON decision.merchant_id = %s AND decision.id = note.decision_id
WHERE note.merchant_id = %s AND note.said IN ('RIGHT', 'WRONG') GROUP BY decision.number
"""
CLUSTERS = """
SELECT member.buyer_id, cluster.key, member.signals FROM risk_clustermember member
JOIN risk_buyercluster cluster ON cluster.merchant_id = %s AND cluster.id = member.cluster_id
WHERE member.merchant_id = %s AND NOT cluster.is_disputed
"""
PAID_BEFORE = """
SELECT buyer_id, count(*) FROM marketplace_order
WHERE merchant_id = %s AND paid_at < %s AND buyer_id IS NOT NULL GROUP BY buyer_id
"""
SAID = {"RIGHT": Label.SCALPER, "WRONG": Label.ORDINARY}


class BuyerFacts(msgspec.Struct, array_like=True):
    """What the platform told of a buyer."""

    created_at: datetime | None
    phone_verified: bool | None
    real_name_verified: bool | None
    level: str | None
    paid_orders: int | None


class Row(msgspec.Struct, array_like=True, gc=False):
    """One order of a page, as far as the policy asks, as the database tells it."""

    id: int
    number: str
    placed_at: datetime
    account: str | None
    keys: list[str]
    status: str
    skus: list[str] | None
    units: list[int] | None
    ended_at: datetime | None
    buyer_id: int | None
    place: list[str] | None
    tags: list[str] | None
    facts: BuyerFacts | None


_page = msgspec.json.Decoder(list[Row])


@dataclass(frozen=True)
class Only:
    """A condition on orders in SQL, with its values: only these are looked at."""

    sql: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Past:
    """Which orders of a shop a policy is tried on, and what is known of them beside the orders themselves."""

    shop: int
    since: datetime | None = None
    until: datetime | None = None
    skus: tuple[str, ...] = ()
    labels: Mapping[str, Label] = field(default_factory=dict)
    clusters: Mapping[int, tuple[str, frozenset[str]]] = field(default_factory=dict)
    paid: Mapping[int, int] | None = None
    asks: Policy = field(default_factory=Policy)
    only: "Only | None" = None


def past_of(run: BacktestRun, policy: Policy) -> Past:
    """Say what a run looks at: the orders with the policy's listings, and what the policy asks about them."""
    tenancy.require_scope()
    shop, wanted = run.merchant_id, policy.eligibility
    before = wanted.paid_orders_before if wanted.paid_orders else None
    ties = policy.clusters or any(limit.dimension is Dimension.CLUSTER for limit in policy.counted)
    asks_clusters = ties or _may_be_stopped_by_surroundings(policy)
    return Past(
        shop=shop,
        since=run.since,
        until=run.until,
        skus=() if policy.scope.all_listings else tuple(sorted(policy.scope.skus)),
        labels={number: SAID[said] for number, said in rows(LABELS, [shop, shop])},
        clusters=clusters_of(shop) if asks_clusters else {},
        paid=None if before is None else dict(rows(PAID_BEFORE, [shop, before])),
        asks=policy,
    )


def clusters_of(shop: int) -> dict[int, tuple[str, frozenset[str]]]:
    """Return the cluster each buyer of a shop is in, and by which signals."""
    return {buyer: (key, frozenset(_list(signals))) for buyer, key, signals in rows(CLUSTERS, [shop, shop])}


def lists_of(shop: int, *, policy_id: int) -> tuple[BuyerLists, tuple[SnoozedRule, ...]]:
    """Return the shop's lists and the policy's snoozes as they stand now."""
    entries: dict[str, dict[tuple[Dimension, str], datetime | None]] = {"EXEMPT": {}, "DENY": {}}
    listed = ListEntry.objects.filter(merchant_id=shop).values_list("kind", "dimension", "key", "expires_at")
    for kind, dimension, key, expires_at in listed[:MOST_ENTRIES].iterator(chunk_size=10_000):
        entries[kind][Dimension(dimension), key] = expires_at
    snoozes = Snooze.objects.filter(merchant_id=shop, policy_id=policy_id)
    return BuyerLists(entries["EXEMPT"], entries["DENY"]), tuple(
        SnoozedRule(each.rule, Dimension(each.dimension), each.key, each.until) for each in snoozes
    )


def count(past: Past) -> int:
    """Return how many orders there are to look at."""
    return int(rows(COUNT.format(about=about(past)), given(past))[0][0])


def orders(past: Past) -> Iterator[OrderFacts]:
    """Yield the orders in order of time, those of one instant as they arrived, with the facts the policy asks for."""
    sql = ORDERS.format(about=about(past), **_asked_of(past.asks))
    only_accounts = not _columns_of(past.asks)
    values = given(past) | {"at": "-infinity", "id": 0, "page": PAGE}
    while True:
        page = _page.decode(rows(sql, values)[0][0])
        for row in page:
            yield _facts(row, past, only_accounts=only_accounts)
        if len(page) < PAGE:
            return
        values |= {"at": page[-1].placed_at, "id": page[-1].id}


def buyers_of(shop: int, numbers: Sequence[str]) -> dict[str, str]:
    """Return the references of the buyers of these orders."""
    return dict(rows(REFS, [shop, shop, list(numbers)]))


def hits_of(run: BacktestRun) -> Any:
    """Return the orders that a run found, in their order."""
    return BacktestHit.objects.filter(merchant_id=run.merchant_id, run_id=run.pk).order_by("ordinal")


def _facts(row: Row, past: Past, *, only_accounts: bool) -> OrderFacts:
    ending = ENDINGS.get(row.status) if row.ended_at is not None else None
    if only_accounts:
        found = {Dimension.ACCOUNT: row.account} if row.account else {}
    else:
        found = asked.keys_of(row.account or "", *row.keys)
    signals: frozenset[str] = frozenset()
    if past.clusters and row.buyer_id and (tied := past.clusters.get(row.buyer_id)):
        found[Dimension.CLUSTER], signals = tied
    channel, region = row.place or ("", "")
    told = row.facts
    paid = (told.paid_orders if told else None) if past.paid is None else past.paid.get(row.buyer_id or 0, 0)
    return OrderFacts(
        row.number,
        row.placed_at,
        tuple([OrderLine(sku, own) for sku, own in zip(row.skus or (), row.units or (), strict=True)]),
        found,
        channel,
        region,
        told.created_at if told else None,
        told.phone_verified if told else None,
        told.real_name_verified if told else None,
        told.level if told else None,
        paid,
        None,
        tuple(row.tags or ()),
        signals,
        row.ended_at,
        ending,
        past.labels.get(row.number, Label.UNKNOWN),
    )


def _columns_of(policy: Policy) -> set[str]:
    """Return the columns of the keys that the policy counts by or lists name."""
    named = {limit.dimension for limit in policy.counted} | {snooze.dimension for snooze in policy.snoozes}
    named |= {dimension for dimension, _key in (*policy.lists.exempt, *policy.lists.deny)}
    return {column for dimension in named for column in KEYS.get(dimension, ())}


def _asked_of(policy: Policy) -> dict[str, str]:
    """Say which columns the policy asks for: who buys by a key where lists name keys, by a number otherwise."""
    lists, columns = policy.lists, _columns_of(policy)
    wants_facts = replace(policy.eligibility, announced_at=None) != Eligibility()
    by_key = bool(lists.exempt or lists.deny or policy.snoozes)
    return {
        "account": "buyer.key" if by_key else "own.buyer_id::text",
        "keys": ", ".join(f"own.{column}" if column in columns else "''" for column in COLUMNS),
        "place": "json_build_array(own.channel, own.country)"
        if policy.scope.channels or policy.scope.regions
        else "NULL",
        "tags": "own.address_tags" if policy.addresses else "NULL",
        "facts": FACTS if wants_facts else "NULL",
        "buyer": BUYER if by_key or wants_facts else "",
    }


def _may_be_stopped_by_surroundings(policy: Policy) -> bool:
    """Clusters decide whether a shared address counts for more than a check."""
    return any(limit.dimension not in (Dimension.ACCOUNT, Dimension.PHONE) for limit in policy.counted)


def about(past: Past) -> str:
    """Say in SQL which of the shop's orders are looked at, beside their time."""
    named = "AND skus && %(skus)s::varchar[]" if past.skus else ""
    return f"{named} AND ({past.only.sql})" if past.only else named


def given(past: Past) -> dict[str, Any]:
    """Return the values of what `about` and the span say."""
    own: Mapping[str, Any] = past.only.values if past.only else {}
    return {
        "shop": past.shop,
        "since": past.since or "-infinity",
        "until": past.until or "infinity",
        "skus": list(past.skus),
        **own,
    }


def rows(sql: str, values: Any) -> list[tuple[Any, ...]]:
    """Return what the database says to a question."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _list(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else []
