"""Reads over every app: how much work waits, and whether the database is as the program expects it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work


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
