"""What keeps an open page up to date: asked every few seconds, it answers with what changed, or that nothing did."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.utils import translation


def asked_for(request: HttpRequest) -> QueryDict:
    """Return the query of the page that polls, without the word that makes it a poll: its links are the page's own."""
    query = request.GET.copy()
    query.pop("live", None)
    return query


def answer(request: HttpRequest, pulse: tuple[object, ...], draw: Callable[[], HttpResponse]) -> HttpResponse:
    """Draw the parts of a page whose pulse is another than the asker's, and answer 304 where it is the same."""
    asked = (pulse, request.META.get("QUERY_STRING", ""), translation.get_language())
    tag = f'"{hashlib.sha256(repr(asked).encode()).hexdigest()[:24]}"'
    is_same = request.headers.get("If-None-Match", "").removeprefix("W/") == tag
    response = HttpResponseNotModified() if is_same else draw()
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
