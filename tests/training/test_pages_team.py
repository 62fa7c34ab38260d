"""The owner's page: a course is asked of somebody, how far each is, a reminder, an end; and the catalogue shows it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.notices.models import Notice
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Assignment, Course

pytestmark = pytest.mark.django_db
TEAM, ASSIGN = "/m/training/team/", "/m/training/courses/floor/assign/"


@pytest.fixture(autouse=True)
def course(now: datetime) -> Course:
    return folders.course(folders.articles(), at=now)


def ask(owner: Persona, **more: str) -> int:
    until = f"{timezone.localdate() + timedelta(days=7)}"
    said = {"who": "role:OPERATOR", "is_required": "on", "until": until, "reason": "三次改错价", **more}
    return owner.client.post(ASSIGN, said).status_code


def test_an_owner_asks_sees_how_far_each_is_reminds_once_and_ends_it(merchant: Persona, operator: Persona) -> None:
    assert merchant.client.get(TEAM).status_code == 200
    assert ask(merchant) == 302

    page = merchant.client.get(TEAM).content.decode()
    assert "三次改错价" in page
    assert "Otto Operator" in page
    assert "Ann Owner</b>" not in page
    operator.client.post("/m/training/courses/floor/enrol/")
    for lesson in ("one", "two"):
        operator.client.get(f"/m/training/courses/floor/lessons/{lesson}/")
        operator.client.post(f"/m/training/courses/floor/lessons/{lesson}/read/")
    assert "status-good" not in page
    assert "status-good" in merchant.client.get(TEAM).content.decode()
    with tenancy.platform():
        number = Assignment.objects.get().pk
        assert not Notice.objects.filter(kind="training.course_due").exists()
    assert ask(merchant, who="everybody") == 302
    with tenancy.platform():
        everybody = Assignment.objects.exclude(pk=number).get().pk
    for _twice in range(2):
        merchant.client.post(f"{TEAM}{everybody}/remind/")
    merchant.client.post(f"{TEAM}{number}/remind/")  # everybody it was asked of is done
    merchant.client.post(f"{TEAM}{everybody}/end/")

    with tenancy.platform():
        assert Notice.objects.filter(kind="training.course_due").count() == 1
        assert Assignment.objects.get(pk=everybody).ended_at is not None


@pytest.mark.parametrize(
    "wrong", [{"until": ""}, {"until": "2020-01-01"}, {"who": "person:999999"}, {"who": "role:KING"}, {"until": "soon"}]
)
def test_what_makes_no_sense_is_told_beside_the_field(merchant: Persona, wrong: dict[str, str]) -> None:
    answer = merchant.client.post(ASSIGN, {"who": "everybody", "is_required": "on", "until": "2099-01-01", **wrong})

    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()
    with tenancy.platform():
        assert not Assignment.objects.exists()


def test_others_neither_ask_nor_look(merchant: Persona, operator: Persona, onlooker: Persona, rival: Persona) -> None:
    ask(merchant)
    with tenancy.platform():
        number = Assignment.objects.get().pk

    for person in (operator, onlooker):
        assert person.client.get(TEAM).status_code == 403
        assert ask(person) == 403
        assert person.client.post(f"{TEAM}{number}/end/").status_code == 403
        assert person.client.post(f"{TEAM}{number}/remind/").status_code == 403
    assert rival.client.post(f"{TEAM}{number}/end/").status_code == 404
    assert "三次改错价" not in rival.client.get(TEAM).content.decode()
    with tenancy.platform():
        assert Assignment.objects.get().ended_at is None


def test_the_catalogue_shows_what_is_new_and_what_is_required(
    merchant: Persona, operator: Persona, now: datetime
) -> None:
    folders.publish(folders.articles("old", zh="老课程", en="An old course"), at=now - timedelta(days=90))
    ask(merchant)

    def shown(person: Persona, show: str) -> set[str]:
        rows = person.client.get(f"/m/training/?show={show}", headers={"HX-Request": "true"}).content.decode()
        return {code for code in ("floor", "old") if f"/m/training/courses/{code}/" in rows}

    assert shown(operator, "") == {"floor", "old"}
    assert shown(operator, "new") == {"floor"}
    assert shown(operator, "required") == {"floor"}
    assert shown(operator, "recommended") == set()
    assert shown(merchant, "required") == set()


def test_the_page_costs_the_same_for_one_course_and_for_many(merchant: Persona, now: datetime) -> None:
    ask(merchant)
    merchant.client.get(TEAM)
    with CaptureQueriesContext(connection) as one:
        merchant.client.get(TEAM)
    for code in "abcdef":
        course = folders.course(folders.articles(code), at=now)
        with tenancy.platform():
            Assignment.objects.create(
                merchant=merchant.shop, course=course, is_required=False, assigned_by="x", assigned_at=now
            )

    with CaptureQueriesContext(connection) as many:
        merchant.client.get(TEAM)

    assert len(many) == len(one)
