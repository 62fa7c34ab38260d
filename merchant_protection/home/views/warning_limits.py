"""From where on the shop is warned: seen, tried on the past, and set."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merchant_protection.foundation import htmx
from merchant_protection.home.forms.warnings import LimitsForm
from merchant_protection.risk import policies, queries, wording
from scalper_policies.queries import trials
from scalper_policies.rules import warnings as rules
from scalper_policies.services import warning_limits


@require_http_methods(["GET", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """Show the limits by kind, and set them; "try" only shows what they would have warned of."""
    actor = request.actor
    own = queries.limits_of(actor.merchant_id)
    values = {**rules.standard(), **(own.values if own else {})}
    version = own.version if own else 0
    form = LimitsForm(request.POST or None, values=values, version=version)
    trying = "try" in request.POST
    if request.method == "POST" and not trying and _saved(request, form):
        messages.success(request, _("Saved. New orders are judged by these limits."))
        return redirect("warning_limits")
    tried = form.values() if trying and form.is_valid() else values
    context = {
        "form": form,
        "kinds": [_kind(form, kind) for kind in rules.Kind],
        "may_tune": policies.can_tune(actor, actor.merchant_id),
        "own": own,
        "trial": _trial(actor.merchant_id, values, tried, form) if trying else None,
        "trying": trying,
    }
    return render(request, "home/warning_limits.html", context, status=htmx.status_of(form))


def _saved(request: HttpRequest, form: LimitsForm) -> bool:
    if not form.is_valid():
        return False
    done = htmx.attempt(
        form,
        warning_limits.put,
        merchant_id=request.actor.merchant_id,
        values=form.values(),
        version=form.cleaned_data["version"],
        actor=request.actor,
        at=timezone.now(),
    )
    return done is not None


def _kind(form: LimitsForm, kind: rules.Kind) -> dict[str, Any]:
    return {
        "name": wording.kind_name(kind.value),
        "rule": wording.RULES[kind.value],
        "fields": [form[name] for name in rules.LIMITS[kind]],
    }


def _trial(merchant_id: int, values: dict[str, int], tried: dict[str, int], form: LimitsForm) -> Any:
    if form.errors:
        return None
    sets = [rules.thresholds_of(values), rules.thresholds_of(tried)]
    now, then = trials.of_last_month(merchant_id, *sets, at=timezone.now())
    rows = [
        {
            "name": wording.kind_name(kind.value),
            "now": now.by_kind.get(kind.value, 0),
            "then": then.by_kind.get(kind.value, 0),
            "is_tried": kind not in trials.NOT_TRIED,
        }
        for kind in rules.Kind
    ]
    return {"rows": rows, "orders": now.orders, "is_partial": now.is_partial, "most": trials.MOST_TRIED}
