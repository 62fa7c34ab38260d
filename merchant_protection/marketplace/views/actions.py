"""What was asked of the selling platform for the shop, and what a person may decide about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset, lifecycle
from merchant_protection.foundation.htmx import refusals_told
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.lifecycle import ACTION_MOVES, ActionStatus
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.services import actions as services
from merchant_protection.marketplace.views import asked, brakes

PAGE = 25
PAUSES = 10
DECISIONS: dict[str, Callable[..., PlatformAction]] = {
    "approve": services.approve,
    "decline": services.decline,
    "retry": services.retry,
    "undo": services.undo,
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the shop's actions; those that wait for a person come as a view of their own."""
    view = request.GET.get("view", "all")
    rows = _mine(request)
    if view == "waiting":
        rows = rows.filter(status=ActionStatus.NEEDS_REVIEW)
    elif view == "failed":
        rows = rows.filter(status=ActionStatus.FAILED)
    page = keyset.page(
        rows, by=["-id"], size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    actor = request.actor
    waiting = queries.waiting_count(actor, actor.merchant_id)
    switch = guards.switches(actor).filter(merchant_id=actor.merchant_id, is_stopped=True).first()
    pauses = guards.open_pauses(actor).filter(merchant_id=actor.merchant_id)[:PAUSES]
    context = {
        "switch": switch,
        "pauses": brakes.shown(request, pauses),
        "may_stop": policies.can_stop(actor, scope="MERCHANT", merchant_id=actor.merchant_id),
        "may_resume": policies.can_resume(actor, scope="MERCHANT", merchant_id=actor.merchant_id),
        "page": page,
        "rows": asked.shown(page.rows),
        "rows_empty": not page.rows,
        "view": view,
        "views": [
            {"key": "all", "label": _("All"), "count": None},
            {"key": "waiting", "label": _("Waits for you"), "count": waiting},
            {"key": "failed", "label": _("Failed"), "count": None},
        ],
    }
    return render(request, "marketplace/actions.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one action: why it was asked, what happened, what may be decided now."""
    action = get_object_or_404(_mine(request), pk=pk)
    may = policies.can_decide(request.actor, action.merchant_id)
    context = {
        "action": action,
        "shown": asked.shown([action])[0],
        "history": queries.history_of(action).order_by("-pk"),
        "moves": _moves(action) if may else [],
    }
    return render(request, "marketplace/action.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, decline, try again or undo."""
    action = get_object_or_404(_mine(request), pk=pk)
    command = DECISIONS.get(request.POST.get("move", ""))
    if command is None:
        return redirect("action", pk)
    note = request.POST.get("note", "")[:300]
    with refusals_told(request):
        done = command(action_id=action.pk, actor=request.actor, at=timezone.now(), note=note)
        messages.success(request, _("Decided."))
        return redirect("action", done.pk)
    return redirect("action", pk)


def _mine(request: HttpRequest) -> QuerySet[PlatformAction]:
    actor: Any = request.actor
    return queries.visible_to(actor).filter(merchant_id=actor.merchant_id).select_related("target")


def _moves(action: PlatformAction) -> list[str]:
    legal = [name for name in lifecycle.moves_from(ACTION_MOVES, action.status) if name in DECISIONS]
    return [*legal, "undo"] if action.status == ActionStatus.CONFIRMED and action.undo is not None else legal
