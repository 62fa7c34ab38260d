"""What was answered to orders, and why; what a person says of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import keyset, tables
from merchant_protection.foundation.errors import Conflict, Invalid
from scalper_policies import forms, policies, wording
from scalper_policies.models import OrderDecision, PolicyVersion
from scalper_policies.queries import deciding, overrides
from scalper_policies.queries import decisions as queries
from scalper_policies.queries import policies as policy_queries
from scalper_policies.services import noting

PAGE = 25
VIEWS = {
    "hits": gettext_lazy("Hits"),
    "all": gettext_lazy("All answers"),
    "degraded": gettext_lazy("Without the database"),
}
CHOICES = {"view": VIEWS, "verdict": dict(PolicyVersion.Answer.choices)}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the answers, those that stopped an order first, by order, answer, policy, rule and day."""
    view = request.GET.get("view", "hits")
    page = keyset.page(
        _rows(request.actor, request.GET),
        by=queries.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    notes = queries.last_notes(page.rows)
    context = {
        "page": page,
        "rows": [{"decision": each, "note": notes.get(each.pk)} for each in page.rows],
        "rows_empty": not page.rows,
        "filtered": any(request.GET.get(name) for name in ("q", "verdict", "policy", "rule", "since", "until")),
        "view": view if view in VIEWS else "hits",
        "views": [{"key": key, "label": label, "count": None} for key, label in VIEWS.items()],
        "verdicts": PolicyVersion.Answer.choices,
        "policies": _policies(request.actor),
    }
    return render(request, "scalper_policies/decisions.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one answer: what was asked, which rule saw what, what would have passed, what it keeps of limits."""
    decision = _mine(request, pk)
    names = policy_queries.names_of(decision.policies, merchant_id=decision.merchant_id)
    decision.overruled_by = overrides.of_decision(decision, at=timezone.now())
    words = _rules_in_words(decision)
    reserved = queries.reservations_of(decision)[:100]
    context = {
        "decision": decision,
        "answers": [each | {"name": names.get(each["policy"], "")} for each in decision.answers],
        "notes": queries.notes_of(decision).order_by("-pk"),
        "overrides": overrides.history_of(decision)[:20],
        "reservations": [(each, words.get((each.policy_id, each.rule), each.rule)) for each in reserved],
        "snoozable": _snoozable(decision, words),
        "keys": [(name, key[:8]) for name, key in decision.facts.get("keys", {}).items()],
        "may": policies.can_write(request.actor, decision.merchant_id),
        # What a version in shadow would have stopped can be judged too: that is how it earns its place.
        "is_hit": bool(decision.reasons) or any(each["verdict"] != "ALLOW" for each in decision.answers),
        "may_release": decision.stands in noting.HELD,
    }
    return render(request, "scalper_policies/decision.html", context)


@require_POST
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an order go, say whether it was rightly held, put its buyer on the exempt list, or snooze a rule."""
    decision = _mine(request, pk)
    given = {"actor": request.actor, "decision_id": decision.pk, "at": timezone.now()}
    note = request.POST.get("note", "")[:300]
    move = request.POST.get("move", "")
    try:
        if move == "release":
            noting.release(**given, note=note)
        elif move in ("right", "wrong"):
            noting.label(**given, is_right=move == "right", note=note)
        elif move == "exempt":
            noting.exempt(**given, reason=note)
        elif move.startswith("snooze:"):
            _policy, policy_id, rule = move.split(":", 2)
            until = timezone.now() + timedelta(days=30)
            noting.snooze(**given, policy_id=int(policy_id), rule=rule, until=until, reason=note)
        else:
            return redirect("scalper_decision", pk)
    except (Conflict, Invalid, ValueError) as refusal:
        messages.error(request, getattr(refusal, "message", "") or _("This is not possible."))
    else:
        messages.success(request, _("Done."))
    return redirect("scalper_decision", pk)


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Say what the filtered answers hold, to be taken away; buyers stay masked."""
    heads = [_("Order"), _("Answered"), _("Our answer"), _("Score"), _("Buyer"), _("Units"), _("Rules"), _("Why")]
    return tables.Table(_rows(actor, asked).order_by(*queries.RECENT), heads, _cells)


def _rules_in_words(decision: OrderDecision) -> dict[tuple[int, str], str]:
    """What each rule says that saw the order, by its policy and name."""
    # What acts comes last, so that its words stand where a version that watches has a rule of the same name.
    acting_last = sorted(decision.answers, key=lambda each: each["mode"] != "SHADOW")
    versions = {(bool(each.get("baseline")), each["version_id"]): each["policy"] for each in acting_last}
    terms_of = deciding.terms_of(list(versions))
    read = {key: terms_of[key] for key in versions if key in terms_of}
    return {(versions[key], rule): said for key, terms in read.items() for rule, said in wording.rules(terms).items()}


def _snoozable(decision: OrderDecision, words: Mapping[tuple[int, str], str]) -> list[dict[str, Any]]:
    """The shop's own rules that spoke against the order, each once, whichever of its versions saw it."""
    found: dict[tuple[int, str], str] = {}
    for each in decision.answers:
        for reason in () if each.get("baseline") else each["reasons"]:
            key = each["policy"], str(reason["rule"])
            found.setdefault(key, words.get(key) or wording.reason(reason))
    return [{"policy": policy, "rule": rule, "text": text} for (policy, rule), text in found.items()]


def _cells(decision: OrderDecision) -> list[object]:
    return [
        decision.number,
        timezone.localtime(decision.decided_at).isoformat(timespec="seconds"),
        decision.get_verdict_display(),
        decision.score,
        decision.buyer_shown,
        decision.units,
        " ".join(decision.rules),
        "; ".join(wording.reason(reason) for reason in decision.reasons),
    ]


def _rows(actor: Actor, asked: Mapping[str, str]) -> QuerySet[OrderDecision]:
    rows = queries.visible_to(actor).filter(merchant_id=actor.merchant_id)
    view = asked.get("view", "hits")
    if view == "degraded":
        rows = rows.filter(source=OrderDecision.Source.DEGRADED)
    elif view != "all":
        rows = queries.hits(rows)
    return queries.narrowed(rows, _asked(asked))


def _asked(given: Mapping[str, str]) -> dict[str, Any]:
    form = forms.DecisionFilter(given)
    form.is_valid()
    since, until = form.window()
    return form.cleaned_data | {"since": since, "until": until}


def _policies(actor: Actor) -> list[tuple[str, str]]:
    """The policies to choose among, the first two hundred of the shop."""
    rows = policy_queries.visible_to(actor).filter(merchant_id=actor.merchant_id)[:200]
    return [(str(policy.pk), policy.name) for policy in rows]


def _mine(request: HttpRequest, pk: int) -> OrderDecision:
    return get_object_or_404(queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id), pk=pk)
