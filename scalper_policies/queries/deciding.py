"""What a decision is made from, read with as few questions to the database as will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import prepared, tenancy
from merchant_protection.marketplace.rules import wishes
from scalper_policies.lifecycle import LIVE
from scalper_policies.models import BaselineVersion, OrderDecision, PolicyVersion
from scalper_policies.rules.evaluate import Need

# What applies is found by the listings alone, however many policies the shop has: the versions are taken by the
# numbers that were found, never looked through.
FIRST_LOOK_AS_WRITTEN = """
WITH shop AS (
    SELECT id, code FROM accounts_merchant
    WHERE is_active AND (id = %(shop)s::bigint OR %(shop)s::bigint IS NULL AND code = %(code)s::text)
), live AS (
    SELECT v.id, v.policy_id, v.number, v.status, v.canary_percent,
        v.when_we_fail, v.starts_at, v.ends_at
    FROM scalper_policies_policyversion v
    WHERE v.merchant_id = (SELECT id FROM shop) AND v.status = ANY(%(live)s::text[])
      AND v.id = ANY(ARRAY(
        SELECT r.version_id FROM scalper_policies_reach r
        WHERE r.merchant_id = (SELECT id FROM shop) AND r.sku = ANY(%(skus)s::text[])))
)
SELECT jsonb_build_object(
    'shop', shop.id,
    'code', shop.code,
    'stored', (SELECT d.id FROM scalper_policies_orderdecision d
        WHERE d.merchant_id = shop.id AND d.number = %(number)s::text),
    'versions', (SELECT jsonb_agg(jsonb_build_array(id, policy_id, number, status, canary_percent,
            when_we_fail, starts_at, ends_at)) FROM live),
    'baseline', (SELECT jsonb_agg(jsonb_build_array(b.id, b.number, b.status))
        FROM scalper_policies_baselineversion b WHERE b.status = ANY(%(live)s::text[])),
    'holder', (SELECT h.id FROM scalper_policies_policy h
        WHERE h.merchant_id = shop.id AND h.is_baseline),
    'listens', EXISTS (SELECT FROM notices_endpoint e
        WHERE e.merchant_id = shop.id AND e.state <> 'DISABLED'
          AND e.kinds ?| ARRAY['decision.held', 'decision.rejected']),
    'overrides', (SELECT jsonb_agg(jsonb_build_array(o.policy_id, o.rule, o.starts_at,
            least(o.ends_at, o.ended_at)))
        FROM scalper_policies_override o
        WHERE o.merchant_id = shop.id AND o.kind = 'RULE' AND o.ends_at > %(at)s::timestamptz),
    'buyer', (SELECT jsonb_build_object('account_created_at', b.account_created_at, 'level', b.level,
            'phone_verified', b.phone_verified, 'real_name_verified', b.real_name_verified,
            'paid_orders', b.paid_orders, 'version', b.version, 'id', b.id)
        FROM marketplace_buyer b WHERE b.merchant_id = shop.id AND b.ref = %(buyer)s::text),
    'cluster', (SELECT jsonb_build_object('key', c.key, 'signals', m.signals)
        FROM marketplace_buyer b
        JOIN risk_clustermember m ON m.merchant_id = shop.id AND m.buyer_id = b.id
        JOIN risk_buyercluster c ON c.id = m.cluster_id AND NOT c.is_disputed
        WHERE b.merchant_id = shop.id AND b.ref = %(buyer)s::text),
    'entries', (SELECT jsonb_agg(jsonb_build_array(e.kind, e.dimension, e.key, e.expires_at))
        FROM scalper_policies_listentry e
        WHERE e.merchant_id = shop.id AND e.key = ANY(%(keys)s::text[])),
    'snoozes', (SELECT jsonb_agg(jsonb_build_array(s.policy_id, s.rule, s.dimension, s.key,
            s.until))
        FROM scalper_policies_snooze s
        WHERE s.merchant_id = shop.id AND s.key = ANY(%(keys)s::text[])
          AND s.policy_id IN (SELECT policy_id FROM live)),
    'held', (SELECT t.desired FROM marketplace_actiontarget t
        WHERE t.merchant_id = shop.id AND t.kind = 'SHOP' AND t.aspect = 'new_orders'),
    'stopped', (SELECT jsonb_agg(t.ref) FROM marketplace_actiontarget t
        WHERE t.merchant_id = shop.id AND t.kind = 'LISTING' AND t.aspect = 'availability'
          AND t.ref = ANY(%(skus)s::text[]) AND t.desired = '"DELISTED"'::jsonb),
    'doubted', (SELECT jsonb_agg(DISTINCT d.sku) FROM marketplace_doubtedlisting d
        WHERE d.merchant_id = shop.id AND d.sku = ANY(%(skus)s::text[])),
    'draws', (SELECT jsonb_agg(jsonb_build_array(d.policy_id, d.seed, d.name, d.last_ticket, EXISTS (
            SELECT FROM scalper_policies_drawentry e WHERE e.merchant_id = shop.id
              AND e.draw_id = d.id AND e.entry = %(account)s::text)))
        FROM scalper_policies_draw d
        WHERE d.merchant_id = shop.id AND d.decides AND d.status <> 'CANCELLED'
          AND d.policy_id IN (SELECT policy_id FROM live)),
    'restriction', (SELECT jsonb_build_object('id', r.id, 'limits', r.limits,
            'payment_minutes', r.payment_minutes, 'made_at', r.made_at,
            'ends_at', r.ends_at)
        FROM marketplace_buyer b
        JOIN risk_restriction r
            ON r.merchant_id = shop.id AND r.buyer_id = b.id
            AND r.status IN ('IN_REVIEW', 'CONFIRMED')
        WHERE b.merchant_id = shop.id AND b.ref = %(buyer)s::text)
)::text FROM shop
"""
# The driver remembers how it reads a statement of up to 4,096 characters; a longer one is read anew each time.
FIRST_LOOK = " ".join(FIRST_LOOK_AS_WRITTEN.split())
# The locks are held before anything is counted: each statement of the function sees what is committed by then.
HOLD_AND_COUNT = """
SELECT units, orders FROM scalper_hold_and_count(%(shared)s::bigint[], %(alone)s::bigint[], %(shop)s::bigint,
    %(policies)s::bigint[], %(rules)s::text[], %(keys)s::text[], %(skus)s::text[], %(after)s::timestamptz[],
    %(until)s::timestamptz)
