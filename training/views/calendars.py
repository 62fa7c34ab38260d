"""One's sessions for a calendar program: a file to take along, or an address to subscribe to."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from merchant_protection.accounts import queries as accounts
from training.lifecycle import SessionStatus
from training.models import LiveSession, Registration
from training.outside import calendar_file
from training.queries import sessions
from training.rules import languages
from training.services import feeds


@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one session as a calendar file."""
    session = get_object_or_404(sessions.all_sessions(), pk=pk)
    return _sent([(session, False)], name=f"session-{session.pk}.ics")


@require_http_methods(["GET", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Make a new secret address of one's calendar, shown once; the one before opens nothing any more."""
    if request.method == "GET":
        return redirect("training_sessions")
    token = feeds.renew(actor=request.actor, at=timezone.now())
    address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('training_feed', args=[token])}"
    messages.success(request, _("The address is made. It is shown only once."))
    return render(request, "training/feed.html", {"address": address})


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Send the calendar behind a secret address, in the language of whose it is."""
    learner = feeds.find(token)
    if learner is None:
        raise Http404
    person = accounts.user(learner.user_id)
    rows = sessions.registrations_of_person(merchant_id=learner.merchant_id, user_id=learner.user_id)
    waiting = Registration.Status.WAITING
    with translation.override(person.language if person else "zh-hans"):
        return _sent([(row.session, row.status == waiting) for row in rows], name="sessions.ics")


def _sent(rows: Iterable[tuple[LiveSession, bool]], *, name: str) -> HttpResponse:
    host = settings.PUBLIC_URL.split("//")[-1].split("/")[0].split(":")[0]
    entries = [_entry(session, host=host, is_tentative=waits) for session, waits in rows]
    body = calendar_file.write(entries, name=_("Live sessions on protection"))
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _entry(session: LiveSession, *, host: str, is_tentative: bool) -> calendar_file.Entry:
    path = reverse("training_session", args=[session.pk])
    return calendar_file.Entry(
        uid=f"session-{session.pk}@{host}",
        title=languages.in_language(session.title, get_language()),
        about=languages.in_language(session.summary, get_language()),
        address=f"{settings.PUBLIC_URL.rstrip('/')}{path}",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        time_zone=session.time_zone,
        changed_at=session.changed_at,
        revision=session.revision,
        is_cancelled=session.status == SessionStatus.CANCELLED,
        is_tentative=is_tentative,
    )
