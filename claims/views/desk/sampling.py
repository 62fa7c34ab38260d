"""Blind second reviews: a decided case without its decision, answered once more by somebody else."""

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


@require_GET
@desk_page
def samples(request: HttpRequest) -> HttpResponse:
    """Show what waits for a second look, and where the two answers differed."""
    answered = list(quality.answered_samples()[:200])
    return show(
        request,
        "claims/desk/samples.html",
        {
            "title": _("Quality sampling"),
            "waiting": quality.samples_for(request.actor.id or 0)[:50],
            "differing": [each for each in answered if each.answer != each.decision.result][:30],
            "agreement": quality.kappa(answered),
            "may_review": policies.can_review(request.actor),
        },
    )


@require_GET
@desk_page
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a sampled case as it lay before its first reviewer."""
    found = quality.samples_for(request.actor.id or 0).filter(pk=pk).first()
    if found is None or not policies.can_review(request.actor):
        raise Http404
    return show(
        request,
        "claims/desk/sample.html",
        {
            "title": found.claim.number,
            "sample": found,
            "claim": found.claim,
            "lines": queries.lines_of(found.claim),
            "evidence": evidence_shown(request, found.claim),
            "results": Decision.Result.choices,
        },
    )


@require_POST
@desk_page
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the second answer; the first decision stands."""
    form = request.POST
    done = attempt(
        request,
        lambda: sampling.answer(
            sample_id=pk,
            actor=request.actor,
            at=timezone.now(),
            result=str(form.get("result", "")),
            note=str(form.get("note", "")),
        ),
        done=_("Answered."),
    )
    return redirect("desk_samples") if done else redirect("desk_sample", pk)
