"""The platform's question about a price is answered before all that pages and people need and a program does not."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pricing_guard.api import directly

PATH = "/api/v1/price-checks"


class AnswersAtOnce:
    """Takes the short way where the question is a plain one; the endpoint looks at every other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH or request.method != "POST":
            return self.get_response(request)
        return directly.answer(request) or self.get_response(request)
