"""A quiz on the page: question by question, with the reason for each, and the limits in words."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.training import quizzes
from training.models import Attempt, Certificate
from training.services import figures

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


def form_of(question: object, order: list[int], *, right: bool) -> dict[str, object]:
    """An answer as the page's form sends it."""
    given = quizzes.given(question, order, right=right)  # type: ignore[arg-type]
    kind = question.kind  # type: ignore[attr-defined]
    if kind == "TRUE_FALSE":
        return {"given": "true" if given else "false"}
    if kind == "ORDERING":
        return {f"rank_{place}": given.index(place) + 1 for place in range(len(order))}
    return {"given": given}


def test_a_quiz_is_passed_on_the_page(merchant: Persona, now: datetime) -> None:
    course = quizzes.begun(merchant, at=now)
    merchant.client.post(reverse("training_quiz_start", args=["welcome", "quiz"]))
    with tenancy.platform():
        attempt = Attempt.objects.get()
        asked = quizzes.questions_of(attempt)

    for question, order in asked:
        page = merchant.client.get(reverse("training_attempt", args=[attempt.pk]), headers=ENGLISH).content.decode()
        assert question.text["en"] in page.replace("&#x27;", "'").replace("&quot;", '"')
        answer = merchant.client.post(
            reverse("training_answer", args=[attempt.pk, question.pk]),
            form_of(question, order, right=True),
            headers=ENGLISH,
        )
        assert "Right." in answer.content.decode()
        assert question.explanation["en"].replace("'", "&#x27;") in answer.content.decode()

    result = merchant.client.get(reverse("training_attempt", args=[attempt.pk]), headers=ENGLISH).content.decode()
    assert "Passed." in result
    with tenancy.platform():
        rows = figures.questions_of(course, actor=Actor.clock("tests"))
        assert not Certificate.objects.exists(), "the articles are not read yet"
    assert {row.figures.answers for row in rows} == {1}


def test_the_page_tells_what_is_left_and_when_the_next_is_possible(merchant: Persona, now: datetime) -> None:
    course = quizzes.begun(merchant, at=now)
    address = reverse("training_quiz", args=["welcome", "quiz"])
    before = merchant.client.get(address, headers=ENGLISH).content.decode()
    quizzes.answer_all(merchant, quizzes.start(merchant, course, at=now), at=now, right=False)

    waiting = merchant.client.get(address, headers=ENGLISH).content.decode()
    refused = merchant.client.post(
        reverse("training_quiz_start", args=["welcome", "quiz"]), follow=True, headers=ENGLISH
    )

    assert "Start the quiz" in before
    assert "The next attempt is possible from" in waiting
    assert "a little later" in refused.content.decode()


def test_no_answer_is_asked_for_again(merchant: Persona, now: datetime) -> None:
    course = quizzes.begun(merchant, at=now)
    attempt = quizzes.start(merchant, course, at=now)
    question, _order = quizzes.questions_of(attempt)[0]

    answer = merchant.client.post(reverse("training_answer", args=[attempt.pk, question.pk]), {}, headers=ENGLISH)

    assert answer.status_code == 422
    assert "Choose an answer." in answer.content.decode()


def test_an_attempt_whose_time_is_up_shows_its_result(merchant: Persona, now: datetime) -> None:
    course = quizzes.begun(merchant, at=now - timedelta(hours=2))
    attempt = quizzes.start(merchant, course, at=now - timedelta(hours=1))

    page = merchant.client.get(reverse("training_attempt", args=[attempt.pk]), headers=ENGLISH)

    assert "Not passed." in page.content.decode()
    with tenancy.platform():
        attempt.refresh_from_db()
    assert attempt.closed_at == attempt.deadline_at
