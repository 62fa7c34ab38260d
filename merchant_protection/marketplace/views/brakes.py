"""What stands still in the shop, and how it goes on: its own kill switch, and rules that were paused."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchant_protection.accounts.views import step_up
from merchant_protection.foundation.errors import Invalid, NotAllowed, ProofNeeded, Refusal
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import RulePause, Switch
from merchant_protection.marketplace.queries import guards as queries
from merchant_protection.marketplace.services import switches
from merchant_protection.marketplace.views import asked


@require_POST
def turn(request: HttpRequest) -> HttpResponse:
    """Stop every action of the shop from leaving, or let them leave again."""
    shop = {"scope": Switch.Scope.MERCHANT, "merchant_id": request.actor.merchant_id}
    given = {**shop, "actor": request.actor, "at": timezone.now(), "reason": request.POST.get("reason", "")[:300]}
    try:
        if request.POST.get("move") == "stop":
            switches.stop(**given)
            messages.success(request, _("Stopped. No action leaves any more."))
        else:
            switches.resume(**given, proved_again=step_up.proved_again(request))
            messages.success(request, _("Actions leave again."))
    except ProofNeeded:
        return step_up.confirm(request, back=reverse("actions"))
    except Refusal as refusal:
        messages.error(request, _told(refusal))
    return redirect("actions")


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a paused rule go on: one asks, a second agrees; who is alone, ten minutes later with a second factor."""
    pause = get_object_or_404(queries.pauses(request.actor).filter(merchant_id=request.actor.merchant_id), pk=pk)
    back = _back(request)
    given = {"pause_id": pause.pk, "actor": request.actor, "at": timezone.now()}
    try:
        done = switches.resume_rule(**given, proved_again=step_up.gave_second_factor(request))
    except ProofNeeded:
        return step_up.confirm_second_factor(request, back=back)
    except Refusal as refusal:
        messages.error(request, _told(refusal))
    else:
        messages.success(
            request, _("The rule acts again.") if done.resumed_at else _("Asked for. Somebody else agrees.")
        )
    return redirect(back)


def shown(request: HttpRequest, pauses: Iterable[RulePause]) -> list[dict[str, Any]]:
    """Return paused rules with what this person can do about each: ask, agree, or wait for somebody or for a time."""
    actor, now = request.actor, timezone.now()
    rows, found = [], list(pauses)
    names = asked.names(found)
    for pause in found:
        is_own = pause.resume_asked_by is not None and pause.resume_asked_by == actor.id
        is_alone = is_own and queries.deciders_of(pause.merchant_id) == 1
        alone_from = pause.resume_asked_at + switches.ALONE_AFTER if is_alone and pause.resume_asked_at else None
        waits = is_own and (not is_alone or (alone_from is not None and alone_from > now))
        rows.append(
            {
                "pause": pause,
                "name": names[pause.pk],
                "is_asked": pause.resume_asked_by is not None,
                "is_by_budget": pause.paused_by == RulePause.BY_BUDGET,
                "may": policies.can_decide(actor, pause.merchant_id) and not waits,
                "needs_other": is_own and not is_alone,
                "alone_from": alone_from if waits else None,
            }
        )
    return rows


def _back(request: HttpRequest) -> str:
    told = request.POST.get("back", "")
    is_path = told.startswith("/") and url_has_allowed_host_and_scheme(told, allowed_hosts=None)
    return told if is_path else reverse("actions")


def _told(refusal: Refusal) -> str:
    if isinstance(refusal, NotAllowed):
        raise refusal
    if isinstance(refusal, Invalid) and refusal.fields:
        return " ".join(reason for reasons in refusal.fields.values() for reason in reasons)
    return refusal.message
