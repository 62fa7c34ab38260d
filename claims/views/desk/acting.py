"""What a reviewer does on the page of a case: each act one command."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from claims import policies
from claims.services import attaching, conversing, deciding, sampling, taking
from claims.views.desk.case import case_context, claim_of
from claims.views.desk.door import attempt, desk_page, show
from claims.views.desk.verdicts import read_verdict, read_version
from merchant_protection.foundation import row_numbers
from merchant_protection.foundation.errors import require

type Act = Callable[[HttpRequest, dict[str, Any]], Any]
DONE: dict[str, Promise] = {
    "take": gettext_lazy("The case is yours."),
    "decide": gettext_lazy("Decided."),
    "approve": gettext_lazy("The proposal is approved."),
    "send_back": gettext_lazy("Sent back."),
    "override": gettext_lazy("Overridden."),
    "ask": gettext_lazy("Asked. The clocks stand still until the evidence comes."),
    "write": gettext_lazy("Sent."),
    "note": gettext_lazy("Noted."),
    "keep": gettext_lazy("It stays with you."),
    "let_go": gettext_lazy("The lease runs again."),
    "put_back": gettext_lazy("Put back."),
    "hand_over": gettext_lazy("Handed over."),
    "gold": gettext_lazy("It is a gold case now."),
}
# After these the case is out of the reviewer's hands, so the next one can be opened at once.
FINISHING = frozenset({"decide", "approve", "send_back", "ask", "put_back", "hand_over"})


@require_POST
@desk_page
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do one thing with a case; a refusal shows the page again with all that was typed."""
    if name not in ACTS:
        raise Http404
    common = {"claim_id": claim_of(request, pk).pk, "actor": request.actor, "at": timezone.now()}
    if not attempt(request, lambda: ACTS[name](request, common), done=str(DONE[name])):
        context = case_context(request, claim_of(request, pk)) | {"typed": request.POST}
        return show(request, "claims/desk/case.html", context, status=409)
    if name in FINISHING:
        if request.POST.get("then") == "next":
            return _open_next(request)
        return redirect("desk")
    return redirect("desk_case", pk)


def _open_next(request: HttpRequest) -> HttpResponse:
    taken: list[Any] = []
    attempt(request, lambda: taken.append(taking.take_next(actor=request.actor, at=timezone.now())))
    return redirect("desk_case", taken[0].pk) if taken and taken[0] is not None else redirect("desk")


def _decide(request: HttpRequest, common: dict[str, Any]) -> Any:
    return deciding.decide(**common, verdict=read_verdict(request.POST), version=read_version(request.POST))


def _approve(request: HttpRequest, common: dict[str, Any]) -> Any:
    note = str(request.POST.get("internal_note", ""))
    return deciding.approve(**common, version=read_version(request.POST), note=note)


def _send_back(request: HttpRequest, common: dict[str, Any]) -> Any:
    return deciding.send_back(**common, reason=_reason(request), version=read_version(request.POST))


def _override(request: HttpRequest, common: dict[str, Any]) -> Any:
    return deciding.override(**common, verdict=read_verdict(request.POST), version=read_version(request.POST))


def _ask(request: HttpRequest, common: dict[str, Any]) -> Any:
    return conversing.ask_for_evidence(
        **common,
        body=str(request.POST.get("body", "")),
        asks_for=[str(each) for each in request.POST.getlist("asks_for")],
        file_ids=_files(request, common),
        version=read_version(request.POST),
    )


def _write(request: HttpRequest, common: dict[str, Any]) -> Any:
    body = str(request.POST.get("body", ""))
    return conversing.write_to_merchant(**common, body=body, file_ids=_files(request, common))


def _files(request: HttpRequest, common: dict[str, Any]) -> list[int]:
    """Files are taken in only for who has the case."""
    claim, sent = claim_of(request, common["claim_id"]), request.FILES.getlist("files")
    require(not sent or policies.can_decide(request.actor, claim))
    return attaching.take_in(claim=claim, sent=sent, actor=request.actor, at=common["at"])


def _note(request: HttpRequest, common: dict[str, Any]) -> Any:
    return conversing.note(**common, body=str(request.POST.get("body", "")))


def _hand_over(request: HttpRequest, common: dict[str, Any]) -> Any:
    to = row_numbers.read(str(request.POST.get("to", "")))
    return taking.hand_over(**common, to_user_id=to or 0, reason=_reason(request))


def _gold(request: HttpRequest, common: dict[str, Any]) -> Any:
    result, note = str(request.POST.get("result", "")), str(request.POST.get("note", ""))[:1000]
    return sampling.add_gold(**common, result=result, note=note)


def _reason(request: HttpRequest) -> str:
    return str(request.POST.get("reason", ""))


ACTS: dict[str, Act] = {
    "take": lambda request, common: taking.take(**common),
    "decide": _decide,
    "approve": _approve,
    "send_back": _send_back,
    "override": _override,
    "ask": _ask,
    "write": _write,
    "note": _note,
    "keep": lambda request, common: taking.keep(**common),
    "let_go": lambda request, common: taking.keep(**common, is_kept=False),
    "put_back": lambda request, common: taking.put_back(**common, reason=_reason(request)),
    "hand_over": _hand_over,
    "gold": _gold,
}
