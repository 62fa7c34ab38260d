"""Policies tried on past orders in the background, with progress, and stopped when nobody wants them any more."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import leases, masking, waking
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from scalper_policies import policies
from scalper_policies.lifecycle import RUN_MOVES, RunStatus
from scalper_policies.models import BacktestHit, BacktestRun
from scalper_policies.queries import backtests as queries
from scalper_policies.queries import past_orders, sieve
from scalper_policies.queries import policies as versions
from scalper_policies.rules import backtest, checks, terms
from scalper_policies.rules.backtest import Judged
from scalper_policies.rules.policy import Policy
from scalper_policies.rules.windows import Reading
from scalper_policies.services.answering import plain_reasons

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=90)
AT_ONCE = 3
MOST_HITS = 100_000
TOGETHER = 2_000
MOST_DAYS = 400
SIEVE_PERCENT = 60  # of the work, where the database parts the orders first
SMALL = 50_000  # orders that are looked at at once; more are left to the workers

type Clock = Callable[[], datetime]


class Stopped(Exception):
    """Somebody cancelled the run, or another worker took it over."""


@transaction
def ask(
    *,
    actor: Actor,
    version_id: int,
    reading: str,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> BacktestRun:
    """Put a backtest of a version in line; asking again while one like it waits is asking once."""
    version = versions.lock_version(version_id)
    require(policies.can_write(actor, version.merchant_id) or policies.can_review(actor))
    if reading not in BacktestRun.Reading.values:
        raise Invalid(fields={"reading": [_("There is no such reading.")]})
    if since and until and until <= since:
        raise Invalid(fields={"until": [_("The end lies before the start.")]})
    wanted = {"version": version, "revision": version.revision, "reading": reading, "since": since, "until": until}
    waiting = queries.unfinished(version.merchant_id, **wanted)
    if waiting is not None:
        return waiting
    run = BacktestRun(merchant_id=version.merchant_id, created_at=at, created_by=actor.name[:200], due_at=at, **wanted)
    run.orders_total = past_orders.count(past_orders.past_of(run, terms.from_plain(version.terms)))
    run.save()
    waking.wake()
    return run


@transaction
def cancel(*, actor: Actor, run_id: int, at: datetime) -> BacktestRun:
    """Stop a backtest; what it counted so far is dropped."""
    run = queries.lock(run_id)
    require(policies.can_write(actor, run.merchant_id) or policies.can_review(actor))
    run.status = target_of(RUN_MOVES, "cancel", run.status)
    run.finished_at, run.due_at, run.generation = at, None, run.generation + 1
    run.save(update_fields=["status", "finished_at", "due_at", "generation"])
    return run


def run_due(*, now: datetime, clock: Clock = timezone.now, most_orders: int | None = None) -> int:
    """Run the backtests that wait; return how many. One that fails is told and holds up no other."""
    done = 0
    for run in leases.claim(queries.due(most_orders=most_orders), now=now, limit=AT_ONCE, lease=LEASE):
        try:
            leases.require_an_end(run)
            _run(run, clock=clock)
        except Stopped:
            logger.info("Backtest %s was stopped", run.pk)
        except Exception as error:
            logger.exception("Backtest %s failed", run.pk)
            _fail(run, error, at=clock())
        done += 1
    return done


def run_small(*, now: datetime, clock: Clock = timezone.now) -> int:
    """Run the short backtests at once, so that whoever asked need not wait for a worker."""
    return run_due(now=now, clock=clock, most_orders=SMALL)


@dataclass
class _Notes:
    """What is kept while orders pass by: the orders that were hit, and figures by day."""

    run: BacktestRun
    zone: ZoneInfo
    waiting: list[BacktestHit] = field(default_factory=list)
    kept: int = 0
    found: int = 0
    stopped_by_day: Counter[str] = field(default_factory=Counter)
    passed_by_day: Counter[str] = field(default_factory=Counter)

    day: str = ""
    day_ends: datetime | None = None

    def look(self, judged: Judged) -> None:
        if self.day_ends is None or judged.order.placed_at >= self.day_ends:  # orders come in order of time
            self._begin_day(judged.order.placed_at)
        is_stopped = backtest.is_stopped(judged.decision)
        (self.stopped_by_day if is_stopped else self.passed_by_day)[self.day] += judged.units

    def _begin_day(self, at: datetime) -> None:
        day = at.astimezone(self.zone).date()
        self.day = day.isoformat()
        self.day_ends = datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)

    def hit(self, judged: Judged) -> None:
        self.found += 1
        if self.kept >= MOST_HITS:
            return
        self.kept += 1
        order, decision = judged.order, judged.decision
        self.waiting.append(
            BacktestHit(
                merchant_id=self.run.merchant_id,
                run=self.run,
                ordinal=self.kept,
                number=order.number,
                placed_at=order.placed_at,
                verdict=decision.verdict.value,
                units=judged.units,
                reasons=plain_reasons(decision.reasons),
            )
        )
        if len(self.waiting) >= TOGETHER:
            self.write()

    def write(self) -> None:
        refs = past_orders.buyers_of(self.run.merchant_id, [each.number for each in self.waiting])
        for each in self.waiting:
            each.buyer_shown = masking.masked(refs.get(each.number, ""))
        BacktestHit.objects.bulk_create(self.waiting)
        self.waiting.clear()


def _run(run: BacktestRun, *, clock: Clock) -> None:
    version = queries.version_of(run)
    if version.revision != run.revision:
        raise Conflict("The draft was changed since.")
    past_orders.hits_of(run).delete()
    policy = terms.from_plain(version.terms)
    lists, snoozes = past_orders.lists_of(run.merchant_id, policy_id=version.policy_id)
    policy = replace(policy, version=version.number, lists=lists, snoozes=snoozes)
    past = past_orders.past_of(run, policy)
    total = past_orders.count(past)
    begun = {"orders_total": total, "orders_done": 0, "percent": 0}
    _keep(run, clock=clock, status=target_of(RUN_MOVES, "start", run.status), started_at=clock(), **begun)
    zone = versions.zone_of(run.merchant_id)
    notes = _Notes(run, ZoneInfo(zone))
    sifted = sieve.sift(
        policy,
        past,
        zone=zone,
        total=total,
        on_step=lambda share: _keep(run, clock=clock, percent=int(SIEVE_PERCENT * share)),
    )
    replayed = (sifted.suspected, sifted.replayed) if sifted else (past, total)
    report = _report(run, policy, *replayed, notes, clock=clock)
    if sifted:
        report = backtest.with_passed(report, sifted.passed, orders=total)
        notes.passed_by_day.update(sifted.days)
    notes.write()
    _keep(
        run,
        clock=clock,
        status=target_of(RUN_MOVES, "finish", run.status),
        finished_at=clock(),
        orders_done=total,
        percent=100,
        report=_plain(report, notes),
        due_at=None,
    )


def _report(
    run: BacktestRun, policy: Policy, past: past_orders.Past, orders: int, notes: _Notes, *, clock: Clock
) -> backtest.Report:
    """Replay what has to be; what the database did before stays done, and the rest is shared out over these orders."""
    before, total = run.percent, run.orders_total

    def got(done: int) -> None:
        percent = before + (99 - before) * done // max(orders, 1)
        _keep(run, clock=clock, orders_done=total - orders + done, percent=min(99, percent))

    return backtest.backtest(
        policy,
        past_orders.orders(past),
        Reading(run.reading),
        on_hit=notes.hit,
        on_judged=notes.look,
        on_progress=got,
    )


def _plain(report: backtest.Report, notes: _Notes) -> dict[str, Any]:
    found = asdict(report)
    days = sorted(notes.passed_by_day | notes.stopped_by_day)[-MOST_DAYS:]
    return found | {
        "reading": report.reading.value,
        "verdicts": {verdict.value: number for verdict, number in report.verdicts.items()},
        "overlap": [[list(rules), number] for rules, number in sorted(report.overlap.items(), key=lambda one: -one[1])],
        "days": [[day, notes.passed_by_day[day], notes.stopped_by_day[day]] for day in days],
        "hits": notes.found,
        "hits_kept": notes.kept,
        "findings": [
            {"code": each.code, "gravity": each.gravity.value, "params": dict(each.params)}
            for each in checks.impact(report)
        ],
    }


def _keep(run: BacktestRun, *, clock: Clock, **changes: Any) -> None:
    """Note how far it got; whoever lost the run, or was told to stop, stops here."""
    if not leases.finish(run, **({"due_at": clock() + LEASE} | changes)):
        raise Stopped
    for name, value in changes.items():
        setattr(run, name, value)


def _fail(run: BacktestRun, error: Exception, *, at: datetime) -> None:
    is_over = run.attempts >= leases.MAX_ATTEMPTS or isinstance(error, Conflict | NotFound)
    changes: dict[str, Any] = {"due_at": at + leases.retry_delay(run.attempts), "last_error": type(error).__name__}
    if is_over:
        changes = {
            "due_at": None,
            "status": RunStatus.FAILED,
            "finished_at": at,
            "last_error": str(error)[:300] or type(error).__name__,
        }
    leases.finish(run, **changes)
