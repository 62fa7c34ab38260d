"""How the API knows who asks: the actor that the middleware loaded."""

from datetime import timedelta
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor, Kind


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
        program = loading.program_of(request._request) if _actor_of(request).is_program else None
        self.wait_for = program.waits if program else None
        return self.wait_for is None

    def wait(self) -> float | None:
        return self.wait_for.total_seconds() if self.wait_for else None


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
