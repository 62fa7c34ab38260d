"""Which past orders can break a limit at all, so that only they are replayed one by one.

The database adds up for each key more than a limit ever counts: whole orders, whatever came back later, edges and
equal moments included. A key that stays within the limit even so breaks it never, in either reading, and what passes
takes part in no other key's count. Orders of the other keys are replayed in full, so what is reported is exact.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scalper_policies.queries import past_orders
from scalper_policies.queries.past_orders import Only, Past
from scalper_policies.rules.backtest import Passed
from scalper_policies.rules.orders import Label
from scalper_policies.rules.policy import HIGHEST_SCORE, Dimension, Eligibility, Limit, Measure, Policy, SaleMode

FROM = 20_000  # fewer orders are replayed before they would be sifted
MOST_KEYS = 50_000
LARGEST_SHARE = 0.5
AFTER_THE_LIMITS = 3  # counts after those of the limits: what is suspected, the rest by day, the buyers
# The key of an order in each dimension, and where it has one; as `asked.keys_of` makes them.
KEYS: Mapping[Dimension, tuple[str, str]] = {
    Dimension.ACCOUNT: ("buyer_id", "buyer_id IS NOT NULL"),
    Dimension.PHONE: ("phone_key", "phone_key <> ''"),
    Dimension.ADDRESS: ("address_exact", "address_exact <> ''"),
    Dimension.BUILDING: ("address_building", "address_building <> ''"),
    Dimension.ADDRESS_CLUSTER: ("address_fuzzy", "address_fuzzy <> ''"),
    Dimension.DEVICE: ("device_key", "device_key <> ''"),
    Dimension.IP: ("ip_key", "ip_key <> ''"),
    Dimension.IP_NET: ("ip_net_key", "ip_net_key <> ''"),
    Dimension.PAYMENT: ("payment_key", "payment_key <> ''"),
    Dimension.RECIPIENT: ("phone_key || ' ' || recipient_key", "phone_key <> '' AND recipient_key <> ''"),
    Dimension.HOUSEHOLD: ("address_exact || ' ' || payment_key", "address_exact <> '' AND payment_key <> ''"),
}
NEVER_KEPT = frozenset({Dimension.IDENTITY})  # no past order has a key for it, so nothing is counted by it
# The units of an order: of its one line, or of its lines; those of goods that came back add none.
UNITS = """CASE WHEN lines_count = 1 THEN greatest(units, 0) ELSE (
    SELECT least(coalesce(sum(line.quantity), 0), 2000000000)::int FROM marketplace_orderline line
    WHERE line.merchant_id = %(shop)s AND line.order_id = marketplace_order.id AND line.quantity > 0 {named}) END"""
WHICH = """
FROM marketplace_order
WHERE merchant_id = %(shop)s AND kind = 'SALE' AND placed_at >= %(since)s AND placed_at < %(until)s {about}
  AND placed_at >= %(starts)s AND placed_at < %(ends)s
