"""The demo's violations: points the shop got, a course that relieves some, and somebody who completed it."""

from datetime import datetime, timedelta
from typing import Any

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.home.demo.people import member
from merchant_protection.risk import queries as risk
from merchant_protection.risk.services import violations
from training.models import Course, Question
from training.queries import courses, learning, reliefs
from training.services import attempts, enrolling, relieving, ruling, studying

COURSE = "price-and-ad-rules"
TOLD = (
    ("V-20261106-0187", "MISLEADING_PRICE", "划线价 ¥599 查不到七天内的成交记录，属于虚构原价。", 3, 20),
    ("V-20261121-0442", "LATE_DISPATCH", "12 笔订单超过承诺的 48 小时才揽收。", 1, 5),
)


def seed(*, shop_code: str, now: datetime) -> None:
    """Make what the page of violations shows; what is there already stays."""
    operations = _operations("operations@demo.test")
    operator = member("operator@demo.test", shop_code)
    course = courses.by_code(COURSE)
    if course is None or course.published_id is None or risk.violations_visible_to(operator).exists():
        return
    if not reliefs.of_course(course.pk).exists():
        relieving.add(
            actor=operations,
            course_id=course.pk,
            points=1,
            most_points=2,
            period_days=365,
            kind="MISLEADING_PRICE",
            at=now - timedelta(days=60),
        )
        ruling.add(
            actor=Actor.clock("demo"),
            course_id=course.pk,
            name="价格违规须完成价格与广告规则课",
            trigger="VIOLATION",
            kind="MISLEADING_PRICE",
            is_required=True,
            due_days=14,
            at=now - timedelta(days=30),
        )
    for reference, kind, reason, points, days in TOLD:
        violations.record(
            actor=operations,
            merchant_id=operator.merchant_id or 0,
            reference=reference,
            kind=kind,
            reason=reason,
            points=points,
            happened_at=now - timedelta(days=days),
            ends_at=now + timedelta(days=365 - days),
            at=now - timedelta(days=days),
        )
    _complete(operator, course, at=now - timedelta(days=1))


def _complete(actor: Actor, course: Course, *, at: datetime) -> None:
    """Learn a course to its end, quiz included."""
    shop = actor.merchant_id or 0
    known = learning.enrolment(merchant_id=shop, user_id=actor.id, course_id=course.pk)
    enrolment = known or enrolling.enrol(actor=actor, course_id=course.pk, at=at - timedelta(days=1))
    for lesson in courses.lessons_of(enrolment.version_id):
        if lesson.kind == "ARTICLE":
            studying.mark_read(actor=actor, course_id=course.pk, code=lesson.code, at=at)
        elif lesson.kind == "QUIZ":
            _pass(actor, course, lesson.code, at=at)


def _pass(actor: Actor, course: Course, code: str, *, at: datetime) -> None:
    attempt = attempts.start(actor=actor, course_id=course.pk, code=code, at=at)
    known = courses.questions_of(attempt.enrolment.version_id).in_bulk([entry["question"] for entry in attempt.paper])
    for entry in attempt.paper:
        question = known[entry["question"]]
        given = _right(question, entry["order"])
        attempts.answer(actor=actor, attempt_id=attempt.pk, question_id=question.pk, given=given, at=at)


def _right(question: Question, order: list[int]) -> Any:
    """Return the right answer, options by their place as shown."""
    if question.kind in ("TRUE_FALSE", "NUMERIC"):
        return question.answer
    if question.kind == "ORDERING":
        return [order.index(at) for at in range(len(order))]
    return [place for place, at in enumerate(order) if question.options[at].get("correct")]


def _operations(email: str) -> Actor:
    person = accounts.user_by_email(email)
    name, pk = (person.display_name, person.pk) if person else ("", None)
    return Actor(kind=Kind.USER, id=pk, name=name, staff_roles=frozenset(["OPERATIONS"]))
