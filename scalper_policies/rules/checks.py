"""What is wrong with a policy before anyone runs it: gaps, contradictions, rules that can never fire."""

import zoneinfo
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from scalper_policies.rules.backtest import Report
from scalper_policies.rules.evaluate import CLUSTER_SIGNALS
from scalper_policies.rules.policy import (
    HIGHEST_SCORE,
    MOST_A_MINUTE,
    SEVERITY,
    SIGNAL_OF,
    SURROUNDINGS,
    Dimension,
    Limit,
    Measure,
    Policy,
    SaleMode,
)

CROWDED = 3
FEW_BUYERS_HIT = 0.02
MANY_BUYERS_HIT = 0.20
Param = tuple[str, str | int]


class Gravity(StrEnum):
    """An error keeps a policy from being approved; a warning is read and accepted; a note is read."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know before approval: a code of the table of sentences, where it lies, and its figures."""

    code: str
    gravity: Gravity
    where: str = ""
    params: tuple[Param, ...] = ()


def findings(policy: Policy, *, at: datetime | None = None) -> tuple[Finding, ...]:
    """Everything worth knowing about a policy, errors first; `at` lets it see that a launch is over."""
    if _has_time_without_zone(policy):
        return (Finding("TIME_WITHOUT_ZONE", Gravity.ERROR, "scope"),)
    found = [*_scope(policy, at), *_eligibility(policy), *_limits(policy), *_never_fire(policy), *_response(policy)]
    found += [*_lists(policy, at), *_gaps(policy)]
    order = list(Gravity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.gravity)))


def blocks(found: tuple[Finding, ...]) -> bool:
    """Whether a policy with these findings must not be approved."""
    return any(finding.gravity is Gravity.ERROR for finding in found)


def impact(report: Report) -> tuple[Finding, ...]:
    """Warn when a preview would hit many buyers, before a policy is turned on."""
    if not report.in_scope:
        return (Finding("PREVIEW_SAW_NO_ORDER", Gravity.NOTE),)
    share = report.buyers_hit / report.buyers if report.buyers else 0.0
    params: tuple[Param, ...] = (
        ("percent", round(share * 100)), ("hit", report.buyers_hit), ("buyers", report.buyers),
    )  # fmt: skip
    if share >= MANY_BUYERS_HIT:
        return (Finding("HITS_MANY_BUYERS", Gravity.WARNING, "", params),)
    if share >= FEW_BUYERS_HIT:
        return (Finding("HITS_SOME_BUYERS", Gravity.NOTE, "", params),)
    return ()


def _has_time_without_zone(policy: Policy) -> bool:
    """Such a time cannot be compared with an order's, so nothing else can be said."""
    wanted, scope = policy.eligibility, policy.scope
    moments = [scope.starts_at, scope.ends_at, *(snooze.until for snooze in policy.snoozes)]
    moments += [wanted.announced_at, wanted.account_created_before, wanted.paid_orders_before]
    return any(moment is not None and moment.tzinfo is None for moment in moments)


