"""Reads over every app: how much work waits, and whether the database is as the program expects it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.apps import apps
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import queries as audit
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import heartbeats, tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.lifecycle import OPEN_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import Import, Order
from merchant_protection.marketplace.queries import actions, guards, imports, inbox, orders
from merchant_protection.notices import queries as notices
from merchant_protection.notices.models import Notice
from merchant_protection.risk import queries as risk
from merchant_protection.risk.models import Warning

LOOK_WITHIN = heartbeats.LATELY.total_seconds()
SWEEP_WITHIN = 180.0


@dataclass(frozen=True)
class Waiting:
    """How many rows of a table are due, and for how long the oldest has been."""

    table: str
    rows: int
    oldest_seconds: float


def work_waiting(*, now: datetime) -> Iterator[Waiting]:
    """Return for every kind of work what is due now."""
    tenancy.require_scope()
    for model in apps.get_models():
        if issubclass(model, Work):
            due = model._default_manager.filter(due_at__lte=now).aggregate(rows=Count("pk"), oldest=Min("due_at"))
            oldest = (now - due["oldest"]).total_seconds() if due["oldest"] else 0.0
            yield Waiting(model._meta.db_table, due["rows"], oldest)


def database_faults() -> list[str]:
    """Return what is wrong with the database: it does not answer, or lacks migrations."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return ["the database does not answer"]
    return [f"{len(missing)} migrations are missing"] if missing else []


@dataclass(frozen=True)
class Figures:
    """What a shop's last days brought, beside the days before them."""

    orders: int
    orders_before: int
    sales: Decimal
    sales_before: Decimal
    open_after_sales: int
    unread: int
    open_warnings: int
    prevented: Decimal
    prevented_before: Decimal


def figures_of(actor: Actor, merchant_id: int, *, days: int, until: datetime) -> Figures:
    """Return orders, sales and savings of the `days` before a moment, those of the days before, and what is open."""
    currency = actions.merchant(merchant_id).currency
    shop = orders.visible_to(actor).filter(merchant_id=merchant_id)
    span = timedelta(days=days)
    now, before = (orders.totals(shop, since=at - span, until=at) for at in (until, until - span))
    after_sales = orders.after_sales_visible_to(actor).filter(merchant_id=merchant_id, status="OPEN")
    return Figures(
        orders=now["orders"],
        orders_before=before["orders"],
        sales=now["total"] or Decimal(0),
        sales_before=before["total"] or Decimal(0),
        open_after_sales=after_sales.count(),
        unread=notices.unread_count(actor, merchant_id),
        open_warnings=risk.open_count(actor, merchant_id),
        prevented=_saved(merchant_id, currency=currency, since=until - span, until=until),
        prevented_before=_saved(merchant_id, currency=currency, since=until - span * 2, until=until - span),
    )


def _saved(merchant_id: int, *, currency: str, since: datetime, until: datetime) -> Decimal:
    """What was spared or brought back between two moments."""
    totals = risk.totals_of(merchant_id, currency=currency, since=since, until=until)
    return totals["prevented"] + totals["recovered"]


def counts(actor: Actor, merchant_id: int) -> dict[str, int]:
    """Return how much waits for the shop, by the id under which the side bar shows it; one query each."""
    return {name: import_string(path)(actor, merchant_id) for name, path in settings.SIDE_BAR_COUNTS.items()}


def pulse(actor: Actor, merchant_id: int, waiting: Mapping[str, int]) -> tuple[object, ...]:
    """Return what changes whenever a page of the shop would show something new; cheap enough to be asked every 15 s."""
    return (
        merchant_id,
        actor.id,
        sorted(waiting.items()),
        Order.objects.filter(merchant_id=merchant_id)
        .order_by("-updated_at")
        .values_list("updated_at", flat=True)
        .first(),
        Notice.objects.filter(merchant_id=merchant_id).order_by("-pk").values_list("pk", flat=True).first(),
    )


def silent_work(*, now: datetime) -> list[str]:
    """Return which loops of the drain have not looked for work lately, and whether the sweeps stand still."""
    ages = heartbeats.ages(now=now)
    loops = {name: age for name, age in ages.items() if ".services." not in name}
    sweeps = [age for name, age in ages.items() if name not in loops]
    quiet = sorted((name, age) for name, age in loops.items() if age > LOOK_WITHIN)
    found = [f"{name} has not looked for work for {age:.0f} s" for name, age in quiet]
    if not loops:
        found.append("no drain has looked for work yet")
    if not sweeps or min(sweeps) > SWEEP_WITHIN:
        found.append("no sweep of the schedule has run in the last three minutes")
    return found


@dataclass(frozen=True)
class StaffFigures:
    """What operations look at first."""

    received: int
    to_review: int
    open_actions: int
    stopped: int
    paused: int


def staff_figures(actor: Actor, *, since: datetime) -> StaffFigures:
    """Return how much arrived since a moment, and what waits for a person now."""
    return StaffFigures(
        received=inbox.events_visible_to(actor).filter(received_at__gte=since).count(),
        to_review=waiting_actions(actor),
        open_actions=actions.visible_to(actor).filter(status__in=OPEN_ACTIONS).count(),
        stopped=guards.switches(actor).filter(is_stopped=True).count(),
        paused=guards.open_pauses(actor).count(),
    )


def waiting_actions(actor: Actor) -> int:
    """Return how many platform actions wait for a person."""
    return actions.visible_to(actor).filter(status=ActionStatus.NEEDS_REVIEW).count()


def newest_imports(actor: Actor) -> list[Import]:
    """Return the files that were loaded last."""
    return list(imports.visible_to(actor).select_related("merchant").order_by("-pk")[:5])


def last_looks(*, now: datetime) -> list[tuple[str, float]]:
    """Return for each loop and sweep how many seconds ago it last looked for work."""
    return sorted(heartbeats.ages(now=now).items())


def newest_changes() -> list[Entry]:
    """Return the newest lines of the audit."""
    return list(audit.everything().order_by("-pk")[:8])


def led(warnings: QuerySet[Warning], view: str) -> QuerySet[Warning]:
    """Return of the warnings of one ring only the most urgent in a view, and all that belong to no ring."""
    ring = Warning.objects.filter(merchant_id=OuterRef("merchant_id"), cluster_id=OuterRef("cluster_id"))
    ring = ring.filter(cluster__is_disputed=False)
    same_rank = Q(rank=OuterRef("rank"))
    same_moment = same_rank & Q(raised_at=OuterRef("raised_at"))
    more_urgent = Q(rank__lt=OuterRef("rank")) | (same_rank & Q(raised_at__gt=OuterRef("raised_at")))
    more_urgent |= same_moment & Q(pk__gt=OuterRef("pk"))
    return warnings.filter(~Exists(risk.in_view(ring, view).filter(more_urgent)))


def rings(warnings: QuerySet[Warning], cluster_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Return how many of these warnings, and of how many accounts, each ring has that has more than one."""
    if not cluster_ids:
        return {}
    counted = warnings.filter(cluster_id__in=cluster_ids, cluster__is_disputed=False).order_by().values("cluster_id")
    counted = counted.annotate(warnings=Count("pk"), accounts=Count("buyer_id", distinct=True)).filter(warnings__gt=1)
    return {row["cluster_id"]: row for row in counted}
