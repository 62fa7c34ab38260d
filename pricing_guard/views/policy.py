"""One guard policy: what it says, what these values would have done, how far it may go, its versions."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.accounts.views import step_up
from merchant_protection.foundation import row_numbers
from merchant_protection.foundation.errors import ProofNeeded, Refusal
from pricing_guard.forms import wording
from pricing_guard.models import GuardPolicy, PolicyVersion
from pricing_guard.queries import editing, jobs, listings
from pricing_guard.queries import incidents as incident_queries
from pricing_guard.queries import policies as queries
from pricing_guard.rules import comparing, stored
from pricing_guard.services import policies as services
from pricing_guard.views.policies import may, mine, shop

VERSIONS = 50


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a policy: the version that is looked at, what it would have done, and what comes next."""
    policy = get_object_or_404(mine(request), pk=pk)
    every = list(queries.versions_of(policy)[:VERSIONS])
    version = editing.versions_by_number(policy, request.GET.get("version", "")) or every[0]
    live = next((each for each in every if each.number == policy.live_number), None)
    currency = listings.currency_of(shop(request))
    reviewed, right = incident_queries.reviewed(policy.pk)
    mode = request.GET.get("mode", "")  # chosen before somebody had to prove who they are; nothing is set by it
    context = {
        "policy": policy,
        "version": version,
        "versions": every,
        "live": live,
        "summary": list(wording.summary(version.thresholds, currency)),
        "ladder": [(label, version.ladder.get(name)) for name, label in wording.SEVERITIES if name in version.ladder],
        "trial": editing.last_trial(policy, version.thresholds),
        "is_live": version.number == policy.live_number,
        "is_looser": bool(live) and _is_looser(version, live),
        "learns": comparing.learns(stored.thresholds_in(version.thresholds)),
        "is_proven": services.is_proven(policy, at=timezone.now()),
        "reviewed": {"count": reviewed, "right": right, "of": services.REVIEWED_ENOUGH},
        "runs": jobs.backtests_visible_to(request.actor).filter(policy=policy).order_by("-pk")[:5],
        "shadow": jobs.shadow_report(policy),
        "may": may(request),
        "mode": mode if mode in GuardPolicy.Mode.values else policy.mode,
    }
    return render(request, "pricing_guard/policy.html", context)


@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show in what two versions of a policy differ."""
    policy = get_object_or_404(mine(request), pk=pk)
    every = list(queries.versions_of(policy)[:VERSIONS])
    new = editing.versions_by_number(policy, request.GET.get("new", "")) or every[0]
    old = editing.versions_by_number(policy, request.GET.get("old", "")) or every[min(1, len(every) - 1)]
    currency = listings.currency_of(shop(request))
    context = {
        "policy": policy,
        "versions": every,
        "old": old,
        "new": new,
        "changes": list(wording.changes(old.thresholds, new.thresholds, currency)),
        "is_looser": _is_looser(new, old),
        "trials": [(each, editing.last_trial(policy, each.thresholds)) for each in (old, new)],
    }
    return render(request, "pricing_guard/policy_compare.html", context)


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a version hold, say how far the policy may go, or put it away."""
    policy = get_object_or_404(mine(request), pk=pk)
    given: dict[str, Any] = {"policy_id": policy.pk, "actor": request.actor, "at": timezone.now()}
    is_acknowledged = request.POST.get("acknowledged") == "on"
    wish, number = request.POST.get("move", ""), request.POST.get("number", "")
    seen = {"version": row_numbers.read(request.POST.get("version", ""))}
    command: Callable[..., GuardPolicy]
    if wish == "retire":
        command = services.retire
    elif wish == "mode":
        command = services.set_mode
        given |= {"mode": request.POST.get("mode", ""), "is_acknowledged": is_acknowledged} | seen
        given["proved_again"] = step_up.proved_again(request)
    elif wish == "publish" and number.isdecimal() and len(number) < 7:
        command = services.publish
        given |= {"number": int(number), "is_acknowledged": is_acknowledged} | seen
        given["proved_again"] = step_up.proved_again(request)
    else:
        return redirect("price_policy", policy.pk)
    try:
        command(**given)
    except ProofNeeded:
        return step_up.confirm(request, back=_shown_at(policy, number, request.POST))
    except Refusal as refusal:
        reasons = [reason for each in getattr(refusal, "fields", {}).values() for reason in each]
        messages.error(request, " ".join([refusal.message, *reasons]).strip() or _("This is not possible now."))
    else:
        messages.success(request, _("Done."))
        if wish == "retire":
            return redirect("price_policies")
    return redirect("price_policy", policy.pk)


def _shown_at(policy: GuardPolicy, number: str, chosen: QueryDict) -> str:
    """Return where the version that was looked at is shown with the mode that was chosen, to ask it anew there.

    That it goes without a backtest is said anew: no address says so for anybody.
    """
    kept = {"mode": chosen["mode"]} if chosen.get("mode") else {}
    if number.isdecimal() and len(number) < 7:
        kept["version"] = str(int(number))
    return f"{reverse('price_policy', args=[policy.pk])}{'?' if kept else ''}{urlencode(kept)}#next"


def _is_looser(new: PolicyVersion, old: PolicyVersion | None) -> bool:
    if old is None or old.pk == new.pk:
        return False
    return comparing.is_looser(stored.thresholds_in(new.thresholds), stored.thresholds_in(old.thresholds))