def _scope(policy: Policy, at: datetime | None) -> Iterator[Finding]:
    scope = policy.scope
    if not scope.skus and not scope.all_listings:
        yield Finding("NO_LISTING", Gravity.ERROR, "scope")
    if scope.skus and scope.all_listings:
        yield Finding("LISTINGS_AND_ALL", Gravity.WARNING, "scope")
    if scope.starts_at and scope.ends_at and scope.ends_at <= scope.starts_at:
        yield Finding("ENDS_BEFORE_IT_STARTS", Gravity.ERROR, "scope")
    elif at and scope.ends_at and scope.ends_at <= at:
        yield Finding("ALREADY_OVER", Gravity.ERROR, "scope")
    try:
        zoneinfo.ZoneInfo(scope.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        yield Finding("UNKNOWN_TIME_ZONE", Gravity.ERROR, "scope", (("zone", scope.time_zone[:60]),))


def _eligibility(policy: Policy) -> Iterator[Finding]:
    wanted = policy.eligibility
    announced = wanted.announced_at or policy.scope.starts_at
    for code, cut_off in (
        ("AGE_AFTER_ANNOUNCEMENT", wanted.account_created_before),
        ("PAID_ORDERS_AFTER_ANNOUNCEMENT", wanted.paid_orders_before),
    ):
        if cut_off and announced and cut_off > announced:
            yield Finding(code, Gravity.ERROR, "eligibility")
    if wanted.paid_orders and wanted.paid_orders_before is None:
        yield Finding("PAID_ORDERS_WITHOUT_DATE", Gravity.WARNING, "eligibility")
    if wanted.paid_orders < 0 or not 0 <= wanted.score <= HIGHEST_SCORE:
        yield Finding("FIGURE_OUT_OF_RANGE", Gravity.ERROR, "eligibility")
    if policy.mode is SaleMode.INVITATION and not wanted.entitlement:
        yield Finding("INVITATION_WITHOUT_ENTITLEMENT", Gravity.ERROR, "mode")
    if policy.mode is SaleMode.DRAW and not (policy.scope.starts_at and policy.scope.ends_at):
        yield Finding("DRAW_WITHOUT_WINDOW", Gravity.ERROR, "mode")
    if policy.mode is SaleMode.QUEUE and not 1 <= policy.queue_per_minute <= MOST_A_MINUTE:
        yield Finding("QUEUE_WITHOUT_PACE", Gravity.ERROR, "mode")


def _limits(policy: Policy) -> Iterator[Finding]:
    names = Counter(rule.id for rule in policy.rules)
    for name in sorted(name for name, number in names.items() if number > 1):
        yield Finding("SAME_NAME_TWICE", Gravity.ERROR, name)
    for rule in policy.rules:
        if not 0 <= rule.score <= HIGHEST_SCORE:
            yield Finding("FIGURE_OUT_OF_RANGE", Gravity.ERROR, rule.id)
    for cluster in policy.clusters:
        if cluster.signals < CLUSTER_SIGNALS:
            yield Finding("CLUSTER_BY_ONE_SIGNAL", Gravity.ERROR, cluster.id)
    for limit in policy.counted:
        yield from _limit(limit)


def _limit(limit: Limit) -> Iterator[Finding]:
    if limit.most < 1:
        yield Finding("LIMIT_BELOW_ONE", Gravity.ERROR, limit.id)
    if limit.window is not None and limit.window.total_seconds() <= 0:
        yield Finding("WINDOW_WITHOUT_LENGTH", Gravity.ERROR, limit.id)
    if SIGNAL_OF[limit.dimension] == SURROUNDINGS:
        yield Finding("SHARED_PLACE_ONLY_CHECKS", Gravity.NOTE, limit.id)
        if limit.most < CROWDED:
            yield Finding("SHARED_PLACE_IS_CROWDED", Gravity.WARNING, limit.id, (("most", limit.most),))


def _never_fire(policy: Policy) -> Iterator[Finding]:
    launch = None
    if policy.scope.starts_at and policy.scope.ends_at:
        launch = policy.scope.ends_at - policy.scope.starts_at
    for limit in policy.counted:
        for other in policy.counted:
            if other is not limit and _is_covered(limit, other):
                yield Finding("NEVER_FIRES_ALONE", Gravity.WARNING, limit.id, (("other", other.id),))
                break
        if launch and limit.window and limit.window >= launch:
            yield Finding("WINDOW_LONGER_THAN_LAUNCH", Gravity.NOTE, limit.id)
    for rule in policy.rules:
        if rule.score == 0:
            yield Finding("RULE_WITHOUT_SCORE", Gravity.WARNING, rule.id)


def _is_covered(limit: Limit, other: Limit) -> bool:
    """Whether whatever breaks `limit` has broken `other` already, so that `limit` adds nothing of its own."""
    if limit.dimension is not other.dimension or not limit.gives_back >= other.gives_back:
        return False
    if other.per_listing and not limit.per_listing:
        return False
    if other.measure is not limit.measure and other.measure is not Measure.UNITS:
        return False
    if other.window is not None and (limit.window is None or limit.window > other.window):
        return False
    alike = (limit.most, limit.window, limit.measure, limit.per_listing) == (
        other.most, other.window, other.measure, other.per_listing,
    )  # fmt: skip
    return other.most <= limit.most and (not alike or limit.id > other.id)


def _response(policy: Policy) -> Iterator[Finding]:
    bands = sorted(policy.bands, key=lambda band: band.at_least)
    if not bands:
        yield Finding("NO_RESPONSE", Gravity.ERROR, "response")
    for milder, stricter in pairwise(bands):
        if milder.at_least == stricter.at_least:
            yield Finding("TWO_RESPONSES_AT_ONE_SCORE", Gravity.ERROR, "response", (("score", milder.at_least),))
        elif SEVERITY[stricter.verdict] < SEVERITY[milder.verdict]:
            yield Finding("MORE_SCORE_MILDER_ANSWER", Gravity.ERROR, "response", (("score", stricter.at_least),))
    for band in bands:
        if not 0 <= band.at_least <= HIGHEST_SCORE or band.hours < 0:
            yield Finding("FIGURE_OUT_OF_RANGE", Gravity.ERROR, "response", (("score", band.at_least),))
        elif band.at_least > _highest_reachable(policy) and policy.counted:
            yield Finding("RESPONSE_NEVER_REACHED", Gravity.WARNING, "response", (("score", band.at_least),))
    scores = [rule.score for rule in policy.rules if rule.score > 0]
    if bands and scores and min(scores) < bands[0].at_least:
        yield Finding("SCORE_WITHOUT_RESPONSE", Gravity.WARNING, "response", (("score", min(scores)),))


def _highest_reachable(policy: Policy) -> int:
    return min(
        HIGHEST_SCORE, sum(rule.score for rule in policy.rules) + policy.eligibility.score * _requirements(policy)
    )


def _requirements(policy: Policy) -> int:
    wanted = policy.eligibility
    asked = (wanted.account_created_before, wanted.phone_verified, wanted.real_name_verified, wanted.levels)
    is_drawn = policy.mode is SaleMode.DRAW
    return sum(map(bool, (*asked, wanted.paid_orders, wanted.entitlement, is_drawn)))


def _lists(policy: Policy, at: datetime | None) -> Iterator[Finding]:
    lists = policy.lists
    smaller, larger = sorted((lists.exempt, lists.deny), key=len)
    both = sum(entry in larger for entry in smaller)
    if both:
        yield Finding("EXEMPT_AND_DENIED", Gravity.WARNING, "lists", (("number", both),))
    rules = {rule.id for rule in policy.rules}
    for snooze in policy.snoozes:
        if at and snooze.until <= at:
            yield Finding("SNOOZE_IS_OVER", Gravity.NOTE, snooze.rule)
        if rules and snooze.rule not in rules and not snooze.rule.isupper():
            yield Finding("SNOOZE_OF_NO_RULE", Gravity.WARNING, snooze.rule)


def _gaps(policy: Policy) -> Iterator[Finding]:
    is_queue = policy.mode is SaleMode.QUEUE
    if not (policy.counted or policy.addresses or policy.clusters or _requirements(policy) or is_queue):
        yield Finding("PROTECTS_NOTHING", Gravity.ERROR, "limits")
        return
    if not policy.limits and policy.mode in (SaleMode.FIRST_COME, SaleMode.QUEUE):
        yield Finding("NO_LIMIT", Gravity.WARNING, "limits")
    dimensions = {limit.dimension for limit in policy.limits}
    if dimensions == {Dimension.ACCOUNT}:
        yield Finding("ONLY_ACCOUNTS_ARE_LIMITED", Gravity.WARNING, "limits")
    if policy.limits and all(limit.measure is Measure.ORDERS for limit in policy.limits):
        yield Finding("UNITS_ARE_NOT_LIMITED", Gravity.WARNING, "limits")
    if policy.limits and all(limit.window for limit in policy.limits) and policy.scope.ends_at is None:
        yield Finding("NO_END", Gravity.NOTE, "scope")
