"""Filing a complaint in three steps, each with its own address, all of it kept as it is typed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from claims import lifecycle, policies, wording
from claims.forms import ClaimForm, DeclarationForm, initial_of
from claims.models import Claim
from claims.queries import claims as queries
from claims.queries import filing as filing_queries
from claims.queries import kinds
from claims.rules.kinds import Timing
from claims.services import drafting, filing
from claims.services.filing import AlreadyDecided, Stale
from claims.templatetags.claims import evidence_type, named
from claims.views import evidence, finding
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import row_numbers
from merchant_protection.foundation.errors import Invalid, Refusal, require
from merchant_protection.marketplace.models import Order
from merchant_protection.marketplace.queries import orders

SHOWN_ORDERS, SHOWN_OTHERS = 12, 20


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Step 1: choose the order; those that look suspicious first, with why."""
    actor, now = request.actor, timezone.now()
    require(policies.can_file(actor, actor.merchant_id))
    mine = orders.visible_to(actor).filter(merchant_id=actor.merchant_id)
    text = request.GET.get("q", "")[:80].strip()
    if text:
        rows = orders.search(mine, text).order_by(*orders.RECENT)[:SHOWN_ORDERS]
    else:
        rows = filing_queries.suspicious(mine, now=now)[:SHOWN_ORDERS]
    context = {"orders": rows, "text": text, "steps": _steps(None), "rows_empty": not rows}
    return render(request, "claims/choose.html", context)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin the draft about an order or an after-sale, or go on with the one there is."""
    actor, at = request.actor, timezone.now()
    given = request.POST
    try:
        if (after_sale_id := row_numbers.read(given.get("after_sale", ""))) is not None:
            claim = filing.draft_from_after_sale(after_sale_id=after_sale_id, actor=actor, at=at)
        elif (warning_id := row_numbers.read(given.get("warning", ""))) is not None:
            claim = filing.draft_from_warning(warning_id=warning_id, actor=actor, at=at)
        elif (order_id := row_numbers.read(given.get("order", ""))) is not None:
            claim = filing.draft_from_order(order_id=order_id, actor=actor, at=at)
        else:
            messages.error(request, _("Choose an order."))
            return redirect("claim_new")
    except AlreadyDecided as refused:
        messages.error(request, refused.message)
        return redirect("claim", refused.claim.pk)
    return redirect("claim_edit" if claim.status == lifecycle.DRAFT else "claim", claim.pk)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2: what happened, and the evidence."""
    claim = finding.mine(request, pk)
    if claim.status != lifecycle.DRAFT:
        return redirect("claim", claim.pk)
    form = _form(claim, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            if _keep(request.actor, claim, form) is not None:
                return redirect("claim_check", claim.pk)
        except Stale as stale:
            return _conflict(request, stale.claim, form)
    return _render(request, claim, form, status=422 if form.is_bound and form.errors else 200)


@require_POST
def keep(request: HttpRequest, pk: int) -> JsonResponse:
    """Keep what is typed so far; what cannot be read is left as it was."""
    claim = finding.mine(request, pk)
    form = _form(claim, request.POST)
    try:
        kept = _keep(request.actor, claim, form, partly=True)
    except Refusal as refusal:
        return JsonResponse({"reason": refusal.message}, status=refusal.status)
    return JsonResponse({"version": (kept or claim).version})


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: look at every answer once more, then hand it in."""
    claim, at = finding.mine(request, pk), timezone.now()
    if claim.status != lifecycle.DRAFT:
        return redirect("claim", claim.pk)
    form = DeclarationForm(request.POST or None, initial={"version": claim.version})
    faults = filing.faults_of(claim, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            done = filing.submit(
                claim_id=claim.pk, actor=request.actor, at=at, version=form.cleaned_data.get("version")
            )
        except Stale:
            form.add_error(None, _("A colleague changed this complaint. Look at it again before you hand it in."))
            form.data = form.data | {"version": str(finding.mine(request, pk).version)}
        except Invalid as refusal:
            faults = {name: lines[0] for name, lines in refusal.fields.items()}
        else:
            messages.success(
                request, _("%(number)s is filed. You hear from us here and by mail.") % {"number": done.number}
            )
            return redirect("claim", claim.pk)
    is_refused = request.method == "POST"
    context = _context(request, claim) | {
        "form": form,
        "faults": [(_label(name), why) for name, why in faults.items()],
        "steps": _steps(claim),
        "lines": queries.lines_of(claim),
    }
    return render(request, "claims/check.html", context, status=422 if is_refused else 200)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a complaint back, or drop a draft."""
    claim = finding.mine(request, pk)
    was_draft = claim.status == lifecycle.DRAFT
    filing.withdraw(claim_id=claim.pk, actor=request.actor, at=timezone.now())
    messages.success(request, _("The draft is dropped.") if was_draft else _("The complaint is withdrawn."))
    return redirect("claims") if was_draft else redirect("claim", claim.pk)


def _form(claim: Claim, data: Any) -> ClaimForm:
    order_lines = orders.lines_of(claim.order)[:200] if claim.order else []
    lines = [(str(line.ordinal), f"{line.title or line.sku} × {line.quantity}") for line in order_lines]
    chosen = [str(each) for each in queries.lines_of(claim).values_list("ordinal", flat=True)]
    options = [(kind.code, named(kind)) for kind in kinds.current()]
    if claim.kind_code not in dict(options):
        options.append((claim.kind_code, named(claim.kind)))
    joined = [str(each.order_id) for each in filing_queries.joined_to(claim)]
    initial = initial_of(claim) | {"lines": chosen, "joined": joined}
    return ClaimForm(data, kinds=options, lines=lines, orders=_others(claim), initial=initial)


def _others(claim: Claim) -> list[tuple[str, str]]:
    """Return the buyer's latest other orders as they can be chosen, those that are joined first."""
    rows = [each.order for each in filing_queries.joined_to(claim)]
    rows += [each for each in filing_queries.orders_of_buyer(claim)[:SHOWN_OTHERS] if each not in rows]
    return [(str(each.pk), _("%(number)s, placed %(day)s") % _named(each)) for each in rows]


def _named(order: Order) -> dict[str, str]:
    return {"number": order.number, "day": timezone.localtime(order.placed_at).strftime("%Y-%m-%d")}


def _keep(actor: Actor, claim: Claim, form: ClaimForm, *, partly: bool = False) -> Claim | None:
    """Keep what the form says; what the command refuses becomes an error of its field."""
    if not form.is_valid() and not partly:
        return None
    try:
        return drafting.say(
            claim_id=claim.pk,
            actor=actor,
            at=timezone.now(),
            version=form.cleaned_data.get("version"),
            **form.said(),
        )
    except Invalid as refusal:
        for name, reasons in refusal.fields.items():
            form.add_error(name if name in form.fields else None, reasons[0])
        return None


def _render(request: HttpRequest, claim: Claim, form: ClaimForm, *, status: int, **more: Any) -> HttpResponse:
    context = _context(request, claim) | {
        "form": form,
        "draft_url": f"/m/claims/{claim.pk}/draft/",
        "steps": _steps(claim),
        "kind_cards": _kind_cards(claim),
    }
    return render(request, "claims/edit.html", context | more, status=status)


def _conflict(request: HttpRequest, theirs: Claim, form: ClaimForm) -> HttpResponse:
    """Show both versions field by field; the form that follows carries the new version, so nothing is lost."""
    now_there, typed = initial_of(theirs), form.cleaned_data
    rows = []
    for name in ("kind", "amount", "amount_demanded", "happened_at", "story", "demand_channel", "review_ref"):
        mine, other = typed.get(name), now_there.get(name)
        if (mine or "") != (other or ""):
            rows.append({"name": name, "label": form.fields[name].label, "mine": mine, "theirs": other})
    chosen = {row["name"] for row in rows if request.POST.get(f"keep_{row['name']}") == "theirs"}
    data = request.POST.copy()
    data["version"] = str(theirs.version)
    for name in chosen:
        data[name] = "" if now_there[name] is None else str(now_there[name])
    last = queries.last_editor(theirs)
    context = {"conflict": rows, "who": last or _("A colleague"), "changed_at": theirs.updated_at}
    return _render(request, theirs, _form(theirs, data), status=409, **context)


def _context(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim,
        "order": claim.order,
        "buyer_claims": filing_queries.counts_of_buyer(claim),
        "window": filing.eligibility_of(claim, at=timezone.now()),
        "joined": filing_queries.joined_to(claim),
    } | evidence.context(request, claim)


def _kind_cards(claim: Claim) -> list[dict[str, Any]]:
    """Return each kind with its hint, and until when it can be filed about this order."""
    now, cards = timezone.now(), []
    for kind in kinds.current():
        probe = Claim(merchant_id=claim.merchant_id, kind=kind, order=claim.order, after_sale=claim.after_sale)
        probe.happened_at, probe.created_at = claim.happened_at, claim.created_at
        window = filing.eligibility_of(probe, at=now)
        why = "" if window.timing == Timing.OPEN else str(wording.FAULTS[window.timing])
        cards.append({"kind": kind, "closes_at": window.closes_at, "why": why})
    return cards


def _steps(claim: Claim | None) -> list[dict[str, str]]:
    edit_url = f"/m/claims/{claim.pk}/edit/" if claim else ""
    return [
        {"label": _("Choose the order"), "url": "/m/claims/new/"},
        {"label": _("What happened, and evidence"), "url": edit_url},
        {"label": _("Check and hand in"), "url": ""},
    ]


def _label(name: str) -> str:
    field = ClaimForm.base_fields.get(name)
    return str(field.label) if field else str(evidence_type(name))
