"""How every page of the desk opens: only to the desk's roles, in the look of the staff admin."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from claims import policies
from merchant_protection.foundation.errors import Invalid, Refusal


def desk_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let reviewers and operations in; strangers sign in, other staff are refused."""

    @wraps(view)
    def judged(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policies.can_see_desk(request.actor):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(judged)


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page with the side bar and the head of the staff admin."""
    everywhere = admin.site.each_context(request)
    return render(request, template, {**everywhere, **context}, status=status)


def attempt(request: HttpRequest, command: Callable[[], Any], *, done: str = "") -> bool:
    """Run a command and say how it went; a refusal is told and has changed nothing."""
    try:
        command()
    except Refusal as refusal:
        messages.error(request, words(refusal))
        return False
    if done:
        messages.success(request, done)
    return True


def words(refusal: Refusal) -> str:
    """Return what a refusal says, the reasons of its fields included."""
    if isinstance(refusal, Invalid) and refusal.fields:
        return " ".join(reason for reasons in refusal.fields.values() for reason in reasons)
    return str(refusal.message or _("This is not possible here."))


def is_ours(path: str | None) -> bool:
    """Whether a way back leads to a page of the desk and nowhere else."""
    return bool(path) and str(path).startswith("/admin/desk/") and "\\" not in str(path)
