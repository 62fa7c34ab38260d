"""How the API knows who asks: the actor that the middleware loaded."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation import rates

COUNTED = "wait_of_its_key"


class ActorAuthentication(SessionAuthentication):
    """A key is taken as it is; a browser's session must also carry the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        actor = _actor_of(request)
        if request.headers.get("Authorization"):
            if actor.kind in (Kind.KEY, Kind.PLATFORM):
                return request._request.user, actor
            raise AuthenticationFailed("This key opens nothing: unknown, expired or revoked.")
        if actor.kind == Kind.USER:
            self.enforce_csrf(request)
            return request._request.user, actor
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class RateOfKeys(BaseThrottle):
    """A key asks so often a minute, over all processes together; people are not counted."""

    wait_for: timedelta | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        self.wait_for = wait_of(request._request, _actor_of(request))
        return self.wait_for is None

    def wait(self) -> float | None:
        return self.wait_for.total_seconds() if self.wait_for else None


def wait_of(request: HttpRequest, actor: Actor) -> timedelta | None:
    """Count a request of a key, once by whichever way it is answered; return how long it must wait, if it must."""
    if COUNTED not in request.__dict__:
        allowed = settings.API_RATES.get(actor.kind)
        limit = rates.Limit(*allowed) if allowed else None
        request.__dict__[COUNTED] = rates.take(f"key {actor.id}", limit, at=timezone.now()) if limit else None
    wait: timedelta | None = request.__dict__[COUNTED]
    return wait


def _actor_of(request: Request) -> Actor:
    actor: Actor = request._request.actor  # type: ignore[attr-defined]
    return actor


class KeyInDescription(OpenApiAuthenticationExtension):
    """Tells readers of the API's description how to send a key."""

    target_class = ActorAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key of the shop's or the platform's."}


class KnownActor(BasePermission):
    """Anybody who said who they are; what they may do is judged by policies."""

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = _actor_of(request)
        return actor.kind != Kind.ANONYMOUS
