"""What trainers take away as CSV, and whom they enrol in one step."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from merchant_protection.accounts.models import User
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotAllowed
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Attendance, Enrolment, StudySpan
from training.services import enrolling, sessions

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
REPORTS = {
    "completion": "/admin/training/enrolment/completion.csv",
    "time": "/admin/training/enrolment/time.csv",
    "attendance": "/admin/training/attendance/attendance.csv",
}


@pytest.fixture
def desk(trainer: Persona, reviewer: Persona, settings: LazySettings) -> Persona:
    settings.DEMO = True
    with tenancy.platform():
        User.objects.filter(pk__in=[trainer.user.pk, reviewer.user.pk]).update(is_demo=True)
    return trainer


def rows(person: Persona, report: str) -> list[list[str]]:
    answer = person.client.get(REPORTS[report])
    assert answer["Content-Type"].startswith("text/csv")
    body = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    assert body.startswith("\ufeff")
    return list(csv.reader(io.StringIO(body[1:])))[1:]


def test_reports_say_who_completed_what_attended_and_learned_how_long(
    desk: Persona, merchant: Persona, operator: Persona, now: datetime
) -> None:
    merchant.shop.name = "=cmd()"  # type: ignore[union-attr]
    with tenancy.platform():
        merchant.shop.save()  # type: ignore[union-attr]
    course = folders.course(folders.articles(), at=now)
    with tenancy.platform():
        enrolling.enrol_shop(actor=desk.actor, course_id=course.pk, shop="shop-a", at=now)
        enrolling.enrol_shop(actor=desk.actor, course_id=course.pk, shop="shop-a", at=now)
        Enrolment.objects.filter(user=operator.user).update(lessons_done=2, completed_at=now)
        plan = {"title": {"en": "Live"}, "starts_at": now + HOUR, "ends_at": now + 2 * HOUR, "capacity": 5}
        session = sessions.schedule(actor=desk.actor, plan=plan, at=now)
        common = {"merchant": merchant.shop, "session": session, "user": operator.user}
        Attendance.objects.create(**common, opened_at=now, live_seconds=1800, attended_at=now)
        StudySpan.objects.create(**common, started_at=now - 3 * HOUR, ended_at=now - HOUR)
        StudySpan.objects.create(**common, started_at=now - 900 * HOUR, ended_at=now - 899 * HOUR)

    completion = rows(desk, "completion")
    assert [(row[0], row[1], row[2], row[5], bool(row[6])) for row in completion] == [
        ("'=cmd()", "Ann Owner", "价格保护不踩坑", "0/2", False),
        ("'=cmd()", "Otto Operator", "价格保护不踩坑", "2/2", True),
    ]
    assert [row[1:] for row in rows(desk, "time")] == [["Otto Operator", "operator@a.example", "2.00"]]
    assert [(row[2], row[3], bool(row[4])) for row in rows(desk, "attendance")] == [("Otto Operator", "30.0", True)]


def test_nobody_else_takes_reports_or_enrols(
    desk: Persona, reviewer: Persona, merchant: Persona, now: datetime
) -> None:
    course = folders.course(folders.articles(), at=now)

    for path in REPORTS.values():
        assert reviewer.client.get(path).status_code == 403
        assert merchant.client.get(path).status_code in (302, 403, 404)
    with tenancy.platform(), pytest.raises(NotAllowed):
        enrolling.enrol_shop(actor=merchant.actor, course_id=course.pk, shop="shop-a", at=now)
    with tenancy.platform():
        assert not Enrolment.objects.exists()


def test_a_course_for_owners_is_shown_to_owners_when_asked_for(
    merchant: Persona, operator: Persona, now: datetime
) -> None:
    content = folders.articles()
    content["course.yaml"] = content["course.yaml"].replace(b"level: basic", b"level: basic\naudience: [owner]")
    folders.publish(content, at=now)

    def sees(person: Persona) -> bool:
        return (
            "/m/training/courses/floor/"
            in person.client.get("/m/training/?show=role", headers={"HX-Request": "true"}).content.decode()
        )

    assert sees(merchant)
    assert not sees(operator)
