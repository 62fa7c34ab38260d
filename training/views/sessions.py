"""Live sessions: the list, a seat, the room with its stream and board, and the calendar."""

import hashlib
import json
from datetime import datetime
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset
from merchant_protection.foundation.errors import Conflict, Invalid
from training.lifecycle import SessionStatus
from training.models import LiveSession, Registration
from training.outside import stream_files
from training.queries import sessions
from training.services import rooms, seats
from training.views.lessons import MEDIA

PAGE = 20


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the sessions to come, and those that can be seen again."""
    actor, now = request.actor, timezone.now()
    page = keyset.page(
        sessions.recorded(),
        by=sessions.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    mine = sessions.registrations_of_person(merchant_id=actor.merchant_id, user_id=actor.id)
    context = {
        "to_come": with_seats(sessions.to_come(now)[:50], mine),
        "page": page,
    }
    return render(request, "training/sessions.html", context)


@require_GET
@csp_update(MEDIA)
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a session: before it the facts and a seat, then the stream, afterwards the recording."""
    session = get_object_or_404(sessions.all_sessions(), pk=pk)
    return render(request, "training/room.html", _room(request, session))


@require_GET
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what changed in a room since the page last asked; nothing when nothing did."""
    session = get_object_or_404(sessions.all_sessions(), pk=pk)
    context = _room(request, session)
    tag = _tag(context)
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        context["stage_changed"] = request.GET.get("shown") != context["stage"]
        answer = render(request, "training/room_parts.html", context)
    answer["ETag"] = tag
    answer["Cache-Control"] = "no-cache, private"
    return answer


@require_POST
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a seat, or a place in the queue."""
    get_object_or_404(sessions.all_sessions(), pk=pk)
    try:
        registration = seats.register(actor=request.actor, session_id=pk, at=timezone.now())
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    else:
        seated = registration.status == Registration.Status.SEATED
        said = _("You have a seat. We will remind you.") if seated else _("All seats are taken; you are in the queue.")
        messages.success(request, said)
    return redirect("training_session", pk)


@require_POST
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a seat back."""
    seats.give_up(actor=request.actor, session_id=pk, at=timezone.now())
    messages.success(request, _("Your seat is free for somebody else."))
    return redirect("training_session", pk)


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the host something."""
    error = ""
    try:
        rooms.ask(actor=request.actor, session_id=pk, text=request.POST.get("text", ""), at=timezone.now())
    except Invalid as refusal:
        error = " ".join(reason for reasons in refusal.fields.values() for reason in reasons)
    except Conflict as refusal:
        error = refusal.message
    if not request.htmx:
        if error:
            messages.warning(request, error)
        return redirect("training_session", pk)
    session = get_object_or_404(sessions.all_sessions(), pk=pk)
    context = _room(request, session) | {"error": error, "text": request.POST.get("text", "") if error else ""}
    return render(request, "training/room_ask.html", context, status=422 if error else 200)


@require_GET
def stream(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """Send a piece of the demo's test stream; only the demo has one."""
    found = stream_files.open_piece(settings.STATE_DIR / "stream", name) if settings.DEMO else None
    if found is None:
        raise Http404
    answer = FileResponse(found, content_type=stream_files.media_type(name))
    answer["Cache-Control"] = "no-store" if name.endswith(".m3u8") else "private, max-age=60"
    return answer


def with_seats(rows: Any, mine: Any) -> list[dict[str, Any]]:
    """Return sessions, each with one's own registration."""
    known = {each.session_id: each for each in mine}
    return [{"session": row, "registration": known.get(row.pk)} for row in rows]


def _room(request: HttpRequest, session: LiveSession) -> dict[str, Any]:
    actor, now = request.actor, timezone.now()
    seat = sessions.registration_of(merchant_id=actor.merchant_id, user_id=actor.id, session_id=session.pk)
    return {
        "session": session,
        "registration": seat,
        "stage": stage_of(session, seat, now),
        "posts": sessions.posts_of(session.pk),
        "mine": sessions.questions_of_person(merchant_id=actor.merchant_id, user_id=actor.id, session_id=session.pk),
        "attendance": sessions.attendance_of(merchant_id=actor.merchant_id, user_id=actor.id, session_id=session.pk),
        "minutes": round((session.ends_at - session.starts_at).total_seconds() / 60),
    }


def stage_of(session: LiveSession, seat: Registration | None, now: datetime) -> str:
    """Return what the stage shows: the wait, the stream, the recording, or why there is nothing to see."""
    if session.status == SessionStatus.LIVE:
        return "LIVE" if seat and seat.status == Registration.Status.SEATED else "SEATLESS"
    if session.status == SessionStatus.ENDED:
        return "REPLAY" if session.recording_url else "OVER"
    return "CALLED_OFF" if session.status == SessionStatus.CANCELLED else "BEFORE"


def _tag(context: dict[str, Any]) -> str:
    said = [
        context["stage"],
        context["session"].revision,
        context["session"].seats_taken,
        context["session"].waiting,
        getattr(context["registration"], "status", ""),
        [(post.pk, post.changed_at.isoformat()) for post in context["posts"]],
        [(each.pk, each.status) for each in context["mine"]],
        getattr(context["attendance"], "live_seconds", 0) // 30,
        get_language(),
    ]
    return f'"{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]}"'
