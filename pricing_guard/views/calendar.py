"""The promotions of a month, with what each would break when it starts."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from merchant_protection.foundation.months import Month
from merchant_protection.marketplace.models import Promotion
from pricing_guard.queries import editing, listings
from pricing_guard.rules import promotions, replay, stored
from pricing_guard.rules.findings import Check
from pricing_guard.services.watching import loading
from pricing_guard.views.policies import shop

MOST = 100
MOST_LISTINGS = 500
# What a promotion itself breaks; a doubted price stands among the incidents.
OF_PROMOTIONS = promotions.MISTYPED | {
    Check.STACK_AT_ZERO,
    Check.STACK_BELOW_FLOOR,
    Check.STACK_BELOW_COST,
    Check.TOTAL_DISCOUNT,
}


@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Show a month's days with the promotions that run on each; one that would break something is marked."""
    shown = Month.named(request.GET.get("month", ""))
    since, until = shown.span
    found = list(editing.promotions_between(request.actor, since=since, until=until)[:MOST])
    broken = _broken(shop(request), found)
    rows = [{"promotion": each, "breaks": broken.get(each.pk, [])} for each in found]
    context = {
        "month": shown.grid(rows, lasts=lambda row: (row["promotion"].starts_at, row["promotion"].ends_at)),
        "rows": rows,
        "count": sum(bool(row["breaks"]) for row in rows),
    }
    return render(request, "pricing_guard/calendar.html", context)


def _broken(merchant_id: int, shown: Sequence[Promotion]) -> dict[int, list[str]]:
    """Return for each promotion to come or running what the guard would object to, judged as at its start."""
    now = timezone.now()
    open_ones = [each for each in shown if each.ends_at > now and each.status != Promotion.Status.CANCELLED]
    skus = list(dict.fromkeys(sku for each in open_ones for sku in each.skus))[:MOST_LISTINGS]
    rows = [row for row in listings.by_sku(merchant_id, skus) if row.price is not None]
    held = loading.hold(merchant_id, rows, listings.guards(merchant_id, [row.pk for row in rows]), at=now)
    broken: dict[int, list[str]] = {}
    for each in open_ones:
        event = replay.PromotionSet(listings.promotion_in(each), now)
        for outcome in replay.step(held.published.policy, held.shop, event):
            said = [outcome.judgement, *(each.judgement for each in outcome.watched)]
            found = [one for each in said for one in each.findings if one.check in OF_PROMOTIONS]
            for finding in stored.findings_out(found):
                words = f"{outcome.sku}: {stored.told(finding, gettext)}"
                if words not in broken.setdefault(each.pk, []):
                    broken[each.pk].append(words)
    return broken
