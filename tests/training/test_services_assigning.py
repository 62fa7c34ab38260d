"""What shops should learn: by people, by rules over what happened, with reminders."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, NotAllowed
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices.models import Notice
from merchant_protection.risk.services import outcomes, warnings
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Assignment, AssignmentRule, Course
from training.queries import assignments
from training.services import assigning, enrolling, figures, reminders, ruling, studying

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
DAY = timedelta(days=1)


@pytest.fixture
def course(db: None, now: datetime) -> Course:
    return folders.course(folders.articles(), at=now)


@transaction
def lose(shop: Any, *, at: datetime, lost: int = 100, feature: str = "pricing_guard") -> None:
    outcomes.record(
        merchant_id=shop.pk,
        feature=feature,
        kind="INCIDENT",
        subject_id="1",
        currency="CNY",
        at=at,
        lost=Decimal(lost),
    )


@transaction
def warn(shop: Any, *, kind: str, key: str, at: datetime) -> None:
    sighting = warnings.Sighting(merchant_id=shop.pk, kind=kind, level="MEDIUM", source="t", dedupe_key=key)
    warnings.warn(sighting, actor=Actor.clock("t"), at=at)


def complete(person: Persona, course: Course, *, at: datetime) -> None:
    enrolling.enrol(actor=person.actor, course_id=course.pk, at=at)
    for code in ("one", "two"):
        studying.mark_read(actor=person.actor, course_id=course.pk, code=code, at=at)


def test_an_owner_requires_a_course_of_a_role_and_others_do_not_see_it(
    merchant: Persona, operator: Persona, onlooker: Persona, rival: Persona, course: Course, now: datetime
) -> None:
    assert merchant.shop
    asked = assigning.assign(
        actor=merchant.actor,
        merchant_id=merchant.shop.pk,
        course_id=course.pk,
        role="OPERATOR",
        due_at=now + DAY,
        at=now,
    )

    seen = {each.user.display_name: list(assignments.open_for(each.actor)) for each in (merchant, operator, onlooker)}
    assert seen == {"Ann Owner": [], "Otto Operator": [asked], "Olga Onlooker": []}
    with pytest.raises(NotAllowed):
        assigning.end(actor=rival.actor, assignment_id=asked.pk, at=now)
    complete(operator, course, at=now)
    assert not assignments.open_for(operator.actor).exists()


@pytest.mark.parametrize(
    "told",
    [{"due_at": None}, {"due_at": "past"}, {"role": "KING"}, {"user_id": 10**9}, {"user_id": "own", "role": "OWNER"}],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_asked(
    told: dict[str, Any], merchant: Persona, course: Course, now: datetime
) -> None:
    assert merchant.shop
    given = {"due_at": now + DAY, **told}
    given["due_at"] = now - DAY if given["due_at"] == "past" else given["due_at"]
    if given.get("user_id") == "own":
        given["user_id"] = merchant.user.pk

    with pytest.raises(Invalid):
        assigning.assign(actor=merchant.actor, merchant_id=merchant.shop.pk, course_id=course.pk, at=now, **given)

    assert not Assignment.objects.exists()
    assert not Notice.objects.exists()


def test_only_owners_and_trainers_ask(
    merchant: Persona, operator: Persona, rival: Persona, trainer: Persona, course: Course, now: datetime
) -> None:
    assert merchant.shop
    told: dict[str, Any] = {"merchant_id": merchant.shop.pk, "course_id": course.pk, "due_at": now + DAY, "at": now}

    for person in (operator, rival):
        with pytest.raises(NotAllowed):
            assigning.assign(actor=person.actor, **told)
    first = assigning.assign(actor=trainer.actor, **told)
    again = assigning.assign(actor=merchant.actor, **{**told, "due_at": now + 2 * DAY})

    assert first.pk == again.pk
    assert Notice.objects.filter(kind="training.required").count() == 1


def test_reminders_come_while_somebody_has_yet_to_complete_it(merchant: Persona, course: Course, now: datetime) -> None:
    assert merchant.shop
    due = now + 10 * DAY
    assigning.assign(actor=merchant.actor, merchant_id=merchant.shop.pk, course_id=course.pk, due_at=due, at=now)

    assert [reminders.send_due(now=due - 8 * DAY), reminders.send_due(now=due - 7 * DAY)] == [0, 1]
    complete(merchant, course, at=due - 2 * DAY)
    assert [reminders.send_due(now=due - DAY), reminders.send_due(now=due)] == [0, 0]
    assert Notice.objects.filter(kind="training.course_due").count() == 1


def test_a_rule_recommends_by_what_happened_and_answers_it_once(
    merchant: Persona, rival: Persona, trainer: Persona, course: Course, now: datetime
) -> None:
    rule = ruling.add(
        actor=trainer.actor, course_id=course.pk, name="Slips", trigger="OUTCOME", feature="pricing_guard", at=now
    )
    lose(merchant.shop, at=now + DAY)
    lose(rival.shop, at=now + DAY, feature="claims")

    made = [assigning.apply_rules(now=now + 2 * DAY), assigning.apply_rules(now=now + 2 * DAY)]
    [asked] = Assignment.objects.all()

    assert made == [1, 0]
    assert (asked.merchant, asked.rule, asked.is_required, asked.facts["count"]) == (merchant.shop, rule, False, 1)
    assigning.end(actor=trainer.actor, assignment_id=asked.pk, at=now + 2 * DAY)
    assert assigning.apply_rules(now=now + 2 * DAY + timedelta(minutes=5)) == 0, "answered already"
    lose(merchant.shop, at=now + 3 * DAY)
    assert assigning.apply_rules(now=now + 4 * DAY) == 1, "it happened again"


def test_a_rule_requires_by_a_date_and_a_switched_off_one_is_silent(
    merchant: Persona, trainer: Persona, course: Course, now: datetime
) -> None:
    rule = ruling.add(
        actor=trainer.actor,
        course_id=course.pk,
        name="Hoarding",
        trigger="WARNING",
        kind="HOARDING",
        is_required=True,
        due_days=14,
        at=now,
    )
    ruling.switch(actor=trainer.actor, rule_id=rule.pk, at=now)
    warn(merchant.shop, kind="HOARDING", key="a", at=now + DAY)
    silent = assigning.apply_rules(now=now + DAY + timedelta(seconds=1))
    ruling.switch(actor=trainer.actor, rule_id=rule.pk, at=now + 2 * DAY)
    warn(merchant.shop, kind="HOARDING", key="b", at=now + 3 * DAY)
    warn(merchant.shop, kind="OTHER", key="c", at=now + 3 * DAY)

    made = assigning.apply_rules(now=now + 4 * DAY)

    assert (silent, made) == (0, 1)
    assert Assignment.objects.get().due_at == now + 18 * DAY


def test_a_required_rule_needs_days_and_a_published_course(trainer: Persona, course: Course, now: datetime) -> None:
    for told in ({"course_id": course.pk, "is_required": True}, {"course_id": 0}):
        with pytest.raises(Invalid):
            ruling.add(actor=trainer.actor, name="x", trigger="WARNING", at=now, **told)  # type: ignore[arg-type]

    assert not AssignmentRule.objects.exists()


def test_one_rule_that_fails_holds_up_no_other(
    merchant: Persona, trainer: Persona, course: Course, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad", "good"):
        ruling.add(actor=trainer.actor, course_id=course.pk, name=name, trigger="OUTCOME", at=now)
    lose(merchant.shop, at=now + DAY)
    happened = assignments.happened

    def sometimes(rule: AssignmentRule, **told: Any) -> Any:
        if rule.name == "bad":
            raise RuntimeError("the ledger is away")
        return happened(rule, **told)

    monkeypatch.setattr(assignments, "happened", sometimes)

    assert assigning.apply_rules(now=now + 2 * DAY) == 1


def test_the_effect_compares_with_those_who_did_not_take_it(
    merchant: Persona, rival: Persona, trainer: Persona, course: Course, now: datetime
) -> None:
    done = now + 40 * DAY
    for day in (1, 2, 3):
        lose(merchant.shop, at=done - day * DAY)
        lose(rival.shop, at=done + day * DAY, lost=50)
    complete(merchant, course, at=done)

    found = figures.effect_of(course, actor=trainer.actor, days=30, now=done + 31 * DAY)

    assert (found.taken.before.incidents, found.taken.after.incidents) == (3, 0)
    assert (found.not_taken.before.incidents, found.not_taken.after.lost) == (0, Decimal(150))
    with pytest.raises(NotAllowed):
        figures.effect_of(course, actor=merchant.actor, days=30, now=now)