"""
OVER_IN_A_WINDOW = """
SELECT DISTINCT key FROM (
    SELECT {key} AS key, sum({own}) OVER (PARTITION BY {key} ORDER BY placed_at
        RANGE BETWEEN make_interval(secs => %(seconds)s) PRECEDING AND CURRENT ROW) AS held
    {which} AND {has_one}
) counted WHERE held > %(most)s LIMIT %(at_most)s
"""
OVER_IN_ALL = """
SELECT {key} {which} AND {has_one} GROUP BY 1 HAVING sum({own}) > %(most)s LIMIT %(at_most)s
"""
BY_DAY = """
SELECT (placed_at AT TIME ZONE %(zone)s)::date::text, count(*), coalesce(sum({own}), 0) {which} GROUP BY 1
"""
BUYERS = """
SELECT count(*), count(*) FILTER (WHERE is_ordinary) FROM (
    SELECT bool_or(number <> ALL(%(scalpers)s::varchar[])) AS is_ordinary {which} AND buyer_id IS NOT NULL
    GROUP BY buyer_id
) buyers
"""
DENIED_ACCOUNTS = "SELECT id FROM marketplace_buyer WHERE merchant_id = %s AND key = ANY(%s)"


@dataclass(frozen=True)
class Sifted:
    """The past as far as it has to be replayed, and the rest added up: in all, and its units by day."""

    suspected: Past
    replayed: int
    passed: Passed
    days: Mapping[str, int]


def sift(policy: Policy, past: Past, *, zone: str, total: int, on_step: Callable[[float], None]) -> Sifted | None:
    """Part the orders that can break a limit from the rest; nothing where all are better replayed.

    `on_step` is called after each of the database's counts, which take seconds each for a million orders, with the
    share of them that is done.
    """
    if total < FROM or not _is_countable(policy):
        return None
    keys = _denied(policy, past.shop)
    limits = [limit for limit in policy.counted if limit.dimension not in NEVER_KEPT]
    steps = len(limits) + AFTER_THE_LIMITS
    for done, limit in enumerate(limits, 1):
        found = keys.setdefault(limit.dimension, set())
        found |= _over(limit, policy, past)
        if sum(map(len, keys.values())) > MOST_KEYS:
            return None
        on_step(done / steps)
    only = _only(keys, past)
    suspected = replace(past, only=only)
    replayed = past_orders.count(suspected)
    if replayed > total * LARGEST_SHARE:
        return None
    on_step((len(limits) + 1) / steps)
    rest = replace(past, only=Only(f"NOT ({only.sql})", only.values))
    days = _by_day(policy, rest, zone=zone)
    on_step((len(limits) + 2) / steps)
    passed = _passed(policy, past, days)
    on_step(1.0)
    return Sifted(suspected, replayed, passed, {day: int(own) for day, _number, own in days})


def _is_countable(policy: Policy) -> bool:
    """Whether nothing but a count or the deny list can speak against an order."""
    wanted = replace(policy.eligibility, announced_at=None, paid_orders_before=None, score=HIGHEST_SCORE)
    scope = policy.scope
    is_queue = policy.mode is SaleMode.QUEUE  # every order takes a place, those that break nothing too
    asks_more = policy.addresses or policy.clusters or scope.channels or scope.regions or is_queue
    is_about_any = scope.all_listings or scope.skus
    dimensions = {limit.dimension for limit in policy.counted} | {dimension for dimension, _key in policy.lists.deny}
    is_plain = wanted == Eligibility() and not asks_more and bool(is_about_any)
    return is_plain and dimensions <= {*KEYS, *NEVER_KEPT}


def _denied(policy: Policy, shop: int) -> dict[Dimension, set[Any]]:
    keys: dict[Dimension, set[Any]] = {}
    for dimension, key in policy.lists.deny:
        if dimension not in NEVER_KEPT:
            keys.setdefault(dimension, set()).add(key)
    if accounts := keys.pop(Dimension.ACCOUNT, None):
        keys[Dimension.ACCOUNT] = {row[0] for row in past_orders.rows(DENIED_ACCOUNTS, [shop, list(accounts)])}
    return keys


def _over(limit: Limit, policy: Policy, past: Past) -> set[Any]:
    """The keys that may exceed the limit at some moment."""
    key, has_one = KEYS[limit.dimension]
    own = "1" if limit.measure is Measure.ORDERS else UNITS.format(named="")
    values = _given(policy, past) | {"most": limit.most, "at_most": MOST_KEYS + 1}
    sql = OVER_IN_ALL
    if limit.window is not None:
        sql, values["seconds"] = OVER_IN_A_WINDOW, limit.window.total_seconds()
    found = past_orders.rows(sql.format(key=key, own=own, has_one=has_one, which=_which(past)), values)
    return {row[0] for row in found}


def _only(keys: Mapping[Dimension, set[Any]], past: Past) -> Only:
    """Orders of these keys, and those that somebody labelled."""
    parts, values = ["false"], dict[str, Any]()
    for dimension, found in keys.items():
        if found:
            name = f"keys_{dimension.value.lower()}"
            kind = "bigint" if dimension is Dimension.ACCOUNT else "varchar"
            expression, has_one = KEYS[dimension]
            parts.append(f"({has_one} AND {expression} = ANY(%({name})s::{kind}[]))")
            values[name] = list(found)
    if past.labels:
        parts.append("number = ANY(%(labelled)s::varchar[])")
        values["labelled"] = list(past.labels)
    return Only(" OR ".join(parts), values)


def _by_day(policy: Policy, rest: Past, *, zone: str) -> list[tuple[str, int, int]]:
    named = "AND line.sku = ANY(%(skus)s::varchar[])" if rest.skus else ""
    sql = BY_DAY.format(own=UNITS.format(named=named), which=_which(rest))
    return past_orders.rows(sql, _given(policy, rest) | {"zone": zone})


def _passed(policy: Policy, past: Past, days: list[tuple[str, int, int]]) -> Passed:
    scalpers = [number for number, label in past.labels.items() if label is Label.SCALPER]
    sql = BUYERS.format(which=_which(past))
    buyers, ordinary = past_orders.rows(sql, _given(policy, past) | {"scalpers": scalpers})[0]
    in_scope, units = sum(row[1] for row in days), sum(row[2] for row in days)
    return Passed(in_scope=in_scope, units=int(units), buyers=buyers, ordinary_buyers=ordinary)


def _which(past: Past) -> str:
    return WHICH.format(about=past_orders.about(past))


def _given(policy: Policy, past: Past) -> dict[str, Any]:
    scope = policy.scope
    span = {"starts": scope.starts_at or "-infinity", "ends": scope.ends_at or "infinity"}
    return past_orders.given(past) | span
