"""Migrations that make many tables, in a fraction of the time.

Django draws up every model anew, with all that point at it or that it points at, after each single operation. Here
nearly all point at the merchant: a new table had a hundred others drawn up again. What stands in a row and cannot
touch each other is therefore put before Django as one operation, whose models are drawn up once. Each table,
column and constraint is then made as always, in the same order.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

NEW_TABLES = "new tables"
ADDITIONS = "additions"
# Exactly these: what makes an index concurrently, for one, is a kind of its own and stands alone.
KINDS: dict[type[Operation], str] = {
    operations.CreateModel: NEW_TABLES,
    operations.AddField: ADDITIONS,
    operations.AddIndex: ADDITIONS,
    operations.AddConstraint: ADDITIONS,
}


class Together(Operation):
    """Operations in a row, none of which looks at what another of them makes."""

    def __init__(self, steps: Sequence[Any]) -> None:
        self.steps = steps

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Note every change, then draw up once what they concern."""
        drawn_up = state.__dict__.pop("apps", None)
        for step in self.steps:
            step.state_forwards(app_label, state)
        if drawn_up is not None:
            state.__dict__["apps"] = drawn_up
            state.reload_models(sorted({(app_label, _model_of(step)) for step in self.steps}), delay=False)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make each, in its order."""
        for step in self.steps:
            step.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(step.describe() for step in self.steps)


class Executor(MigrationExecutor):
    """Django's own, for which operations in a row are one."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if migration.atomic and not fake_initial:
            put_together = type(migration)(migration.name, migration.app_label)
            vars(put_together)["operations"] = in_rows(migration.operations)
            return super().apply_migration(state, put_together, fake=fake)
        return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)


def in_rows(steps: Sequence[Operation]) -> list[Operation]:
    """Put together what stands in a row and is of one kind; the rest stays as it is."""
    found: list[Operation] = []
    for kind, row in groupby(steps, key=lambda step: KINDS.get(type(step), "")):
        together = list(row)
        found += [Together(together)] if kind and len(together) > 1 else together
    return found


def _model_of(step: Any) -> str:
    return str(step.name_lower if isinstance(step, operations.CreateModel) else step.model_name_lower)
