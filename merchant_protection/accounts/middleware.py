"""Every request has an actor, and a scope that says whose rows it may see."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation import tenancy

type Answer = Callable[[HttpRequest], HttpResponse]

PLATFORM_PREFIXES = ("/admin/", "/accounts/", "/invitations/")


class ActorAndScope:
    """Loads the actor once, and enters the scope of the part of the site that is asked for.

    Staff pages and a person's own account see everybody's rows and judge by
    policy; merchant pages and keys see one shop's; everything else sees none.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = _actor_of(request)
        request.actor = actor  # type: ignore[attr-defined]
        with _scope_of(request, actor):
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                tenancy.keep_for_stream(response)
        return response


def _actor_of(request: HttpRequest) -> Actor:
    origin = request.META.get("REMOTE_ADDR", "")
    request_id = getattr(request, "request_id", "")
    if request.path.startswith("/api/"):
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return loading.of_key(presented.strip(), origin=origin, request_id=request_id) or Actor.anonymous()
    user = request.user
    if user.is_authenticated and user.is_active:
        return loading.of_user(user, request.session, origin=origin, request_id=request_id)
    return Actor.anonymous()


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
