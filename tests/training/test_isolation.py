"""What one does with courses and sessions touches one's own rows only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.training import folders, quizzes
from training.models import Attempt, Enrolment, LiveSession, Progress, Registration
from training.services import sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(trainer: Persona, now: datetime) -> LiveSession:
    plan = {"title": {"en": "Live"}, "starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=2)}
    with tenancy.platform():
        return sessions.schedule(actor=trainer.actor, plan={**plan, "capacity": 5}, at=now)


def rows_of(person: Persona) -> list[Any]:
    with tenancy.platform():
        return [
            *Enrolment.objects.filter(user=person.user).values_list("active_at", "lessons_done", "version_id"),
            *Progress.objects.filter(enrolment__user=person.user).values_list("completed_at", "seconds"),
            *Attempt.objects.filter(enrolment__user=person.user).values_list("closed_at", "points"),
            *Registration.objects.filter(user=person.user).values_list("status"),
        ]


def test_a_rival_who_does_everything_changes_nothing_of_mine(
    merchant: Persona, rival: Persona, session: LiveSession, now: datetime
) -> None:
    course = quizzes.begun(merchant, at=now)
    attempt = quizzes.start(merchant, course, at=now)
    merchant.client.post(f"/m/training/sessions/{session.pk}/register/")
    before = rows_of(merchant)
    base, api = "/m/training/courses/welcome", "/api/v1/training"
    question = attempt.paper[0]["question"]

    answers = [
        rival.client.post(path, body, content_type="application/json")
        for path, body in (
            (f"{base}/lessons/the-day/read/", {}),
            (f"{base}/lessons/the-day/beat/", {"spans": [[10, 0]]}),
            (f"{base}/move-on/", {}),
            (f"{base}/renew/", {}),
            (f"/m/training/attempts/{attempt.pk}/hand-in/", {}),
            (f"/m/training/attempts/{attempt.pk}/questions/{question}/", {}),
            (f"/m/training/sessions/{session.pk}/give-up/", {}),
            (f"{api}/attempts/{attempt.pk}/answers", {"question": question, "given": [0]}),
            (f"{api}/attempts/{attempt.pk}/hand-in", {}),
        )
    ]

    assert {answer.status_code for answer in answers} <= {404, 409}
    assert rows_of(merchant) == before


@pytest.mark.parametrize("path", ["", "courses/floor/", "courses/floor/lessons/one/", "sessions/", "certificates/"])
def test_a_stranger_is_asked_to_sign_in(path: str, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)

    answer = Client().get(f"/m/training/{path}")

    assert answer.status_code == 302
    assert "login" in answer.url  # type: ignore[attr-defined]


def test_an_onlooker_learns_too_and_sees_only_themselves(merchant: Persona, onlooker: Persona, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)
    for person in (merchant, onlooker):
        person.client.post("/m/training/courses/floor/enrol/")

    mine = onlooker.client.get("/api/v1/training/enrolments").json()["results"]
    team = merchant.client.get("/api/v1/training/enrolments").json()["results"]

    assert [row["person"] for row in mine] == ["Olga Onlooker"]
    assert len(team) == 2


def test_a_trainer_opens_training_and_nothing_else(trainer: Persona, settings: Any) -> None:
    settings.DEMO = True
    with tenancy.platform():
        trainer.user.is_demo = True
        trainer.user.save()

    pages = {
        name: trainer.client.get(f"/admin/{name}/").status_code
        for name in (
            *("training/course", "training/courseversion", "training/livesession", "training/roomquestion"),
            *("training/enrolment", "training/attendance", "training/certificate", "training/assignment"),
            *("training/assignmentrule", "accounts/user", "marketplace/order", "risk/warning", "audit/entry"),
        )
    }

    assert {name for name, status in pages.items() if status == 200} == {n for n in pages if n.startswith("training/")}
