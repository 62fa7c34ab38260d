"""Quizzes: the rules, an attempt question by question, the result."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation.errors import Conflict, Invalid
from training.models import Attempt, Question, Quiz
from training.queries import courses, learning
from training.rules import grading
from training.services import attempts
from training.views.lessons import outline


@require_GET
def quiz(request: HttpRequest, code: str, lesson_code: str) -> HttpResponse:
    """Show how a quiz examines, and how earlier attempts went."""
    actor = request.actor
    course = get_object_or_404(courses.catalogue(), code=code)
    enrolment = learning.enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course.pk)
    if enrolment is None:
        return redirect("training_course", code)
    lesson = courses.lesson(enrolment.version_id, lesson_code)
    quiz = courses.quiz_of(lesson.pk)
    earlier = list(learning.attempts_at(enrolment, lesson.pk))
    now = timezone.now()
    context = {
        **outline(course, enrolment, lesson),
        "progress": learning.progress_in(enrolment, lesson.pk),
        "quiz": quiz,
        "attempts": earlier,
        "going_on": next((each for each in earlier if is_open(each, now)), None),
        "left": None if quiz.attempts is None else max(0, quiz.attempts - len(earlier)),
        "free_at": free_at(quiz, earlier, now),
        "has_passed": any(each.passed for each in earlier),
    }
    return render(request, "training/quiz.html", context)


@require_POST
def start(request: HttpRequest, code: str, lesson_code: str) -> HttpResponse:
    """Begin an attempt."""
    course = get_object_or_404(courses.catalogue(), code=code)
    try:
        attempt = attempts.start(actor=request.actor, course_id=course.pk, code=lesson_code, at=timezone.now())
    except Conflict as refusal:
        messages.warning(request, refusal.message)
        return redirect("training_quiz", code, lesson_code)
    return redirect("training_attempt", attempt.pk)


@require_GET
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the next question of an attempt, or its result."""
    attempt = _mine(request, pk)
    return _shown(request, attempt)


@require_POST
def answer(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """Take an answer and show whether it was right, and why."""
    attempt = _mine(request, pk)
    asked = _question(attempt, question)
    now = timezone.now()
    given = read(asked, request.POST)
    try:
        made = attempts.answer(actor=request.actor, attempt_id=pk, question_id=question, given=given, at=now)
    except Invalid as refusal:
        return _shown(request, attempt, error=" ".join(reason for each in refusal.fields.values() for reason in each))
    except Conflict as refusal:
        messages.warning(request, refusal.message)
        return redirect("training_attempt", pk)
    context = _frame(attempt) | {
        "question": asked,
        "options": shown(attempt, asked, given=made.given),
        "made": made,
        "was_right": made.is_right,
        "solution": solution(asked),
    }
    return render(request, "training/answer.html", context)


@require_POST
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an attempt before its last question."""
    _mine(request, pk)
    attempts.hand_in(actor=request.actor, attempt_id=pk, at=timezone.now())
    return redirect("training_attempt", pk)


def is_open(attempt: Attempt, now: datetime) -> bool:
    """Whether an attempt can still be answered."""
    return attempt.closed_at is None and (attempt.deadline_at is None or now <= attempt.deadline_at)


def free_at(quiz: Quiz, earlier: list[Attempt], now: datetime) -> datetime | None:
    """Return when the next attempt is possible, where one has to wait."""
    if not earlier or not quiz.cooldown_minutes:
        return None
    closed = earlier[0].closed_at or earlier[0].deadline_at
    moment = closed + timedelta(minutes=quiz.cooldown_minutes) if closed else None
    return moment if moment and moment > now else None


def shown(attempt: Attempt, question: Question, *, given: Any = None) -> list[dict[str, Any]]:
    """Return a question's options as this attempt shows them; once answered, with what was chosen and what is right."""
    entry = next(each for each in attempt.paper if each["question"] == question.pk)
    chosen = given if isinstance(given, list) else []
    return [
        {
            "place": place,
            "text": question.options[at]["text"],
            "chosen": at in chosen,
            "correct": given is not None and bool(question.options[at].get("correct")),
        }
        for place, at in enumerate(entry["order"])
    ]


def solution(question: Question) -> Any:
    """Return the right answer of a question without options to mark."""
    if question.kind == Question.Kind.ORDERING:
        return [option["text"] for option in question.options]
    if question.kind == Question.Kind.TRUE_FALSE:
        return _("True") if question.answer else _("False")
    return f"{question.answer:g}" if question.kind == Question.Kind.NUMERIC else ""


def read(question: Question, form: Any) -> Any:
    """Return what a form says as an answer; what it does not say is no answer."""
    if question.kind == Question.Kind.NUMERIC:
        return grading.number(form.get("given"))
    if question.kind == Question.Kind.TRUE_FALSE:
        return {"true": True, "false": False}.get(form.get("given", ""))
    if question.kind == Question.Kind.ORDERING:
        ranks = [(form.get(f"rank_{place}", ""), place) for place in range(len(question.options))]
        if any(not rank.isdecimal() for rank, _place in ranks) or len({rank for rank, _place in ranks}) < len(ranks):
            return None
        return [place for _rank, place in sorted(ranks, key=lambda each: int(each[0]))]
    places = form.getlist("given")
    return [int(place) for place in places if place.isdecimal() and len(place) < 4]


def _shown(request: HttpRequest, attempt: Attempt, *, error: str = "") -> HttpResponse:
    known = learning.answers_of(attempt)
    left = [entry["question"] for entry in attempt.paper if entry["question"] not in known]
    if not is_open(attempt, timezone.now()) or not left:
        if attempt.closed_at is None:
            attempt = attempts.hand_in(actor=request.actor, attempt_id=attempt.pk, at=timezone.now())
        return render(request, "training/result.html", _frame(attempt) | {"answers": _answers(attempt)})
    question = _question(attempt, left[0])
    context = _frame(attempt) | {
        "question": question,
        "options": shown(attempt, question),
        "ranks": range(1, len(question.options) + 1),
        "number": len(known) + 1,
        "error": error,
    }
    return render(request, "training/attempt.html", context, status=422 if error else 200)


def _answers(attempt: Attempt) -> list[dict[str, Any]]:
    known = learning.answers_of(attempt)
    ids = [entry["question"] for entry in attempt.paper]
    questions = courses.questions_of(attempt.enrolment.version_id).in_bulk(ids)
    return [{"question": questions[each], "answer": known.get(each)} for each in ids if each in questions]


def _frame(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt,
        "course": attempt.enrolment.course,
        "lesson": attempt.lesson,
        "total": len(attempt.paper),
        "needed": courses.quiz_of(attempt.lesson_id).pass_mark,
    }


def _question(attempt: Attempt, question_id: int) -> Question:
    if all(entry["question"] != question_id for entry in attempt.paper):
        raise Http404
    return get_object_or_404(courses.questions_of(attempt.lesson.version_id), pk=question_id)


def _mine(request: HttpRequest, pk: int) -> Attempt:
    actor = request.actor
    return learning.attempt_of(merchant_id=actor.merchant_id, user_id=actor.id, attempt_id=pk)
