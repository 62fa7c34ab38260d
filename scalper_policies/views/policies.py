"""The shop's scalper policies: the list, one policy with its versions, the editor."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation import keyset, row_numbers
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.foundation.htmx import status_of
from merchant_protection.foundation.lifecycle import moves_from
from scalper_policies import forms, policies, wording
from scalper_policies.lifecycle import VERSION_MOVES, DrawStatus, VersionStatus
from scalper_policies.models import Policy, PolicyVersion
from scalper_policies.queries import backtests, draws, failures, figures, overrides
from scalper_policies.queries import policies as queries
from scalper_policies.rules import checks, gallery, terms
from scalper_policies.services import versions

PAGE = 25
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
SHOWN_FIRST = (VersionStatus.ENFORCING, VersionStatus.CANARY, VersionStatus.SHADOW)
MOVES: dict[str, Callable[..., PolicyVersion]] = {
    "submit": versions.submit,
    "approve": versions.approve,
    "send_back": versions.send_back,
    "watch": versions.watch,
    "try_out": versions.try_out,
    "enforce": versions.enforce,
    "retire": versions.retire,
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the policies with what they say, where they stand and what they hit."""
    asked = request.GET.get("q", "").replace("\x00", "")[:80]
    page = keyset.page(
        queries.with_versions(queries.search(_mine(request), asked)),
        by=queries.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    now = timezone.now()
    hits = figures.hits_by_policy(request.actor.merchant_id, [each.pk for each in page.rows], since=now - WEEK)
    rows = [{"policy": each, "version": shown_of(each), "hits": hits.get(each.pk)} for each in page.rows]
    templates = [{"key": key, "name": _(name), "text": _(text)} for key, (name, text) in gallery.NAMES.items()]
    context = {"page": page, "rows": rows, "rows_empty": not rows, "may": _may(request), "templates": templates}
    context["asked"] = asked
    return render(request, "scalper_policies/policies.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one policy: what it says, what is to be known before it acts, its versions and history."""
    policy = get_object_or_404(_mine(request), pk=pk)
    every = list(queries.versions_of(policy)[:50])
    number = request.GET.get("version", "")
    version = next((each for each in every if str(each.number) == number), None) or _first(every)
    context = {
        "policy": policy,
        "versions": every,
        "version": version,
        "summary": wording.summary(version.terms),
        "findings": wording.findings(checks.findings(terms.from_plain(version.terms), at=timezone.now())),
        "history": queries.history_of(policy)[:50],
        "runs": backtests.of_policy(request.actor, policy.pk)[:8],
        "snoozes": queries.snoozes_of(policy)[:20],
        "draws": draws.of_policy(policy).exclude(status=DrawStatus.CANCELLED)[:8],
        "queue": queries.queue_of(policy) if version.terms.get("mode") == "QUEUE" else None,
        "overruled": overrides.rules_of(policy.merchant_id, at=timezone.now(), policy_id=policy.pk)[:20],
        "rule_words": wording.rules(version.terms),
        "health": health_of(version, since=timezone.now() - MONTH),
        "reviewed": figures.reviewed_hits(policy.merchant_id, policy.pk, version_id=version.pk),
        "failures": failures.number_since(policy.pk, merchant_id=policy.merchant_id, since=timezone.now() - WEEK),
        "has_orders": queries.has_orders(policy.merchant_id),
        "moves": [name for name in moves_from(VERSION_MOVES, version.status) if name in MOVES] if _may(request) else [],
        "may": _may(request),
    }
    return render(request, "scalper_policies/policy.html", context)


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Write a new policy."""
    if not _may(request):
        raise NotAllowed
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the draft of a policy, or begin its next version."""
    policy = get_object_or_404(_mine(request), pk=pk)
    if not _may(request):
        raise NotAllowed
    return _edit(request, policy)


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit, approve, watch, try out, enforce or retire a version."""
    version = get_object_or_404(queries.versions_visible_to(request.actor).filter(merchant_id=_shop(request)), pk=pk)
    command = MOVES.get(request.POST.get("move", ""))
    if command is None:
        return redirect("scalper_policy", version.policy_id)
    more: dict[str, Any] = {"note": request.POST.get("note", "")[:300]}
    if command in (versions.try_out, versions.enforce):
        more["acknowledged"] = request.POST.get("acknowledged") == "on"
    if command is versions.try_out:
        percent = request.POST.get("percent", "")
        more["percent"] = int(percent) if percent.isdecimal() and len(percent) < 4 else 0
    try:
        command(actor=request.actor, version_id=version.pk, at=timezone.now(), **more)
    except (Conflict, NotAllowed) as refusal:
        messages.error(request, refusal.message or _("You may not do this."))
    except Invalid as refusal:
        messages.error(request, " ".join(reason for reasons in refusal.fields.values() for reason in reasons))
    else:
        messages.success(request, _("Done."))
    return redirect("scalper_policy", version.policy_id)


def health_of(version: PolicyVersion, *, since: datetime) -> list[dict[str, Any]]:
    """Return how each rule of a version that saw orders fared, in words; nothing for one that saw none."""
    said = wording.rules(version.terms)
    own = [rule.id for rule in terms.from_plain(version.terms).rules]
    found = figures.rule_health(version.merchant_id, version.policy_id, version_id=version.pk, rules=own, since=since)
    return [{"text": said.get(each.rule, each.rule), "figures": each} for each in found if each.seen]


def shown_of(policy: Policy) -> PolicyVersion | None:
    """Return the version of a policy that matters most now: the one in force, one being tried, else the newest."""
    return _first(getattr(policy, "newest_first", []))


def _first(every: list[PolicyVersion]) -> Any:
    found = [next((each for each in every if each.status == status), None) for status in SHOWN_FIRST]
    return next((each for each in found if each), every[0] if every else None)


def _edit(request: HttpRequest, policy: Policy | None) -> HttpResponse:
    last = queries.versions_of(policy).first() if policy else None
    begun = terms.to_plain(gallery.TEMPLATES.get(request.GET.get("template", ""), gallery.TEMPLATES["limited"]))
    plain = last.terms if last else begun
    initial = forms.initial_of(plain) | ({"name": policy.name} if policy else {})
    sentences_before = forms.initial_limits(plain)
    form = forms.PolicyForm(request.POST or None, initial=initial)
    sentences = forms.LimitForms(request.POST or None, initial=sentences_before, prefix="limits")
    if request.method == "POST" and "add" not in request.POST and form.is_valid() and sentences.is_valid():
        saved = _save(request, policy, form, sentences, last)
        if saved is not None:
            messages.success(request, _("Saved as a draft."))
            return redirect("scalper_policy", saved.policy_id)
    if "add" in request.POST:
        sentences = forms.LimitForms(initial=[*_typed(sentences), {}], prefix="limits")
    context = {"form": form, "sentences": sentences, "policy": policy, "version": last}
    return render(request, "scalper_policies/policy_edit.html", context, status=status_of(form))


def _typed(sentences: Any) -> list[dict[str, Any]]:
    sentences.is_valid()
    return [form.cleaned_data for form in sentences.forms if form.cleaned_data.get("most")]


def _save(
    request: HttpRequest, policy: Policy | None, form: Any, sentences: Any, last: PolicyVersion | None
) -> PolicyVersion | None:
    said, given = form.cleaned_data, {"actor": request.actor, "at": timezone.now()}
    try:
        plain = form.terms(forms.limits_of(sentences))
        if policy is None:
            shop = request.actor.merchant_id
            return versions.create(**given, merchant_id=shop, name=said["name"], plain=plain, reason=said["reason"])
        return versions.revise(
            **given,
            policy_id=policy.pk,
            plain=plain,
            reason=said["reason"],
            name=said["name"],
            revision=row_numbers.read(request.POST.get("revision", "")),
        )
    except Invalid as refusal:
        for name, reasons in refusal.fields.items():
            for reason in reasons:
                form.add_error(name if name in form.fields else None, reason)
    except Conflict as refusal:
        form.add_error(None, refusal.message)
    return None


def _mine(request: HttpRequest) -> Any:
    return queries.visible_to(request.actor).filter(merchant_id=_shop(request))


def _shop(request: HttpRequest) -> int:
    return request.actor.merchant_id


def _may(request: HttpRequest) -> bool:
    return policies.can_write(request.actor, _shop(request))
