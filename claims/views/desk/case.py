"""One case with everything on one screen."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from claims import lifecycle, policies
from claims.models import Claim, ClaimLine, Decision, EvidenceType, RemedyKind
from claims.queries import cases, deadlines, desk, evidence, filing, hearing, kinds, quality, remedies
from claims.queries import claims as queries
from claims.services import attaching, breaching, deciding, showing, viewing
from claims.views.desk.door import desk_page, show, words
from claims.views.desk.verdicts import read_verdict
from merchant_protection.files.services import addresses
from merchant_protection.foundation.errors import Refusal
from merchant_protection.marketplace.policies import can_see_recipients


@require_GET
@desk_page
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a case to the desk; who may still be asked for a blind second look at it is led to that instead."""
    if quality.untold(request.actor).filter(pk=pk).exists():
        messages.info(
            request, _("This case waits for a second look by you. Its decision is shown once you have answered.")
        )
        return redirect("desk_sample", pk)
    claim = claim_of(request, pk)
    return show(request, "claims/desk/case.html", case_context(request, claim))


@require_POST
@desk_page
def beat(request: HttpRequest, pk: int) -> HttpResponse:
    """The open page says that it is still there: the lease is renewed, and everybody sees who is looking."""
    claim = claim_of(request, pk)
    now = timezone.now()
    lease = viewing.look(claim_id=claim.pk, actor=request.actor, at=now)
    others = cases.viewers_of(claim, now=now, but=request.actor.id)
    return render(
        request,
        "claims/desk/parts_presence.html",
        {
            "claim": claim,
            "lease": lease,
            "others": others,
            "is_stale": str(claim.version) != request.POST.get("version"),
        },
    )


@require_POST
@desk_page
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what both sides will read, before anything is decided."""
    claim = claim_of(request, pk)
    verdict = read_verdict(request.POST)
    try:
        decision = deciding.drafted(claim, verdict, at=timezone.now())
    except Refusal as refusal:
        return render(request, "claims/desk/parts_preview.html", {"fault": words(refusal)})
    return render(request, "claims/desk/parts_preview.html", {"claim": claim, "decision": decision})


def case_context(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """Everything the page of a case shows."""
    now = timezone.now()
    actor = request.actor
    may_hear = breaching.hears(actor)
    has_it = policies.can_decide(actor, claim) and claim.reviewer_id == actor.id
    reviewer = actor.id if policies.can_review(actor) else None
    return {
        "title": claim.number,
        "claim": claim,
        "badge": deadlines.of([claim], now=now)[claim.pk],
        "lines": queries.lines_of(claim),
        "joined": filing.joined_to(claim),
        "line_results": ClaimLine.Result.choices,
        "evidence": evidence_shown(request, claim),
        "viewer_items": showing.gallery(
            actor=request.actor, pieces=list(evidence.of_claim(claim)), at=timezone.now(), is_staff_page=True
        ),
        "events": cases.timeline(claim, attaching.shown(claim=claim, actor=actor, at=now, is_staff_page=True)),
        "reasons_queued": queries.reasons_of(claim),
        "recognition": cases.recognition_of(claim),
        "warnings": cases.warnings_of(claim),
        "others": cases.viewers_of(claim, now=now, but=actor.id),
        "lease": desk.current_lease(claim),
        "remedies": queries.remedies_of(claim),
        "possible_remedies": [(kind, RemedyKind(kind).label) for kind in remedies.possible(claim)],
        "reason_codes": kinds.reasons(claim.kind_code),
        "notes_canned": kinds.texts("NOTE"),
        "asks_canned": kinds.texts("ASK"),
        "updates_canned": kinds.texts("UPDATE"),
        "evidence_types": EvidenceType.choices,
        "appeal": queries.open_appeal(claim),
        "proposal": queries.proposal(claim) if claim.status == lifecycle.HELD else None,
        "in_force": queries.decision_in_force(claim),
        "legal": lifecycle.legal_moves(claim.status),
        "has_it": has_it,
        "may_take": policies.can_take(actor, claim) and claim.reviewer_id is None and claim.status in lifecycle.UNTAKEN,
        "may_hand_on": policies.can_hand_on(actor, claim) and claim.reviewer_id is not None,
        "may_override": policies.can_override(actor) and claim.status in lifecycle.DECIDED,
        "may_gild": policies.can_lead(actor) and claim.status in lifecycle.DECIDED | {lifecycle.FINAL},
        "gold": quality.gold_of(claim, shown_to=reviewer) if policies.can_lead(actor) else None,
        "results": Decision.Result.choices,
        "may_unmask": claim.order_id is not None and can_see_recipients(actor, claim.merchant_id),
        "colleagues": desk.reviewers(),
        "may_hear": may_hear,
        "told": hearing.about(claim, actor.id or 0) if may_hear else (),
    } | _of_others(request, claim)


def _of_others(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """What is told of other cases beside this one; of those that wait for a blind look by this reviewer no result."""
    alike, untold = cases.similar(claim), quality.untold(request.actor)
    return {
        "buyer": cases.buyer_figures(claim, now=timezone.now(), untold=untold),
        "similar": alike,
        "untold": set(untold.filter(pk__in=[other.pk for other, _why in alike]).values_list("pk", flat=True)),
    }


def claim_of(request: HttpRequest, pk: int) -> Claim:
    """Return the complaint a page is about, with all that the page shows of it."""
    rows = queries.visible_to(request.actor).select_related(
        "kind", "order", "buyer", "after_sale", "merchant", "queue", "reviewer"
    )
    claim = rows.filter(pk=pk).first()
    if claim is None:
        raise Http404(_("There is no such complaint."))
    return claim


def evidence_shown(request: HttpRequest, claim: Claim) -> list[dict[str, Any]]:
    """Return each piece with the addresses of its copies, good for this reviewer only, and where it was seen before."""
    now = timezone.now()
    pieces = list(evidence.of_claim(claim))
    seen = evidence.same_pictures(pieces)
    shown = []
    for piece in pieces:
        copies = ("clean", "thumbnail", addresses.ORIGINAL) if piece.file.status == piece.file.Status.CLEAN else ()
        links = {
            copy: addresses.address(actor=request.actor, file=piece.file, at=now, copy=copy, is_staff_page=True)
            for copy in copies
        }
        others = {other.claim_id: other.claim for other in seen.get(piece.pk, ())}
        shown.append({"piece": piece, "links": links, "others": list(others.values())})
    return shown
