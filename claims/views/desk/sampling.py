"""Blind second reviews: a decided case without its decision, answered once more; gold cases lie among them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from claims import policies
from claims.models import Decision
from claims.queries import claims as queries
from claims.queries import quality
from claims.services import sampling
from claims.views.desk.case import evidence_shown
from claims.views.desk.door import attempt, desk_page, show

ANSWERS = 50


@require_GET
@desk_page
def samples(request: HttpRequest) -> HttpResponse:
    """Show what waits for another look, and to those who lead what came of it."""
    may_lead = policies.can_lead(request.actor)
    context: dict[str, Any] = {
        "title": _("Quality sampling"),
        "waiting": quality.waiting_for(request.actor.id or 0) if policies.can_review(request.actor) else [],
        "may_review": policies.can_review(request.actor),
        "may_lead": may_lead,
    }
    if may_lead:
        answered = list(quality.answered_samples()[:200])
        context |= {
            "differing": [each for each in answered if each.answer != each.decision.result][:30],
            "agreement": quality.kappa(answered),
            "gold": quality.gold_cases(shown_to=request.actor.id if policies.can_review(request.actor) else None)[:100],
            "tried": quality.gold_agreement(),
            "gold_answers": quality.gold_answers(shown_to=request.actor.id or 0)[:ANSWERS],
        }
    return show(request, "claims/desk/samples.html", context)


@require_GET
@desk_page
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a case as it lay before its first reviewer."""
    found = _waiting(request, pk)
    return show(
        request,
        "claims/desk/sample.html",
        {
            "title": found.claim.number,
            "claim": found.claim,
            "lines": queries.lines_of(found.claim),
            "evidence": evidence_shown(request, found.claim),
            "results": Decision.Result.choices,
        },
    )


@require_POST
@desk_page
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a case once more; the first decision stands."""
    found = _waiting(request, pk)
    result, note = str(request.POST.get("result", "")), str(request.POST.get("note", ""))[:1000]
    common: dict[str, Any] = {"actor": request.actor, "at": timezone.now(), "result": result, "note": note}

    def give() -> None:
        if found.sample is not None:
            sampling.answer(sample_id=found.sample.pk, **common)
        elif found.gold is not None:
            sampling.answer_gold(gold_id=found.gold.pk, **common)

    done = attempt(request, give, done=_("Answered."))
    return redirect("desk_samples") if done else redirect("desk_sample", pk)


def _waiting(request: HttpRequest, claim_id: int) -> quality.Waiting:
    found = quality.waits_for(request.actor.id or 0, claim_id) if policies.can_review(request.actor) else None
    if found is None:
        raise Http404
    return found
