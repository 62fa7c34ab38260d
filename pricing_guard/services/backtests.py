"""Trying thresholds on the shop's own past: asked for by people, worked off in the background with progress."""

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import leases
from merchant_protection.foundation.errors import Invalid, NotFound, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from pricing_guard import policies
from pricing_guard.lifecycle import JOB_MOVES, JobStatus
from pricing_guard.models import Backtest, BacktestHit
from pricing_guard.queries import history, jobs, listings
from pricing_guard.rules import ladder, recommend, replay, stored, trial, validation

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
TOLD_EVERY = 5_000
KEPT_HITS = 2_000


class Stopped(RuntimeError):
    """Somebody called the job off, or another worker has it now."""


@dataclass(frozen=True)
class Asked:
    """What is to be tried: one set of thresholds, a second to compare it with, over which stretch of the past."""

    kind: str
    thresholds: Mapping[str, object] | None = None
    against: Mapping[str, object] | None = None
    ladder: Mapping[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    policy_id: int | None = None


@transaction
def ask(*, merchant_id: int, asked: Asked, actor: Actor, at: datetime) -> Backtest:
    """Put a backtest, a comparison or a recommendation in line."""
    require(policies.can_set(actor, merchant_id))
    if asked.kind not in Backtest.Kind.values:
        raise Invalid(fields={"kind": [_("Choose what to try.")]})
    if asked.since and asked.until and asked.until <= asked.since:
        raise Invalid(fields={"until": [_("It ends before it starts.")]})
    wants = asked.kind != Backtest.Kind.RECOMMEND
    against = _read(merchant_id, asked.against or {}, "against") if asked.kind == Backtest.Kind.COMPARE else {}
    return Backtest.objects.create(
        merchant_id=merchant_id,
        kind=asked.kind,
        policy_id=jobs.policy_in(merchant_id, asked.policy_id),
        thresholds=_read(merchant_id, asked.thresholds or {}, "thresholds") if wants else {},
        against=against,
        ladder=dict(asked.ladder or {}),
        since=asked.since,
        until=asked.until,
        asked_at=at,
        asked_by=actor.name[:200],
        due_at=at,
    )


@transaction
def cancel(*, backtest_id: int, actor: Actor, at: datetime) -> Backtest:
    """Call a backtest off."""
    row = Backtest.objects.select_for_update().filter(pk=backtest_id).first()
    if row is None:
        raise NotFound
    require(policies.can_set(actor, row.merchant_id))
    row.status = target_of(JOB_MOVES, "cancel", row.status)
    row.generation, row.due_at, row.finished_at = row.generation + 1, None, at
    row.save(update_fields=["status", "generation", "due_at", "finished_at"])
    return row


def run_due(*, now: datetime) -> int:
    """Work off the backtests that wait; return how many were finished. Safe for several workers at once."""
    done = 0
    for row in leases.claim(jobs.backtests_due(), now=now, limit=1, lease=LEASE):
        try:
            leases.require_an_end(row)
            _run(row, now=now)
            done += 1
        except Stopped:
            logger.info("Backtest %s was called off", row.pk)
        except Exception as error:
            logger.exception("Backtest %s failed", row.pk)
            _fail(row, error=type(error).__name__, at=now)
    return done


def _run(row: Backtest, *, now: datetime) -> None:
    until = row.until or now
    total = history.counted(row.merchant_id, since=row.since, until=until)
    leases.finish(row, due_at=now + LEASE, status=JobStatus.RUNNING, total=total, done=0)
    currency = listings.currency_of(row.merchant_id)
    if row.kind == Backtest.Kind.RECOMMEND:
        result, sides = _recommended(row, currency=currency, until=until), {}
    else:
        sides = {"A": _tried(row, row.thresholds, until=until, now=now)}
        if row.kind == Backtest.Kind.COMPARE:
            sides["B"] = _tried(row, row.against, until=until, now=now)
        result = {side: _totals(one) for side, one in sides.items()}
    _finish(row, result, sides, at=now)


def _tried(row: Backtest, thresholds: Mapping[str, Any], *, until: datetime, now: datetime) -> trial.Trial:
    """Put the shop's past through the guard as it would have been."""
    response = ladder.Response(ladder.Mode.AUTO, stored.ladder_in(row.ladder))
    since = row.since or stored.EPOCH
    policy = replay.whole_shop(stored.thresholds_in(thresholds), response=response, at=since)
    past = history.events(row.merchant_id, since=row.since, until=until)
    found = trial.Trial(policy).run(_telling(row, past, now=now))
    found.finish(at=until)
    return found


def _telling(row: Backtest, past: Iterator[replay.Event], *, now: datetime) -> Iterator[replay.Event]:
    """Tell every few thousand events how far it is, and stop when somebody else has the job."""
    begun = time.monotonic()
    for count, event in enumerate(past, 1):
        if count % TOLD_EVERY == 0:
            elapsed = timedelta(seconds=time.monotonic() - begun)
            if not leases.finish(row, due_at=now + elapsed + LEASE, done=min(count, row.total or count)):
                raise Stopped
        yield event


def _recommended(row: Backtest, *, currency: str, until: datetime) -> dict[str, Any]:
    found = recommend.recommend(
        history.series(row.merchant_id, since=row.since, until=until),
        currency=currency,
        sold=history.sold(row.merchant_id, since=row.since, until=until),
    )
    return {
        "thresholds": stored.thresholds_out(found.thresholds),
        "evidence": [
            {"field": one.field, "value": str(one.value), "usual": str(one.usual), "cases": one.cases}
            for one in found.evidence
        ],
        "looked_at": found.looked_at,
        "flagged": found.flagged,
        "examples": [
            {
                "sku": one.sku,
                "at": one.at.isoformat(),
                "price": str(one.price),
                "finding": stored.findings_out(one.judgement.findings[:1])[0],
            }
            for one in found.examples
        ],
    }


def _totals(one: trial.Trial) -> dict[str, Any]:
    totals = one.totals
    return {
        "prices": totals.prices,
        "lines": totals.lines,
        "hits": totals.hits,
        "kept": totals.kept,
        "caught": totals.hits - totals.kept,
        "units_held": totals.units,
        "money_spared": str(totals.spared),
        "by_check": totals.by_check,
    }


@transaction
def _finish(row: Backtest, result: dict[str, Any], sides: Mapping[str, trial.Trial], *, at: datetime) -> None:
    """Write the result and its hits together; nothing is written when somebody else has the job now."""
    changes = {"status": JobStatus.DONE, "result": result, "finished_at": at, "last_error": ""}
    if not leases.finish(row, **changes, done=row.total):
        raise Stopped
    BacktestHit.objects.filter(merchant_id=row.merchant_id, backtest=row).delete()
    for side, one in sides.items():
        worst = sorted(one.hits, key=lambda hit: (hit.was_kept, -hit.severity, hit.at))[:KEPT_HITS]
        BacktestHit.objects.bulk_create([_hit(row, side, hit) for hit in worst], batch_size=500)


def _hit(row: Backtest, side: str, hit: trial.Hit) -> BacktestHit:
    return BacktestHit(
        merchant_id=row.merchant_id,
        backtest=row,
        side=side,
        sku=hit.sku,
        at=hit.at,
        price=hit.price,
        reference_price=hit.finding.reference.amount if hit.finding.reference else None,
        severity=hit.severity,
        check_name=hit.finding.check.value,
        reason=hit.finding.reason.as_json(),
        was_kept=hit.was_kept,
        units_held=hit.units,
        money_spared=hit.spared,
    )


@transaction
def _fail(row: Backtest, *, error: str, at: datetime) -> None:
    if row.attempts < leases.MAX_ATTEMPTS:
        leases.finish(row, due_at=at + leases.retry_delay(row.attempts), last_error=error)
    else:
        leases.finish(row, status=JobStatus.FAILED, last_error=error, finished_at=at)


def _read(merchant_id: int, typed: Mapping[str, object], field: str) -> dict[str, object]:
    read = validation.read(typed, currency=listings.currency_of(merchant_id))
    faults: dict[str, list[str]] = {}
    for error in read.errors:
        faults.setdefault(error.field, []).append(error.told(_))
    if faults:
        raise Invalid(fields=faults)
    if read.thresholds is None or not stored.thresholds_out(read.thresholds):
        raise Invalid(fields={field: [_("Set at least one threshold.")]})
    return stored.thresholds_out(read.thresholds)
