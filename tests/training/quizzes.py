"""A course with a quiz for the tests, and answers to it."""

from datetime import datetime
from typing import Any

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Attempt, Course, Question
from training.services import attempts, enrolling

LIMITS = """        quiz:
          questions: 5
          pass_mark: 75
          attempts: 2
          cooldown_minutes: 10
          time_limit_minutes: 10
"""


def with_limits(content: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """The small course of the portal, its quiz with two attempts, ten minutes between them and for each."""
    content = dict(content or folders.of_disk())
    top = content["course.yaml"].decode()
    start = top.index("        quiz:\n          questions")
    content["course.yaml"] = (top[:start] + LIMITS).encode()
    return content


def begun(person: Persona, *, at: datetime, content: dict[str, bytes] | None = None) -> Course:
    """The course, taken up by somebody."""
    course = folders.course(with_limits(content), at=at)
    with scope(person):
        enrolling.enrol(actor=person.actor, course_id=course.pk, at=at)
    return course


def scope(person: Persona) -> Any:
    """The scope of a person's shop."""
    assert person.shop
    return tenancy.merchant(person.shop.pk)


def start(person: Persona, course: Course, *, at: datetime) -> Attempt:
    with scope(person):
        return attempts.start(actor=person.actor, course_id=course.pk, code="quiz", at=at)


def questions_of(attempt: Attempt) -> list[tuple[Question, list[int]]]:
    """The questions of an attempt in order, each with the order its options are shown in."""
    known = Question.objects.in_bulk([entry["question"] for entry in attempt.paper])
    return [(known[entry["question"]], entry["order"]) for entry in attempt.paper]


def given(question: Question, order: list[int], *, right: bool) -> Any:
    """An answer as a page sends it, right or wrong."""
    if question.kind == "TRUE_FALSE":
        return question.answer if right else not question.answer
    if question.kind == "NUMERIC":
        return question.answer if right else question.answer + 1 + question.tolerance
    if question.kind == "ORDERING":
        places = [order.index(at) for at in range(len(order))]
        return places if right else places[::-1]
    correct = [place for place, at in enumerate(order) if question.options[at].get("correct")]
    wrong = [place for place, at in enumerate(order) if not question.options[at].get("correct")]
    return correct if right else wrong[:1]


def answer_all(person: Persona, attempt: Attempt, *, at: datetime, right: bool = True) -> Attempt:
    for question, order in questions_of(attempt):
        with scope(person):
            attempts.answer(
                actor=person.actor,
                attempt_id=attempt.pk,
                question_id=question.pk,
                given=given(question, order, right=right),
                at=at,
            )
    with tenancy.platform():
        attempt.refresh_from_db()
    return attempt
