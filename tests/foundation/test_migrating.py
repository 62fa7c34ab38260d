"""What migrations make in a row is drawn up once, and comes out as if each had been made alone."""

from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.state import ProjectState, StateApps

from merchant_protection.foundation import migrating
from merchant_protection.foundation.migrating import Together

pytestmark = pytest.mark.django_db


def key() -> tuple[str, Any]:
    return ("id", models.BigAutoField(primary_key=True))


def to(name: str, **kwargs: Any) -> Any:
    return models.ForeignKey(f"accounts.{name}", models.PROTECT, **kwargs)


STEPS: list[Any] = [
    operations.CreateModel("Shelf", [key(), ("name", models.CharField(max_length=20, unique=True))]),
    operations.CreateModel("Box", [key(), ("shelf", to("Shelf"))]),
    operations.CreateModel("Thing", [key(), ("box", to("Box")), ("n", models.IntegerField(default=0))]),
    operations.RunSQL("CREATE INDEX between ON accounts_thing (n)"),
    operations.AddField("Thing", "shelf", to("Shelf", null=True)),
    operations.AddField("Box", "size", models.IntegerField(default=1)),
    operations.AddConstraint("Box", models.CheckConstraint(condition=models.Q(size__gt=0), name="box_has_room")),
    operations.AddIndex("Thing", models.Index(fields=["shelf", "n"], name="thing_on_shelf")),
    operations.AlterField("Box", "size", models.BigIntegerField(default=2)),
    operations.AddField("Shelf", "size", models.IntegerField(default=1)),
]


def made(steps: list[Any]) -> tuple[list[str], ProjectState]:
    """The statements of a migration, and what the models are like after it."""
    migration = Migration("0099_making", "accounts")
    migration.operations = steps
    state = ProjectState()
    _ = state.apps
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        state = migration.apply(state, editor)
    return editor.collected_sql, state


@pytest.fixture
def drawn_up(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many models were drawn up at a time."""
    counts: list[int] = []
    render = StateApps.render_multiple

    def counted(self: StateApps, states: Any) -> None:
        counts.append(len(states))
        render(self, states)

    monkeypatch.setattr(StateApps, "render_multiple", counted)
    return counts


def test_what_stands_in_a_row_makes_the_same_statements_in_the_same_order(drawn_up: list[int]) -> None:
    alone, each = made(STEPS)
    alone_drawn_up = sum(drawn_up)
    drawn_up.clear()

    together, whole = made(migrating.in_rows(STEPS))

    assert together == alone
    assert whole == each
    assert sum(drawn_up) <= alone_drawn_up / 2
    for name in ("shelf", "box", "thing"):
        model = whole.apps.get_model("accounts", name)
        assert [field.name for field in model._meta.get_fields()] == [
            field.name for field in each.apps.get_model("accounts", name)._meta.get_fields()
        ]
    assert {each.related_model for each in whole.apps.get_model("accounts", "shelf")._meta.related_objects} == {
        whole.apps.get_model("accounts", "box"),
        whole.apps.get_model("accounts", "thing"),
    }


def test_only_what_cannot_touch_each_other_is_put_together() -> None:
    aside = AddIndexConcurrently("Thing", models.Index(fields=["n"], name="aside"))

    rows = migrating.in_rows([*STEPS, aside])

    assert [len(row.steps) if isinstance(row, Together) else type(row).__name__ for row in rows] == [
        3,
        "RunSQL",
        4,
        "AlterField",
        "AddField",
        "AddIndexConcurrently",
    ]
    assert [step for row in rows for step in getattr(row, "steps", [row])] == [*STEPS, aside]
