"""Tabs over a list that people save for themselves or for the shop."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchant_protection.accounts.models import SavedView
from merchant_protection.accounts.rules import page_queries
from merchant_protection.accounts.services import saved_views as services
from merchant_protection.foundation.errors import Conflict, Invalid


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of a list as a view."""
    actor, path, query = request.actor, _path(request), _query(request)
    return _done(
        request,
        lambda: services.keep(
            actor=actor,
            merchant_id=actor.merchant_id,
            path=path,
            name=request.POST.get("name", ""),
            query=query,
            is_shared=bool(request.POST.get("is_shared")),
            at=timezone.now(),
        ),
        otherwise=f"{path}?{query}",
        said=_("View saved."),
    )


@require_POST
def update(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a view mean the filters that are chosen now."""
    query = _query(request)
    return _done(
        request,
        lambda: services.change(actor=request.actor, view_id=pk, query=query, at=timezone.now()),
        otherwise="overview",
        said=_("View updated."),
    )


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a view another name."""
    name = request.POST.get("name", "")
    return _done(
        request,
        lambda: services.rename(actor=request.actor, view_id=pk, name=name, at=timezone.now()),
        otherwise=_back(request),
        said=_("View renamed."),
    )


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a view away; the note at the foot of the page puts it back."""
    view = services.remove(actor=request.actor, view_id=pk, at=timezone.now())
    messages.success(request, _("View deleted."), extra_tags=f"undo:/m/views/{pk}/restore/")
    return redirect(view.path)


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a deleted view back."""
    return _done(
        request,
        lambda: services.restore(actor=request.actor, view_id=pk, at=timezone.now()),
        otherwise="overview",
        said=_("View put back."),
    )


def _done(request: HttpRequest, command: Callable[[], SavedView], *, otherwise: str, said: str) -> HttpResponse:
    try:
        view = command()
    except (Invalid, Conflict) as refusal:
        reasons = [reason for found in getattr(refusal, "fields", {}).values() for reason in found]
        messages.error(request, refusal.message or " ".join(reasons))
        return redirect(otherwise)
    messages.success(request, said)
    return redirect(f"{view.path}?{view.query}&saved={view.pk}")


def _query(request: HttpRequest) -> str:
    return page_queries.canonical(request.POST.get("query", ""))


def _back(request: HttpRequest) -> str:
    """The list whose view keeps its name."""
    return f"{_path(request)}?{_query(request)}"


def _path(request: HttpRequest) -> str:
    """Only a page of the shop can have views; anything else is no page."""
    path = request.POST.get("path", "")[:200]
    if not path.startswith("/m/") or "\\" in path:
        raise Http404
    try:
        resolve(path)
    except Resolver404 as error:
        raise Http404 from error
    return path
