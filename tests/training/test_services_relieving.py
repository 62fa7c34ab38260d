"""Completing a course takes penalty points off, as the policy says: once, with the lesson that was really learned."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.notices.models import Notice
from merchant_protection.risk.models import Relief
from tests.factories.risk import ViolationFactory
from tests.fixtures.people import Persona
from tests.training import folders, quizzes
from training.models import Assignment, AssignmentRule, Course, ReliefPolicy
from training.services import assigning, enrolling, relieving, ruling, studying

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def course(now: datetime) -> Course:
    return folders.course(folders.articles(), at=now)


def policy(staff: Persona, course: Course, now: datetime, **more: Any) -> ReliefPolicy:
    values = {"points": 2, "most_points": 3, "period_days": 365, **more}
    with tenancy.platform():
        return relieving.add(actor=staff.actor, course_id=course.pk, at=now, **values)


def complete(person: Persona, course: Course, now: datetime) -> None:
    with quizzes.scope(person):
        enrolling.enrol(actor=person.actor, course_id=course.pk, at=now)
        for code in ("one", "two"):
            studying.mark_read(actor=person.actor, course_id=course.pk, code=code, at=now)


def relieved() -> list[int]:
    with tenancy.platform():
        return list(Relief.objects.order_by("pk").values_list("points", flat=True))


def test_each_completion_relieves_once_and_the_period_has_its_limit(
    merchant: Persona, operator: Persona, onlooker: Persona, staff: Persona, course: Course, now: datetime
) -> None:
    violation = ViolationFactory(merchant=merchant.shop, points=9)
    policy(staff, course, now)

    complete(merchant, course, now)
    complete(merchant, course, now)  # learned already: nothing happens
    assert relieved() == [2]
    complete(operator, course, now)
    complete(onlooker, course, now)

    assert relieved() == [2, 1]
    with tenancy.platform():
        violation.refresh_from_db()
        assert violation.left == 6
        told = [(each.params["points"], each.params["person"]) for each in _told()]
    assert told == [(2, "Ann Owner"), (1, "Otto Operator")]


def _told() -> Any:
    return Notice.objects.filter(kind="training.points_relieved").order_by("pk")


def test_a_policy_of_another_kind_or_out_of_force_relieves_nothing(
    merchant: Persona, staff: Persona, course: Course, now: datetime
) -> None:
    ViolationFactory(merchant=merchant.shop, kind="LATE_DISPATCH")
    policy(staff, course, now, kind="FALSE_ADVERTISING")
    ended = policy(staff, course, now)
    with tenancy.platform():
        relieving.end(actor=staff.actor, policy_id=ended.pk, at=now)
        with pytest.raises(Conflict):
            relieving.end(actor=staff.actor, policy_id=ended.pk, at=now)
        with pytest.raises(NotFound):
            relieving.end(actor=staff.actor, policy_id=0, at=now)

    complete(merchant, course, now)

    assert relieved() == []


def test_going_over_to_a_version_that_asks_nothing_new_relieves_nothing(
    merchant: Persona, staff: Persona, course: Course, now: datetime
) -> None:
    ViolationFactory(merchant=merchant.shop, points=9)
    policy(staff, course, now)
    complete(merchant, course, now)
    folders.publish(folders.articles(note="A word.", en="Price guard, again"), at=now)

    with quizzes.scope(merchant):
        again = enrolling.move_on(actor=merchant.actor, course_id=course.pk, at=now)

    assert again.completed_at is not None
    assert relieved() == [2]


def test_only_operations_say_what_is_relieved(
    merchant: Persona, trainer: Persona, staff: Persona, course: Course, now: datetime
) -> None:
    for person in (merchant, trainer):
        with pytest.raises(NotAllowed):
            policy(person, course, now)
    for wrong in ({"points": 0}, {"points": 4}, {"most_points": 101}, {"period_days": 0}, {"kind": "RUDENESS"}):
        with pytest.raises(Invalid):
            policy(staff, course, now, **wrong)
    with pytest.raises(Invalid), tenancy.platform():
        relieving.add(actor=staff.actor, course_id=0, points=1, most_points=1, period_days=1, at=now)
    made = policy(staff, course, now)
    with pytest.raises(Conflict):
        policy(staff, course, now)

    with pytest.raises(NotAllowed), tenancy.platform():
        relieving.end(actor=trainer.actor, policy_id=made.pk, at=now)
    assert ReliefPolicy.objects.get().is_active


def test_a_violation_requires_the_course_by_a_date(
    merchant: Persona, rival: Persona, trainer: Persona, course: Course, now: datetime
) -> None:
    with tenancy.platform():
        ruling.add(
            actor=trainer.actor,
            course_id=course.pk,
            name="Prices",
            trigger="VIOLATION",
            kind="MISLEADING_PRICE",
            is_required=True,
            due_days=14,
            at=now - DAY,
        )
        ViolationFactory(merchant=merchant.shop, recorded_at=now)
        ViolationFactory(merchant=rival.shop, recorded_at=now, kind="LATE_DISPATCH")
        ViolationFactory(merchant=rival.shop, recorded_at=now, withdrawn_at=now)

        made = [assigning.apply_rules(now=now + DAY) for _ in range(2)]

        assignment = Assignment.objects.get()
    assert made == [1, 0]
    assert merchant.shop
    assert assignment.merchant_id == merchant.shop.pk
    assert (assignment.is_required, assignment.due_at) == (True, now + 15 * DAY)


def test_the_shop_sees_its_points_what_relieved_them_and_how_more_come_off(
    merchant: Persona, rival: Persona, staff: Persona, course: Course, now: datetime
) -> None:
    ViolationFactory(merchant=merchant.shop, points=5, reason="从未以划线价成交")
    ViolationFactory(merchant=rival.shop, reason="RIVAL")
    policy(staff, course, now)

    before = {language: _page(merchant, language) for language in ("en", "zh-hans")}
    complete(merchant, course, now)
    after = _page(merchant, "en")

    assert "5 points now" in before["en"]
    assert "Price guard without surprises" in before["en"]
    assert "2 points for each person who completes it, at most 3 in 365 days" in before["en"]
    assert {"现有 5 分", "价格保护不踩坑", "从未以划线价成交"} <= {each for each in _words(before["zh-hans"])}
    assert "3 points now" in after
    assert "Ann Owner" in after
    assert "RIVAL" not in after
    course_page = merchant.client.get(reverse("training_course", args=["floor"]), headers={"Accept-Language": "en"})
    assert "Relieves 2 penalty points" in course_page.content.decode()


def _page(person: Persona, language: str) -> str:
    person.client.cookies["django_language"] = language
    return str(person.client.get(reverse("violations")).content.decode())


def _words(page: str) -> set[str]:
    return {word for word in ("现有 5 分", "价格保护不踩坑", "从未以划线价成交") if word in page}


def test_many_violations_cost_the_page_no_more_than_one(merchant: Persona, now: datetime) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert merchant.client.get(reverse("violations")).status_code == 200
        return len(caught)

    ViolationFactory(merchant=merchant.shop)
    cost()
    one = cost()
    for _ in range(24):
        ViolationFactory(merchant=merchant.shop)

    assert cost() == one


def test_operations_add_and_end_policies_in_the_admin(
    staff: Persona, trainer: Persona, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    form = {"_form_submitted": "True", "course": "floor", "kind": "", "points": 1, "most_points": 2, "period_days": 90}

    assert trainer.client.post(reverse("admin:training_reliefpolicy_add_policy"), form).status_code == 403
    staff.client.post(reverse("admin:training_reliefpolicy_add_policy"), form | {"course": "no-such"})
    assert not ReliefPolicy.objects.exists()
    staff.client.post(reverse("admin:training_reliefpolicy_add_policy"), form)
    made = ReliefPolicy.objects.get()
    assert trainer.client.get(reverse("admin:training_reliefpolicy_change", args=[made.pk])).status_code == 200
    staff.client.post(reverse("admin:training_reliefpolicy_end", args=[made.pk]), {"_form_submitted": "True"})

    made.refresh_from_db()
    assert (made.points, made.is_active) == (1, False)
    assert timezone.now() >= made.created_at


def test_a_trainer_adds_a_rule_in_the_admin(trainer: Persona, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    form = {"_form_submitted": "True", "name": "Prices", "trigger": "VIOLATION", "kind": "MISLEADING_PRICE"}
    form |= {"course": "floor", "is_required": "on", "due_days": "14"}

    trainer.client.post(reverse("admin:training_assignmentrule_add_rule"), form)

    rule = AssignmentRule.objects.get()
    assert (rule.trigger, rule.is_required, rule.due_days) == ("VIOLATION", True, 14)
