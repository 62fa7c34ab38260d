"""The shop's guard policies: the list with what each covers, which one holds for a product and why, the editor."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from merchant_protection.foundation import keyset
from merchant_protection.foundation.errors import Conflict, NotAllowed
from merchant_protection.foundation.htmx import attempt, status_of
from merchant_protection.marketplace.models import Listing
from pricing_guard import policies
from pricing_guard.forms import wording
from pricing_guard.forms.editor import PolicyForm, initial_of
from pricing_guard.models import GuardPolicy, PolicyVersion
from pricing_guard.queries import editing, listings
from pricing_guard.queries import policies as queries
from pricing_guard.rules import thresholds
from pricing_guard.services import policies as services
from pricing_guard.services.watching import holding
from pricing_guard.views import bands

PAGE = 25
WEEK = timedelta(days=7)
ORDER = {name: place for place, name in enumerate(wording.WORDS)}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the policies: what each covers, how far it may go, how often it objected; and what holds for a product."""
    page = keyset.page(
        mine(request),
        by=editing.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    hits = editing.hits_since(shop(request), since=timezone.now() - WEEK)
    sku = request.GET.get("sku", "").replace("\x00", "").strip()[:80]
    listing = editing.listing_of(request.actor, sku) if sku else None
    context = {
        "page": page,
        "rows": [{"policy": each, "hits": hits.get(each.pk, 0)} for each in page.rows],
        "rows_empty": not page.rows,
        "may": may(request),
        "sku": sku,
        "listing": listing,
        "holds": _holds(listing) if listing else None,
        "choices": editing.choices_of(request.actor),
    }
    return render(request, "pricing_guard/policies.html", context)


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Write a new policy."""
    if not may(request):
        raise NotAllowed
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version of a policy from its newest."""
    policy = get_object_or_404(mine(request), pk=pk)
    if not may(request):
        raise NotAllowed
    return _edit(request, policy)


def mine(request: HttpRequest) -> QuerySet[GuardPolicy]:
    """Return the policies of the shop that is being looked at."""
    return queries.visible_to(request.actor).filter(merchant_id=shop(request))


def shop(request: HttpRequest) -> int:
    """Return the shop that is being looked at."""
    found: int = request.actor.merchant_id
    return found


def may(request: HttpRequest) -> bool:
    """Say whether the reader may change policies."""
    return policies.can_set(request.actor, shop(request))


def _edit(request: HttpRequest, policy: GuardPolicy | None) -> HttpResponse:
    newest = queries.versions_of(policy).first() if policy else None
    initial = initial_of(policy, newest) if policy and newest else _suggested(request)
    currency = listings.currency_of(shop(request))
    typed = _kept(request.POST, initial) if request.method == "POST" else None
    form = PolicyForm(typed, initial=initial, currency=currency)
    if policy:
        form.fields["scope"].choices = [(policy.scope, policy.get_scope_display())]
    base = request.POST.get("version", "")
    is_stale = bool(policy and request.method == "POST" and base != str(policy.version))
    if request.method == "POST" and not is_stale and form.is_valid():
        saved = _save(request, form, policy)
        if saved is not None:
            messages.success(request, _("Saved as version %(number)s.") % {"number": saved.number})
            return redirect("price_policy", saved.policy_id)
    context = {
        "form": form,
        "policy": policy,
        "version": newest,
        "groups": form.groups(),
        "clash": _clash(form, initial, currency) if is_stale else None,
        "who": newest.saved_by if newest else "",
        "choices": editing.choices_of(request.actor),
        "bands": bands.of(request, request.GET.get("sku", "")),
    }
    status = Conflict.status if is_stale else status_of(form)
    return render(request, "pricing_guard/policy_edit.html", context, status=status)


def _save(request: HttpRequest, form: PolicyForm, policy: GuardPolicy | None) -> PolicyVersion | None:
    return attempt(
        form,
        services.save_version,
        merchant_id=shop(request),
        draft=form.draft(),
        actor=request.actor,
        at=timezone.now(),
        policy_id=policy.pk if policy else None,
        version=policy.version if policy else None,
    )


def _kept(typed: QueryDict, theirs: dict[str, Any]) -> QueryDict:
    """Return what was typed, with a colleague's value wherever it was chosen over one's own."""
    data = typed.copy()
    for name in PolicyForm.base_fields.keys() | wording.WORDS.keys():
        if data.get(f"keep_{name}") == "theirs":
            data[name] = theirs.get(name, "")
    return data


def _clash(form: PolicyForm, theirs: dict[str, Any], currency: str) -> list[dict[str, Any]]:
    """Return every field in which what was typed differs from what a colleague saved meanwhile."""
    typed = form.data
    rows = []
    for name, field in form.fields.items():
        mine, other = typed.get(name, "").strip(), str(theirs.get(name, "")).strip()
        if name != "note" and mine != other:
            rows.append({"name": name, "label": field.label, "mine": mine or "–", "theirs": other or "–"})
    return rows


def _suggested(request: HttpRequest) -> dict[str, Any]:
    """Return what a new policy begins with: the default, or what the reader came with from a recommendation."""
    known = wording.WORDS.keys()
    given = {name: value[:20] for name, value in request.GET.items() if name in known and value}
    if given:
        return {"scope": "SHOP", **given}
    usual = thresholds.DEFAULT
    return {
        "scope": "SHOP",
        **{name: str(getattr(usual, name)).lower() for name in thresholds.set_fields(usual) if name in known},
    }


def _holds(listing: Listing) -> dict[str, Any]:
    """Return what holds for a listing: each threshold with the policy it comes from, and who was passed over."""
    found = holding.of(listing, listings.guards(listing.merchant_id, [listing.pk]).get(listing.pk))
    sources = {holding.OWN_FLOOR: _("its own floor"), holding.BASELINE: _("Baseline")}
    lines = [
        {
            "label": wording.WORDS[one.name].label,
            "value": wording.value(one.name, one.value, listing.currency),
            "source": sources.get(one.set_by, one.policy),
        }
        for one in sorted(found.thresholds, key=lambda one: ORDER.get(one.name, len(ORDER)))
        if one.name in wording.WORDS
    ]
    return {
        "lines": lines,
        "leading": found.policy,
        "why": wording.why_it_leads(found.policy, found.scope, found.mode),
        "passed_over": found.passed_over,
        "watching": found.watching,
    }
