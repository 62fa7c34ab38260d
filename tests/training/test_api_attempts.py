"""TR-01: what a quiz allows holds against anybody who speaks to the API directly."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.training import quizzes
from training.models import Answer, Attempt
from training.services import attempts

pytestmark = pytest.mark.django_db
START = "/api/v1/training/courses/welcome/lessons/quiz/attempts"


def post(person: Persona, path: str, body: Any = None) -> Any:
    return person.client.post(path, body, content_type="application/json")


def answer(person: Persona, attempt_id: int, question: int, given: Any) -> Any:
    return post(person, f"/api/v1/training/attempts/{attempt_id}/answers", {"question": question, "given": given})


def shift(attempt_id: int, **spans: timedelta) -> None:
    """Let time pass for an attempt by moving it into the past."""
    with tenancy.platform():
        row = Attempt.objects.get(pk=attempt_id)
        for name, span in spans.items():
            setattr(row, name, getattr(row, name) - span)
        row.save()


def fail(person: Persona, attempt: Any) -> None:
    row = Attempt(pk=attempt["id"])
    with tenancy.platform():
        row.refresh_from_db()
    for question, order in quizzes.questions_of(row):
        assert (
            answer(person, row.pk, question.pk, quizzes.given(question, order, right=False)).json()["is_right"] is False
        )


@pytest.mark.case("TR-01")
def test_attempts_cooldown_and_time_limit_hold_against_direct_calls(merchant: Persona, now: datetime) -> None:
    quizzes.begun(merchant, at=now)
    first = post(merchant, START).json()
    again = post(merchant, START).json()
    assert again["id"] == first["id"], "starting again while one is open gives the same one"

    # The cooldown: the next attempt is refused until it is over.
    fail(merchant, first)
    assert post(merchant, START).status_code == 409
    shift(first["id"], closed_at=timedelta(minutes=11), started_at=timedelta(minutes=11))
    second = post(merchant, START).json()
    assert second["number"] == 2

    # The time limit: a right answer that comes late is refused and changes nothing.
    shift(second["id"], deadline_at=timedelta(minutes=10, seconds=1))
    row = Attempt(pk=second["id"])
    with tenancy.platform():
        row.refresh_from_db()
    question, order = quizzes.questions_of(row)[0]
    late = answer(merchant, row.pk, question.pk, quizzes.given(question, order, right=True))
    assert late.status_code == 409
    with tenancy.platform():
        assert not Answer.objects.filter(attempt_id=row.pk).exists()
        assert attempts.close_overdue(now=timezone.now()) == 1
        row.refresh_from_db()
    assert (row.passed, row.points, row.closed_at) == (False, 0, row.deadline_at)

    # The attempts: after the second there is no third, however long one waits.
    shift(second["id"], closed_at=timedelta(days=30))
    assert post(merchant, START).status_code == 409
    with tenancy.platform():
        assert Attempt.objects.count() == 2


def test_an_answer_counts_once_and_a_closed_attempt_takes_none(merchant: Persona, now: datetime) -> None:
    quizzes.begun(merchant, at=now)
    attempt = post(merchant, START).json()
    row = Attempt(pk=attempt["id"])
    with tenancy.platform():
        row.refresh_from_db()
    question, order = quizzes.questions_of(row)[0]

    wrong = answer(merchant, row.pk, question.pk, quizzes.given(question, order, right=False))
    replay = answer(merchant, row.pk, question.pk, quizzes.given(question, order, right=True))
    closed = post(merchant, f"/api/v1/training/attempts/{row.pk}/hand-in")
    after = [
        answer(merchant, row.pk, each.pk, quizzes.given(each, o, right=True)) for each, o in quizzes.questions_of(row)
    ]

    assert (wrong.status_code, replay.status_code) == (201, 409)
    assert wrong.json()["explanation"]["en"]
    assert closed.json()["passed"] is False
    assert {each.status_code for each in after} == {409}
    with tenancy.platform():
        assert list(Answer.objects.values_list("is_right")) == [(False,)]


def test_the_paper_tells_no_answers(merchant: Persona, now: datetime) -> None:
    quizzes.begun(merchant, at=now)

    body = post(merchant, START).content.decode()

    for word in ("correct", "answer:", "explanation", "tolerance"):
        assert word not in body
    with tenancy.platform():
        orders = [entry["order"] for entry in Attempt.objects.get().paper]
    assert all(sorted(order) == list(range(len(order))) for order in orders)


@pytest.mark.parametrize("given", [None, "", [], [9], [0, 0], [0, 1, 2, 3, 4], {"a": 1}, [True], "x", 1e400])
def test_what_is_no_answer_is_refused_and_nothing_is_kept(given: Any, merchant: Persona, now: datetime) -> None:
    quizzes.begun(merchant, at=now)
    attempt = post(merchant, START).json()
    question = next(each for each in attempt["questions"] if each["kind"] == "SINGLE")

    refused = answer(merchant, attempt["id"], question["id"], given if given != 1e400 else "Infinity")

    assert refused.status_code == 422
    with tenancy.platform():
        assert not Answer.objects.exists()


def test_a_program_reads_and_does_not_sit_for_people(merchant: Persona, now: datetime) -> None:
    quizzes.begun(merchant, at=now)
    key = merchant.key("training:read", "training:write")

    read = merchant.client.get("/api/v1/training/enrolments", **key)
    sat = merchant.client.post(START, content_type="application/json", **key)

    assert [row["course"] for row in read.json()["results"]] == ["welcome"]
    assert sat.status_code == 403