"""
PAID_BEFORE = """
SELECT count(*) FROM marketplace_order own JOIN marketplace_buyer buyer ON buyer.id = own.buyer_id
WHERE own.merchant_id = %s AND buyer.merchant_id = %s AND buyer.ref = %s AND own.paid_at < %s
"""
FAILURES = """
SELECT coalesce(reach.sku, ''), version.when_we_fail
FROM scalper_policies_policyversion version
JOIN scalper_policies_reach reach ON reach.merchant_id = version.merchant_id AND reach.version_id = version.id
WHERE version.merchant_id = %s AND version.status IN ('ENFORCING', 'CANARY') AND version.when_we_fail <> 'ALLOW'
  AND (version.starts_at IS NULL OR version.starts_at <= %s) AND (version.ends_at IS NULL OR version.ends_at > %s)
"""


type VersionKey = tuple[bool, int]


class LiveVersion(msgspec.Struct, array_like=True, frozen=True):
    """A version that may be about an order, without its terms; the baseline's is kept under the shop's holder."""

    id: int
    policy_id: int
    number: int
    status: str
    canary_percent: int
    when_we_fail: str = "ALLOW"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_baseline: bool = False

    @property
    def key(self) -> VersionKey:
        """What tells a version from every other, the shop's and the platform's."""
        return self.is_baseline, self.id

    def runs_at(self, at: datetime) -> bool:
        """Whether its launch runs at a moment."""
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)


class Overruled(msgspec.Struct, array_like=True, frozen=True):
    """A rule that staff overruled in the shop; no rule named means every one of its policy."""

    policy_id: int
    rule: str
    starts_at: datetime
    ends_at: datetime


class KnownDraw(msgspec.Struct, array_like=True, frozen=True):
    """A draw that decides for a policy: what was revealed of it so far, and whether the buyer entered."""

    policy_id: int
    seed: str
    name: str
    last_ticket: str
    has_entered: bool


class KnownBuyer(msgspec.Struct, frozen=True):
    """What the platform told of a buyer's account before."""

    id: int
    version: int
    level: str
    phone_verified: bool
    real_name_verified: bool
    account_created_at: datetime | None
    paid_orders: int | None


class KnownCluster(msgspec.Struct, frozen=True):
    """The cluster of accounts a buyer belongs to."""

    key: str
    signals: list[str]


class KnownRestriction(msgspec.Struct, frozen=True):
    """What a buyer may not do in the shop, and for how long."""

    id: int
    limits: list[str]
    payment_minutes: int | None
    made_at: datetime
    ends_at: datetime


class Look(msgspec.Struct, frozen=True):
    """Everything about an order's shop, listings and buyer that a decision begins with."""

    shop: int
    code: str
    stored: int | None = None
    versions: list[LiveVersion] | None = None
    buyer: KnownBuyer | None = None
    cluster: KnownCluster | None = None
    entries: list[tuple[str, str, str, datetime | None]] | None = None
    snoozes: list[tuple[int, str, str, str, datetime]] | None = None
    held: Any = None
    stopped: list[str] | None = None
    doubted: list[str] | None = None
    restriction: KnownRestriction | None = None
    baseline: list[tuple[int, int, str]] | None = None
    holder: int | None = None
    overrides: list[Overruled] | None = None
    listens: bool = False
    draws: list[KnownDraw] | None = None

    @property
    def every_version(self) -> list[LiveVersion]:
        """The shop's live versions that may be about the order, and the baseline's, which are about every order."""
        if not self.baseline or self.holder is None:
            return self.versions or []
        holder = self.holder
        own = [LiveVersion(id, holder, number, status, 0, is_baseline=True) for id, number, status in self.baseline]
        return [*(self.versions or ()), *own]

    def overruled(self, policy_id: int, *, at: datetime) -> list[Overruled]:
        """What is overruled of a policy at a moment."""
        standing = [each for each in self.overrides or () if each.policy_id == policy_id]
        return [each for each in standing if each.starts_at <= at < each.ends_at]

    @property
    def held_skus(self) -> set[str]:
        """The listings of the order that are held, are being taken off sale, or whose price is doubted."""
        return wishes.held_skus(self.held) | set(self.stopped or ()) | set(self.doubted or ())


