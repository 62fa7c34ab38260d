"""What a policy objected to, price by price: a person says of each whether it was right or a false alarm."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset
from merchant_protection.foundation.errors import Refusal
from pricing_guard.models import GuardHit
from pricing_guard.queries import incidents as queries
from pricing_guard.queries import jobs
from pricing_guard.services import policies as services
from pricing_guard.services import reviewing
from pricing_guard.views.incidents import told
from pricing_guard.views.policies import may, mine

PAGE = 25
VIEWS = ("new", "right", "false", "all")


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a policy objected to, in shadow too; first what nobody has looked at."""
    policy = get_object_or_404(mine(request), pk=pk)
    view = request.GET.get("view", "new")
    view = view if view in VIEWS else "new"
    rows = _hits(request).filter(policy=policy)
    if view != "all":
        rows = rows.filter(review=GuardHit.Review.NONE if view == "new" else view.upper())
    page = keyset.page(
        rows, by=["-id"], size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    report = jobs.shadow_report(policy)
    counts = {"new": report["unreviewed"], "right": report["right"], "false": report["false"]}
    labels = {
        "new": _("Not looked at"),
        "right": pgettext("objection", "Right"),
        "false": _("False alarm"),
        "all": _("All"),
    }
    context = {
        "policy": policy,
        "page": page,
        "rows_empty": not page.rows,
        "view": view,
        "views": [{"key": key, "label": labels[key], "count": counts.get(key)} for key in VIEWS],
        "report": report,
        "enough": services.REVIEWED_ENOUGH,
        "may": may(request),
    }
    return render(request, "pricing_guard/hits.html", context)


@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of one objection that the price was wrong, or that it was a false alarm."""
    hit = get_object_or_404(_hits(request), pk=pk)
    try:
        reviewing.review(hit_id=hit.pk, verdict=request.POST.get("verdict", ""), actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, _("Noted."))
    return redirect(reverse("price_hits", args=[hit.policy_id]) if hit.policy_id else "price_policies")


def _hits(request: HttpRequest) -> QuerySet[GuardHit]:
    return queries.hits_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)
