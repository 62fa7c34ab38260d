"""Quizzes: drawn, answered once, and every limit kept here, whoever asks and how."""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.models import Answer, Attempt, Enrolment, Progress, Question, Quiz
from training.queries import courses, learning
from training.rules import grading
from training.services import completing

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 500


@transaction
def start(*, actor: Actor, course_id: int, code: str, at: datetime) -> Attempt:
    """Begin an attempt at a quiz, or return the one that is going on."""
    enrolment = learning.lock_enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course_id)
    require(policies.can_learn(actor, enrolment.merchant_id))
    quiz = courses.quiz_of(courses.lesson(enrolment.version_id, code).pk)
    earlier = list(learning.attempts_at(enrolment, quiz.lesson_id))
    going_on = _going_on(earlier, enrolment, at=at)
    if going_on is not None:
        return going_on
    _may_begin(earlier, quiz, at=at)
    questions = list(courses.questions_of(enrolment.version_id, quiz.topics))
    counted = [(question.pk, len(question.options)) for question in questions]
    paper = grading.draw(counted, count=quiz.questions, seed=secrets.randbits(64))
    points = {question.pk: question.points for question in questions}
    limit = quiz.time_limit_minutes
    return Attempt.objects.create(
        merchant_id=enrolment.merchant_id,
        enrolment=enrolment,
        lesson_id=quiz.lesson_id,
        number=learning.attempts_ever(enrolment, quiz.lesson_id) + 1,
        paper=paper,
        started_at=at,
        deadline_at=at + timedelta(minutes=limit) if limit else None,
        out_of=sum(points[entry["question"]] for entry in paper),
    )


@transaction
def answer(*, actor: Actor, attempt_id: int, question_id: int, given: Any, at: datetime) -> Answer:
    """Answer one question of an attempt, once and in time; with the last one the attempt is closed.

    Options are named by their place as shown, so that the bank's own order tells nothing.
    """
    attempt = learning.lock_attempt(merchant_id=actor.merchant_id, user_id=actor.id, attempt_id=attempt_id)
    require(policies.can_learn(actor, attempt.merchant_id))
    if attempt.closed_at is not None:
        raise Conflict(_("This attempt is closed."))
    if attempt.deadline_at is not None and at > attempt.deadline_at:
        raise Conflict(_("The time for this attempt is up."))
    entry = next((each for each in attempt.paper if each["question"] == question_id), None)
    if entry is None:
        raise NotFound
    known = learning.answers_of(attempt)
    if question_id in known:
        raise Conflict(_("This question was answered already."))
    question = courses.questions_of(attempt.enrolment.version_id).get(pk=question_id)
    if not grading.is_an_answer(question.kind, options=len(question.options), given=given):
        raise Invalid(fields={"given": [_("Choose an answer.")]})
    kept = _in_the_banks_order(given, entry["order"])
    made = Answer.objects.create(
        merchant_id=attempt.merchant_id,
        attempt=attempt,
        question=question,
        given=kept,
        is_right=is_right(question, kept),
        at=at,
    )
    if len(known) + 1 == len(attempt.paper):
        _close(attempt, at=at)
    return made


@transaction
def hand_in(*, actor: Actor, attempt_id: int, at: datetime) -> Attempt:
    """Close an attempt; what was not answered is wrong. Closing it again changes nothing."""
    attempt = learning.lock_attempt(merchant_id=actor.merchant_id, user_id=actor.id, attempt_id=attempt_id)
    require(policies.can_learn(actor, attempt.merchant_id))
    if attempt.closed_at is None:
        _close(attempt, at=min(at, attempt.deadline_at or at))
    return attempt


def close_overdue(*, now: datetime) -> int:
    """Close the attempts whose time is up; return how many. Safe to run at any time and by several at once."""
    closed = 0
    for attempt_id in learning.overdue_attempts(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            closed += _close_if_over(attempt_id=attempt_id, now=now)
        except Exception:
            logger.exception("Could not close attempt %s", attempt_id)
    return closed


def is_right(question: Question, given: Any) -> bool:
    """Whether an answer, in the bank's order, is right."""
    return grading.is_right(
        question.kind,
        options=question.options,
        answer=question.answer,
        tolerance=question.tolerance,
        given=given,
    )


@transaction
def _close_if_over(*, attempt_id: int, now: datetime) -> bool:
    attempt = Attempt.objects.select_for_update(of=("self",)).select_related("enrolment").get(pk=attempt_id)
    if attempt.closed_at is not None or attempt.deadline_at is None or attempt.deadline_at > now:
        return False
    _close(attempt, at=attempt.deadline_at)
    return True


def _going_on(earlier: Sequence[Attempt], enrolment: Enrolment, *, at: datetime) -> Attempt | None:
    newest = earlier[0] if earlier else None
    if newest is None or newest.closed_at is not None:
        return None
    if newest.deadline_at is None or newest.deadline_at >= at:
        return newest
    newest.enrolment = enrolment
    _close(newest, at=newest.deadline_at)
    return None


def _may_begin(earlier: Sequence[Attempt], quiz: Quiz, *, at: datetime) -> None:
    if any(attempt.passed for attempt in earlier):
        raise Conflict(_("You passed this quiz already."))
    if quiz.attempts is not None and len(earlier) >= quiz.attempts:
        raise Conflict(_("You have used all attempts."))
    if earlier and earlier[0].closed_at is not None:
        free_at = earlier[0].closed_at + timedelta(minutes=quiz.cooldown_minutes)
        if at < free_at:
            raise Conflict(_("The next attempt is possible a little later."))


@transaction_required
def _close(attempt: Attempt, *, at: datetime) -> None:
    quiz = courses.quiz_of(attempt.lesson_id)
    right = [row.question_id for row in learning.answers_of(attempt).values() if row.is_right]
    attempt.points = sum(Question.objects.filter(pk__in=right).values_list("points", flat=True))
    attempt.closed_at = at
    attempt.passed = grading.passes(attempt.points, out_of=attempt.out_of, mark=quiz.pass_mark)
    attempt.save(update_fields=["points", "closed_at", "passed"])
    if attempt.passed:
        enrolment = learning.lock_own(attempt.enrolment)
        progress, _new = Progress.objects.get_or_create(
            merchant_id=attempt.merchant_id,
            enrolment=enrolment,
            lesson_id=attempt.lesson_id,
            defaults={"opened_at": attempt.started_at},
        )
        completing.finish(progress, enrolment, at=at)


def _in_the_banks_order(given: Any, order: Sequence[int]) -> Any:
    return [order[place] for place in given] if isinstance(given, list) else given
