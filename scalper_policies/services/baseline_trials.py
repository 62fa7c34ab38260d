"""Baseline rules tried on the past of every shop, shop after shop, before anybody may approve them."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import leases, waking
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.transactions import transaction
from scalper_policies import policies
from scalper_policies.lifecycle import RunStatus
from scalper_policies.models import BaselineTrial
from scalper_policies.queries import baseline as queries
from scalper_policies.queries import past_orders
from scalper_policies.rules import backtest, terms
from scalper_policies.rules.policy import Policy

logger = logging.getLogger(__name__)
LOOKS_BACK = timedelta(days=90)
LEASE = timedelta(seconds=90)
SHOPS_AT_ONCE = 20
MOST_ORDERS = 20_000  # of one shop: enough to tell what a rule would do there
SHOWN_SHOPS = 20
FIGURES = ("orders", "hits", "stopped", "buyers", "buyers_hit")

type Clock = Callable[[], datetime]


@transaction
def ask(*, actor: Actor, version_id: int, at: datetime) -> BaselineTrial:
    """Put a trial of a version in line; asking again while it waits is asking once."""
    version = queries.lock(version_id)
    require(policies.can_override(actor))
    waiting = queries.last_trial(version, is_done=False)
    if waiting is not None and waiting.due_at is not None:
        return waiting
    trial = BaselineTrial.objects.create(
        version=version,
        revision=version.revision,
        since=at - LOOKS_BACK,
        until=at,
        created_at=at,
        created_by=actor.name[:200],
        due_at=at,
    )
    waking.wake()
    return trial


def run_due(*, now: datetime, clock: Clock = timezone.now) -> int:
    """Take the trials that wait some shops further; return how many. One that fails holds up no other.

    What was counted is kept after every shop, so that a worker that goes away costs one shop's orders.
    """
    done = 0
    for trial in leases.claim(queries.due_trials(), now=now, limit=1, lease=LEASE):
        try:
            _run(trial, clock=clock)
        except Exception as error:
            logger.exception("Trial %s of the baseline rules failed", trial.pk)
            _fail(trial, error, at=clock())
        done += 1
    return done


def _run(trial: BaselineTrial, *, clock: Clock) -> None:
    policy = terms.from_plain(trial.version.terms)
    if trial.version.revision != trial.revision:
        leases.finish(trial, status=RunStatus.FAILED, last_error="The draft was changed since.", finished_at=clock())
        return
    shops = queries.next_shops(trial.reached, most=SHOPS_AT_ONCE)
    for shop, code in shops:
        trial.report = _with_shop(trial.report, code, _tried(policy, trial, shop))
        trial.reached, trial.shops_done = shop, trial.shops_done + 1
        if not _keep(trial, due_at=clock() + LEASE, status=RunStatus.RUNNING, attempts=0):
            return
    if len(shops) == SHOPS_AT_ONCE:
        _keep(trial, due_at=clock())  # others wait for the same drain: the rest is taken up in its turn
    else:
        _keep(trial, due_at=None, status=RunStatus.DONE, finished_at=clock())


def _keep(trial: BaselineTrial, **changes: Any) -> bool:
    """Note how far it got; False where another worker took it over."""
    kept = {"report": trial.report, "reached": trial.reached, "shops_done": trial.shops_done}
    return leases.finish(trial, **kept, **changes)


def _tried(policy: Policy, trial: BaselineTrial, shop: int) -> backtest.Report:
    past = past_orders.Past(
        shop=shop,
        since=trial.since,
        until=trial.until,
        clusters=past_orders.clusters_of(shop),
        asks=policy,
    )
    return backtest.backtest(policy, islice(past_orders.orders(past), MOST_ORDERS))


def _with_shop(report: dict[str, Any], code: str, found: backtest.Report) -> dict[str, Any]:
    """Add a shop to the sums, and keep the shops that would have been hit most."""
    stopped = sum(number for verdict, number in found.verdicts.items() if verdict in backtest.STOPPED)
    own = {
        "orders": found.in_scope,
        "hits": sum(found.overlap.values()),
        "stopped": stopped,
        "buyers": found.buyers,
        "buyers_hit": found.buyers_hit,
    }
    sums = {name: report.get(name, 0) + own[name] for name in FIGURES}
    shops = [*report.get("shops", []), {"code": code, **own}] if own["hits"] else report.get("shops", [])
    return {
        **sums,
        "shops_with_orders": report.get("shops_with_orders", 0) + bool(own["orders"]),
        "shops_hit": report.get("shops_hit", 0) + bool(own["hits"]),
        "hits_by_rule": dict(Counter(report.get("hits_by_rule", {})) + Counter(found.hits_by_rule)),
        "shops": sorted(shops, key=lambda each: (-each["stopped"], -each["hits"], each["code"]))[:SHOWN_SHOPS],
    }


def _fail(trial: BaselineTrial, error: Exception, *, at: datetime) -> None:
    if trial.attempts >= leases.MAX_ATTEMPTS:
        told = str(error)[:300] or type(error).__name__
        leases.finish(trial, status=RunStatus.FAILED, finished_at=at, last_error=told)
        return
    leases.finish(trial, due_at=at + leases.retry_delay(trial.attempts), last_error=type(error).__name__)
