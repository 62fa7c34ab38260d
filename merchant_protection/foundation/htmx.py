"""Glue between pages and commands: what a command refuses stands beside the field it concerns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from merchant_protection.foundation.errors import Conflict, Invalid


def attempt[T](form: BaseForm, command: Callable[..., T], **arguments: Any) -> T | None:
    """Run a command with what a valid form says; what it refuses becomes the form's errors, and nothing is returned."""
    if not form.is_valid():
        return None
    try:
        return command(**arguments)
    except Invalid as refusal:
        for name, reasons in refusal.fields.items():
            for reason in reasons:
                form.add_error(name if name in form.fields else None, reason)
        if not refusal.fields:
            form.add_error(None, refusal.message)
    except Conflict as refusal:
        form.add_error(None, refusal.message)
    return None


@contextmanager
def refusals_told(request: HttpRequest) -> Iterator[None]:
    """Say on the next page what a command of this block refused; what follows it in the block is left out."""
    try:
        yield
    except Conflict as refusal:
        messages.error(request, refusal.message)


def reload_when_over(request: HttpRequest, response: HttpResponse, *, is_running: bool) -> HttpResponse:
    """Let a page that asks for its moving part load anew once the work is over: head and facts stand outside it."""
    if request.headers.get("HX-Request") and not is_running:
        response["HX-Refresh"] = "true"
    return response


def status_of(form: BaseForm) -> int:
    """Return 422 for a form that was refused, so that htmx and tests can tell; else 200."""
    return 422 if form.errors else 200
