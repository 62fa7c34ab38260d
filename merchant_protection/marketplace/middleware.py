"""Events are taken in before all that pages and people need: a signature says who sends them."""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from merchant_protection.accounts.api import directly
from merchant_protection.marketplace.api import events

PATH = "/api/v1/events"


class TakesInEvents:
    """Takes the short way where a post is a plain one; the endpoint looks at every other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH or request.method != "POST" or not _is_plain(request):
            return self.get_response(request)
        response = events.take_in(request)
        response["X-Frame-Options"] = "DENY"
        return response


def _is_plain(request: HttpRequest) -> bool:
    if request.META.get("HTTP_ACCEPT", "*/*") not in directly.ACCEPTED:
        return False
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True
