"""Answers to errors and to what cannot be read: without database and session, which may be what failed."""

import json
import sys
from types import ModuleType
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext_lazy

# What pages read without a form, by the words that stand beside it.
WORDS = {
    "note": gettext_lazy("Note"),
    "reason": gettext_lazy("Reason"),
    "name": gettext_lazy("Name"),
    "body": gettext_lazy("Message"),
    "text": gettext_lazy("Text"),
}


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong on our side, with the number that support asks for."""
    request_id = getattr(request, "request_id", "")
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": "Internal error", "status": 500, "trace_id": request_id}
        return JsonResponse(problem, status=500, content_type="application/problem+json")
    shown = {"request_id": request_id, "theme": request.COOKIES.get("theme", "")}
    return HttpResponse(loader.get_template("portal/errors/500.html").render(shown), status=500)


def nothing_there(request: HttpRequest) -> HttpResponse:
    """Answer an address that cannot be looked for, before the languages and the session are known."""
    with translation.override(translation.get_language_from_request(request)):
        page = loader.get_template("portal/errors/404.html").render({"theme": request.COOKIES.get("theme", "")})
    return HttpResponse(page, status=404)


def texts_refused(request: HttpRequest, faults: dict[str, str], *, module: str) -> HttpResponse:
    """Name each field whose text cannot be taken, and why: as a page, a toast or JSON, as the asker reads it."""
    told = [{"field": _label_of(name, module), "reason": reason} for name, reason in faults.items()]
    line = " ".join(f"{each['field']}: {each['reason']}" for each in told)
    if request.content_type == "application/json":
        return JsonResponse({"reason": line}, status=422)
    if request.headers.get("HX-Request"):
        toast = json.dumps({"toast": {"text": line, "level": "bad"}})
        return HttpResponse(line, status=422, headers={"HX-Reswap": "none", "HX-Trigger": toast})
    return render(request, "portal/errors/422.html", {"faults": told}, status=422)


def _label_of(name: str, module: str) -> str:
    """The words beside the field on the page: those of the forms that the page's module works with."""
    last = name.rpartition("-")[2]  # after the number of the row in a list of forms
    for form in forms_of(module):
        field = form.base_fields.get(last)
        if field is not None and field.label:
            return str(field.label)
    return str(WORDS.get(last, name))


def forms_of(module: str) -> list[Any]:
    """Return the forms that a module of pages names, by themselves or in a module of forms."""
    named = list(vars(sys.modules[module]).values()) if module in sys.modules else []
    for each in [each for each in named if isinstance(each, ModuleType) and "forms" in each.__name__]:
        named += vars(each).values()
    return [each for each in named if isinstance(each, type) and hasattr(each, "base_fields")]