@dataclass(frozen=True)
class Subject:
    """What an order is looked up by."""

    code: str
    number: str
    skus: Sequence[str]
    buyer: str = ""
    keys: Sequence[str] = field(default_factory=tuple)
    shop: int | None = None
    at: datetime | None = None
    account: str = ""


_look = msgspec.json.Decoder(Look)


def first_look(subject: Subject) -> Look | None:
    """Return what a decision begins with, or nothing for a shop that is not there."""
    tenancy.require_scope()
    given: dict[str, Any] = {
        "shop": subject.shop,
        "code": subject.code,
        "number": subject.number,
        "skus": prepared.array([*subject.skus, ""]),
        "buyer": subject.buyer,
        "keys": prepared.array(subject.keys),
        "live": prepared.array(LIVE),
        "at": subject.at,
        "account": subject.account,
    }
    with prepared.cursor() as cursor:
        cursor.execute(FIRST_LOOK, given)
        row = cursor.fetchone()
    return _look.decode(row[0]) if row else None


def terms_of(versions: Sequence[VersionKey]) -> dict[VersionKey, Mapping[str, Any]]:
    """Return the terms of these versions, the shop's and the platform's."""
    own = [pk for is_baseline, pk in versions if not is_baseline]
    platforms = [pk for is_baseline, pk in versions if is_baseline]
    found = dict(PolicyVersion.objects.filter(pk__in=own).values_list("pk", "terms")) if own else {}
    read: dict[VersionKey, Mapping[str, Any]] = {(False, pk): terms for pk, terms in found.items()}
    if platforms:
        rows = BaselineVersion.objects.filter(pk__in=platforms).values_list("pk", "terms")
        read |= {(True, pk): terms for pk, terms in rows}
    return read


@dataclass(frozen=True)
class Locks:
    """What a decision locks: policies it shares with others, and keys or whole policies it has to itself."""

    shared: Sequence[int]
    alone: Sequence[int]


def hold_and_count(
    shop: int, needed: Sequence[tuple[int, Need]], *, locks: Locks, until: datetime | None
) -> list[tuple[int, int]]:
    """Hold the locks until the transaction ends, then return the units and orders that each slot holds.

    In the order asked; `until` for an order of the past.
    """
    if not needed:
        return []
    given: dict[str, Any] = {
        "shared": prepared.array(locks.shared),
        "alone": prepared.array(locks.alone),
        "shop": shop,
        "policies": prepared.array([policy_id for policy_id, _need in needed]),
        "rules": prepared.array([need.slot.rule for _policy, need in needed]),
        "keys": prepared.array([need.slot.key for _policy, need in needed]),
        "skus": prepared.array([need.slot.sku for _policy, need in needed]),
        "after": prepared.array([need.after.isoformat() if need.after else "-infinity" for _policy, need in needed]),
        "until": "infinity" if until is None else until.isoformat(),
    }
    with prepared.cursor() as cursor:
        cursor.execute(HOLD_AND_COUNT, given)
        return [(int(units), int(orders)) for units, orders in cursor.fetchall()]


def paid_before(shop: int, *, buyer: str, before: datetime) -> int:
    """Return how many orders a buyer had paid in this shop before a date."""
    with connection.cursor() as cursor:
        cursor.execute(PAID_BEFORE, [shop, shop, buyer, before])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def failure_answers(shop: int, *, at: datetime) -> list[tuple[str, str]]:
    """Return by listing what a shop's acting policies answer when we fail, where that is not to allow."""
    with connection.cursor() as cursor:
        cursor.execute(FAILURES, [shop, at, at])
        return [(sku, answer) for sku, answer in cursor.fetchall()]


def code_of(shop: int) -> str:
    """Return a shop's code."""
    return Merchant.objects.values_list("code", flat=True).get(pk=shop)


def stored(decision_id: int) -> OrderDecision:
    """Return a decision that was made before."""
    return OrderDecision.objects.get(pk=decision_id)


def stored_by_number(shop: int, number: str) -> OrderDecision:
    """Return the decision about this order."""
    return OrderDecision.objects.get(merchant_id=shop, number=number)
