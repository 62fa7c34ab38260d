"""Every read of backtests."""

from typing import Any

from django.db.models import QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from scalper_policies.lifecycle import RunStatus
from scalper_policies.models import BacktestRun, PolicyVersion
from scalper_policies.queries.policies import of_shops

WAITS = (RunStatus.WAITING, RunStatus.RUNNING)


def visible_to(actor: Actor) -> QuerySet[BacktestRun]:
    """Return the backtests of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(BacktestRun.objects.select_related("version", "version__policy"), actor)


def of_policy(actor: Actor, policy_id: int) -> QuerySet[BacktestRun]:
    """Return the backtests of a policy's versions, newest first."""
    return visible_to(actor).filter(version__policy_id=policy_id).order_by("-pk")


def no_runs() -> QuerySet[BacktestRun]:
    """Return no backtest at all: tells the API's description what kind of thing it lists."""
    return BacktestRun.objects.none()


def lock(run_id: int) -> BacktestRun:
    """Return the backtest, locked; a stranger's is not found."""
    run = BacktestRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run


def due(*, most_orders: int | None = None) -> QuerySet[BacktestRun]:
    """Return the backtests that wait, and those whose worker died; only short ones where a bound is given."""
    tenancy.require_scope()
    waiting = BacktestRun.objects.filter(status__in=WAITS, due_at__isnull=False)
    return waiting if most_orders is None else waiting.filter(orders_total__lte=most_orders)


def unfinished(shop: int, **wanted: Any) -> BacktestRun | None:
    """Return a backtest like the one wanted that is not done yet."""
    return BacktestRun.objects.filter(merchant_id=shop, status__in=WAITS, **wanted).first()


def version_of(run: BacktestRun) -> PolicyVersion:
    """Return the version a run tries, as it now is."""
    return PolicyVersion.objects.get(merchant_id=run.merchant_id, pk=run.version_id)


def newest_done(version: PolicyVersion, *, reading: str) -> BacktestRun | None:
    """Return the newest finished backtest of a version in a reading, of the text as it now is."""
    runs = BacktestRun.objects.filter(merchant_id=version.merchant_id, version_id=version.pk, reading=reading)
    return runs.filter(status=RunStatus.DONE, revision=version.revision).order_by("-pk").first()
