"""Heartbeats of lessons and rooms, as the pages send them."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from merchant_protection.foundation import texts
from merchant_protection.foundation.errors import Refusal
from training.queries import courses
from training.services import attending, timing

LARGEST = 20_000


@require_POST
def lesson(request: HttpRequest, code: str, lesson_code: str) -> JsonResponse:
    """Count time in a lesson."""
    course = get_object_or_404(courses.catalogue(), code=code)
    told = _told(request)
    if told is None:
        return JsonResponse({}, status=400)
    try:
        progress = timing.beat(actor=request.actor, course_id=course.pk, code=lesson_code, told=told, at=timezone.now())
    except Refusal as refusal:
        return JsonResponse({"detail": refusal.message}, status=refusal.status)
    return JsonResponse({"seconds": progress.seconds, "done": progress.completed_at is not None})


@require_POST
def room(request: HttpRequest, pk: int) -> JsonResponse:
    """Count time in a room."""
    told = _told(request)
    if told is None:
        return JsonResponse({}, status=400)
    try:
        attendance = attending.beat(actor=request.actor, session_id=pk, told=told, at=timezone.now())
    except Refusal as refusal:
        return JsonResponse({"detail": refusal.message}, status=refusal.status)
    return JsonResponse({"seconds": attendance.live_seconds, "done": attendance.attended_at is not None})


def _told(request: HttpRequest) -> timing.Beat | None:
    if request.content_type in texts.FORMS or len(request.body) > LARGEST:
        return None
    try:
        said = texts.json_of(request)
        position = said.get("position")
        return timing.Beat(
            spans=_pairs(said.get("spans", [])),
            seen=_pairs(said.get("seen", [])),
            position=None if position is None else _number(position),
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _pairs(told: Any) -> list[tuple[float, float]]:
    return [(_number(first), _number(last)) for first, last in told]


def _number(value: Any) -> float:
    number = float(value)
    if not -1e9 < number < 1e9:  # neither infinite nor no number at all
        raise ValueError(value)
    return number
