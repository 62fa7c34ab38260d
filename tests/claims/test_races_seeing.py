"""Two leads mark the same rows of the inbox at the same moment."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db.models import QuerySet

from claims.models import Escalation
from claims.services import breaching
from tests.claims.at_once import at_once
from tests.factories import claims as make
from tests.fixtures.people import Persona

MORNING = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LATE = MORNING + timedelta(hours=2, minutes=1)
type Marks = list[Callable[[], object]]


@pytest.fixture
def marks(transactional_db: None, platform_scope: None, merchant: Persona, senior: Persona, staff: Persona) -> Marks:
    """Each of two leads marks all that was told of a case that nobody has."""
    make.submitted(merchant.shop, at=MORNING)
    breaching.fire_escalations(now=LATE)
    ids = list(Escalation.objects.filter(fired_at__isnull=False).values_list("pk", flat=True))
    assert len(ids) == 5
    actors = (senior.actor, staff.actor)
    return [partial(breaching.see_told, escalation_ids=ids[::-1], actor=actor, at=LATE) for actor in actors]


def test_two_leads_mark_each_row_once(marks: Marks) -> None:
    assert set(at_once(marks)) == {0, 5}
    assert Escalation.objects.filter(seen_at=LATE).values("told").distinct().count() == 1


def test_control_rows_chosen_before_the_lock_are_marked_twice(marks: Marks, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2)
    choose = breaching.hearing.unseen_by

    def early(user_id: int, *, is_lead: bool) -> QuerySet[Escalation]:
        chosen = list(choose(user_id, is_lead=is_lead).values_list("pk", flat=True))
        together.wait(timeout=20)
        return Escalation.objects.filter(pk__in=chosen)

    monkeypatch.setattr(breaching.hearing, "unseen_by", early)

    assert at_once(marks) == [5, 5]
