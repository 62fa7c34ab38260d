"""Every request has an actor, and a scope that says whose rows it may see."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from merchant_protection.accounts import loading, signins
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.api import problems

type Answer = Callable[[HttpRequest], HttpResponse]

# Certificates, calendars and draws are opened by their secret codes, whoever asks.
PLATFORM_PREFIXES = ("/admin/", "/accounts/", "/invitations/", "/certificates/", "/calendar/", "/draws/")
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
SEEN_EVERY = 60  # seconds between two notes of activity, so that a page view does not always write the session


class ShortWays:
    """Answers what programs post by the thousand before all that pages and people need; the endpoint takes the rest."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.ways = {path: import_string(name) for path, name in settings.SHORT_WAYS.items()}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        way = self.ways.get(request.path) if request.method == "POST" else None
        return (way and way(request)) or self.get_response(request)


class ActorAndScope:
    """Loads the actor once, and enters the scope of the part of the site that is asked for.

    Staff pages and a person's own account see everybody's rows and judge by
    policy; merchant pages and keys see one shop's; everything else sees none.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        signins.connect()  # once per process, when the handler is built: models cannot be named any earlier

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            actor = _actor_of(request)
        except (OperationalError, InterfaceError):
            if not request.path.startswith("/api/"):
                raise
            return problems.unavailable()  # nobody can be known while the database is away
        request.actor = actor  # type: ignore[attr-defined]
        with _scope_of(request, actor):
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                tenancy.keep_for_stream(response)
        return response


class ClockOfTheReader:
    """Tells times, and takes them, in the zone of the shop on its pages, and of the person on staff and account pages.

    The API is told moments with their offset and keeps to the zone of the installation, whoever asks.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = _zone_of(request)
        if zone is None:
            return self.get_response(request)
        with timezone.override(zone):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = _told_in(zone, response.streaming_content)  # type: ignore[arg-type]
        return response


class SessionLimits:
    """Ends a session that has been idle, or has lasted, longer than its kind of person may."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.STATIC_URL) or "sessionid" not in request.COOKIES:
            return self.get_response(request)
        if request.user.is_authenticated:
            now = timezone.now()
            if _is_over(request, now):
                logout(request)
            else:
                _note_activity(request, now)
        return self.get_response(request)


class DevicesSeen(UserSessionsMiddleware):
    """Keeps the list of a person's devices as fresh as their activity is noted, not with a write for every request."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        see: Answer = super().__call__ if getattr(request, "is_noted_activity", False) else self.get_response
        return see(request)


class StaffNeedsSecondFactor:
    """Staff pages open only to people who have set up a second factor.

    The demo's own accounts are let in without one, and only where the demo runs.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if request.path.startswith("/admin/") and user.is_authenticated and user.is_staff:
            waived = settings.DEMO and user.is_demo
            if not waived and not is_mfa_enabled(user):
                return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


class MerchantPagesNeedAShop:
    """Pages under /m/ are for people of a shop: others sign in, go to the staff's pages, or learn what is missing."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if not request.path.startswith("/m/") or actor.merchant_id is not None:
            return self.get_response(request)
        if actor.kind != Kind.USER:
            return redirect_to_login(request.get_full_path())
        if actor.is_staff:
            return HttpResponseRedirect(reverse("admin:index"))
        return render(request, "accounts/no_shop.html", status=403)


def _actor_of(request: HttpRequest) -> Actor:
    origin = request.META.get("REMOTE_ADDR", "")
    request_id = getattr(request, "request_id", "")
    if request.path.startswith("/api/") and loading.presented(request):
        program = loading.program_of(request)
        return program.actor if program else Actor.anonymous()
    user = request.user
    if user.is_authenticated and user.is_active:
        places = loading.places_of(user)
        request.memberships = places  # type: ignore[attr-defined]  # the side bar names the shops
        return loading.of_user(user, request.session, places=places, origin=origin, request_id=request_id)
    return Actor.anonymous()


def _zone_of(request: HttpRequest) -> str | None:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.path.startswith("/api/") or not actor.is_person:
        return None
    if not request.path.startswith(PLATFORM_PREFIXES):
        for place in request.memberships:  # type: ignore[attr-defined]
            if place.merchant_id == actor.merchant_id:
                return str(place.merchant.time_zone)
    return str(request.user.time_zone)  # type: ignore[union-attr]


def _told_in(zone: str, body: Iterator[bytes]) -> Iterator[bytes]:
    """A body is streamed when its request is over: each part is made in the zone, and the next request has its own."""
    parts = iter(body)
    while True:
        with timezone.override(zone):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _scope_of(request: HttpRequest, actor: Actor) -> AbstractContextManager[None]:
    if request.path.startswith(settings.STATIC_URL):
        return tenancy.nobody()
    if request.path.startswith(PLATFORM_PREFIXES) or actor.kind == Kind.PLATFORM:
        return tenancy.platform()
    if request.path.startswith("/api/") and actor.is_staff and not actor.merchant_roles:
        return tenancy.platform()
    if actor.merchant_id is not None:
        return tenancy.merchant(actor.merchant_id)
    return tenancy.nobody()


def _is_over(request: HttpRequest, now: datetime) -> bool:
    idle, absolute = settings.SESSION_LIMITS["staff" if request.user.is_staff else "merchant"]  # type: ignore[union-attr]
    signed_in_at = request.session.get(SIGNED_IN_AT, now.timestamp())
    seen_at = request.session.get(SEEN_AT, now.timestamp())
    return bool(
        now.timestamp() - signed_in_at > absolute.total_seconds() or now.timestamp() - seen_at > idle.total_seconds()
    )


def _note_activity(request: HttpRequest, now: datetime) -> None:
    if SIGNED_IN_AT not in request.session:
        request.session[SIGNED_IN_AT] = now.timestamp()
    is_poll = request.headers.get("X-Poll") == "1"  # a page left open is not a person at work
    if not is_poll and now.timestamp() - request.session.get(SEEN_AT, 0) > SEEN_EVERY:
        request.session[SEEN_AT] = now.timestamp()
        request.is_noted_activity = True  # type: ignore[attr-defined]
