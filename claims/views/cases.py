"""One complaint: where it stands, what comes next, what was said; appeal, letter, messages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from claims import lifecycle, policies, wording
from claims.forms import AppealForm, MessageForm
from claims.models import Appeal, Claim, Decision, Evidence, Message
from claims.queries import claims as queries
from claims.queries import deadlines, filing
from claims.queries import evidence as evidence_queries
from claims.services import appealing, attaching, conversing
from claims.views import evidence, finding
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.foundation.htmx import attempt, status_of

TAKEN_BACK = lifecycle.MOVES["withdraw"].sources
CONVERSING = lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a complaint with its story, the next deadline, and what the merchant can do."""
    claim = finding.mine(request, pk)
    return render(request, "claims/detail.html", _context(request, claim) | {"message_form": MessageForm()})


@require_POST
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to the reviewer."""
    claim = finding.mine(request, pk)
    form = MessageForm(request.POST, request.FILES)
    if attempt(form, lambda: _send(request, claim, **form.cleaned_data)):
        messages.success(request, _("Your message is with the reviewer."))
        return redirect("claim", claim.pk)
    context = _context(request, claim) | {"message_form": form}
    return render(request, "claims/detail.html", context, status=status_of(form))


def _send(request: HttpRequest, claim: Claim, *, body: str, attached: list[Any]) -> Message:
    common: dict[str, Any] = {"actor": request.actor, "at": timezone.now()}
    file_ids = attaching.take_in(claim=claim, sent=attached, **common)
    return conversing.write_to_desk(claim_id=claim.pk, body=body, file_ids=file_ids, **common)


@require_POST
def evidence_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the evidence that was asked for is there: the case goes back to the desk."""
    claim = finding.mine(request, pk)
    if not _added_since_asked(claim):
        messages.error(request, _("Add at least one file first: it is what the reviewer asks for."))
        return redirect("claim", claim.pk)
    body = request.POST.get("body", "")[:4000]
    conversing.receive_evidence(claim_id=claim.pk, actor=request.actor, at=timezone.now(), body=body)
    messages.success(request, _("The evidence is with the reviewer. The clock runs again."))
    return redirect("claim", claim.pk)


@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why a decision is wrong, once, with new evidence."""
    claim, at = finding.mine(request, pk), timezone.now()
    decision = queries.decision_in_force(claim)
    if decision is None or not appealing.may_appeal(claim, Appeal.Party.MERCHANT, at=at):
        messages.error(request, _too_late(claim))
        return redirect("claim", claim.pk)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["ground"] == Appeal.Ground.NEW_EVIDENCE and not _added_since(claim, decision.at):
                raise Invalid(fields={"ground": [_("Add the new evidence first, then appeal.")]})
            appealing.appeal(claim_id=claim.pk, actor=request.actor, at=at, **form.cleaned_data)
        except Invalid as refusal:
            for name, reasons in refusal.fields.items():
                form.add_error(name if name in form.fields else None, reasons[0])
        except Conflict as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Your appeal is filed. Another reviewer looks at it."))
            return redirect("claim", claim.pk)
    context = {"claim": claim, "form": form, "decision": decision} | evidence.context(request, claim)
    return render(request, "claims/appeal.html", context, status=status_of(form))


@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the decision as a letter to print: parties, facts, evidence with fingerprints, reasons, appeal right."""
    claim = finding.mine(request, pk)
    decision = queries.decision_in_force(claim)
    if decision is None:
        raise Conflict(_("There is no decision yet."))
    context = {
        "claim": claim,
        "decision": decision,
        "lines": _lines(claim, decision),
        "pieces": evidence_queries.of_claim(claim),
        "may_appeal": appealing.may_appeal(claim, Appeal.Party.MERCHANT, at=timezone.now()),
    }
    return render(request, "claims/letter.html", context)


def _context(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    now, decision = timezone.now(), queries.decision_in_force(claim)
    asked = queries.messages_of(claim).filter(side=Message.Side.DESK, answer_until__isnull=False).last()
    waits = claim.status == lifecycle.AWAITING_EVIDENCE
    return {
        "claim": claim,
        "badge": deadlines.of([claim], now=now)[claim.pk],
        "steps": _story(claim, attaching.shown(claim=claim, actor=request.actor, at=now)),
        "decision": decision,
        "lines": _lines(claim, decision),
        "joined": filing.joined_to(claim),
        "asked": asked if waits else None,
        "waits": waits,
        "may_send": waits and _added_since_asked(claim),
        "may_appeal": appealing.may_appeal(claim, Appeal.Party.MERCHANT, at=now),
        "may_withdraw": claim.status in TAKEN_BACK,
        "may_write": claim.status in CONVERSING,
        "remedies": queries.remedies_of(claim),
        "may_edit": policies.can_answer_as_merchant(request.actor, claim),
    } | evidence.context(request, claim)


def _story(claim: Claim, attached: dict[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return what happened, newest first: moves, messages of both sides, evidence added later."""
    steps = [_step_of_move(each) for each in queries.history_of(claim) if each.move in wording.MOVES]
    for said in queries.messages_of(claim):
        title = _("You wrote") if said.side == Message.Side.MERCHANT else _("The reviewer wrote")
        step = {"at": said.at, "title": title, "icon": wording.SIDE_ICONS[said.side], "text": said.body}
        steps.append(step | {"files": attached.get(said.pk, [])})
    for piece in evidence_queries.of_claim(claim):
        if claim.submitted_at and piece.added_at > claim.submitted_at:
            steps.append(
                {"at": piece.added_at, "title": _("Evidence added"), "icon": "paperclip", "text": piece.file.name}
            )
    if claim.submitted_at is None:
        steps.append({"at": claim.created_at, "title": _("Draft begun"), "icon": "pencil", "text": ""})
    return sorted(steps, key=lambda step: step["at"], reverse=True)


def _step_of_move(move: Any) -> dict[str, Any]:
    return {
        "at": move.at,
        "title": wording.MOVES[move.move],
        "icon": wording.ICONS.get(move.move, "point"),
        "text": "",
    }


def _lines(claim: Claim, decision: Decision | None) -> list[dict[str, Any]]:
    results = {each.ordinal: each for each in decision.lines.all()} if decision else {}
    return [{"line": line, "decided": results.get(line.ordinal)} for line in queries.lines_of(claim)]


def _added_since_asked(claim: Claim) -> bool:
    asked = queries.history_of(claim).filter(move="ask_for_evidence").last()
    return asked is not None and _added_since(claim, asked.at)


def _added_since(claim: Claim, moment: Any) -> bool:
    pieces: list[Evidence] = list(evidence_queries.of_claim(claim))
    return any(piece.added_at > moment for piece in pieces)


def _too_late(claim: Claim) -> str:
    if claim.appeal_until and claim.appeal_until < timezone.now():
        return _("The time to appeal ended on %(day)s.") % {
            "day": timezone.localtime(claim.appeal_until).strftime("%Y-%m-%d %H:%M")
        }
    return _("There is nothing to appeal against just now: each side appeals once, after a decision.")
