"""The platform's baseline rules as a shop sees them: what holds for its orders, since when, and what it did to them."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from scalper_policies import wording
from scalper_policies.lifecycle import BaselineStatus
from scalper_policies.queries import baseline as queries
from scalper_policies.queries import figures, overrides
from scalper_policies.rules import evaluate, terms

MONTH = timedelta(days=30)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the rules that hold in every shop, what is overruled of them here, and what they did to its orders."""
    now, shop = timezone.now(), int(request.actor.merchant_id)
    every = list(queries.visible_to(request.actor).order_by("-number")[:30])
    acting = next((each for each in every if each.status == BaselineStatus.ENFORCING), None)
    holder = queries.holder_of(shop)
    said = wording.rules(acting.terms) if acting else {}
    leads_to = evaluate.each_by_itself(terms.from_plain(acting.terms)) if acting else {}
    found: dict[str, figures.Health] = {}
    if acting and holder:
        health = figures.rule_health(shop, holder.pk, version_id=acting.pk, rules=leads_to, since=now - MONTH)
        found = {each.rule: each for each in health}
    context = {
        "acting": acting,
        "watching": next((each for each in every if each.status == BaselineStatus.SHADOW), None),
        "versions": [{"version": each, "lines": wording.summary(each.terms)} for each in every if each != acting],
        "summary": wording.summary(acting.terms) if acting else [],
        "rules": [{"text": said[name], "answer": leads_to[name], "figures": found.get(name)} for name in leads_to],
        "figures": queries.figures_of(shop, policy_id=holder.pk, since=now - MONTH) if holder else None,
        "holder": holder,
        "overruled": overrides.rules_of(shop, at=now, policy_id=holder.pk) if holder else [],
        "rule_words": said,
    }
    return render(request, "scalper_policies/baseline.html", context)
