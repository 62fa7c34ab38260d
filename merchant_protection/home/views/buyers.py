"""What a shop knows of a buyer, masked, and what it does about it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation import htmx, keyset, row_numbers
from merchant_protection.foundation.errors import Conflict
from merchant_protection.home.forms.buyers import AppealForm, RestrictionForm
from merchant_protection.marketplace.models import Buyer
from merchant_protection.marketplace.queries import orders
from merchant_protection.risk import policies, queries
from merchant_protection.risk.models import Appeal, Restriction
from merchant_protection.risk.services import appealing, restricting
from merchant_protection.risk.services.appealing import Complaint

PAGE = 25
SHOWN = 20


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a buyer's orders, after-sales, warnings, ties and what is in force in this shop."""
    return _page(request, _buyer(request, pk))


@require_http_methods(["GET", "POST"])
def restrict(request: HttpRequest, pk: int) -> HttpResponse:
    """Restrict the buyer in this shop, with a reason."""
    buyer = _buyer(request, pk)
    form = RestrictionForm(request.POST or None)
    warning = request.GET.get("warning", "")
    told = {**form.cleaned_data} if form.is_valid() else {}
    done = htmx.attempt(
        form,
        restricting.restrict,
        merchant_id=buyer.merchant_id,
        buyer_id=buyer.pk,
        warning_id=row_numbers.read(warning),
        actor=request.actor,
        at=timezone.now(),
        **told,
    )
    if done is not None:
        undo = reverse("restriction_lift", args=[done.pk])
        messages.success(request, _("Restricted. Staff review it within 24 hours."), extra_tags=f"undo:{undo}")
        return redirect("buyer", pk)
    context = {"buyer": buyer, "form": form}
    return render(request, "home/buyer_restrict.html", context, status=htmx.status_of(form))


@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a hold, a rejection or a restriction hit the wrong buyer."""
    buyer = _buyer(request, pk)
    form = AppealForm(request.POST or None)
    now = timezone.now()
    complaint = None
    if form.is_valid():
        number = form.cleaned_data["order_number"]
        complaint = Complaint(
            merchant_id=buyer.merchant_id,
            reference=f"M{buyer.pk}-{now:%Y%m%d%H%M%S}",
            words=form.cleaned_data["words"],
            order_number=number,
            buyer_ref=buyer.ref,
        )
    done = htmx.attempt(form, appealing.appeal, complaint=complaint, actor=request.actor, at=now)
    if done is not None:
        messages.success(request, _("Sent. A reviewer answers within 8 hours."))
        return redirect("appeal", done.pk)
    context = {"buyer": buyer, "form": form}
    return render(request, "home/buyer_appeal.html", context, status=htmx.status_of(form))


@require_GET
def restrictions(request: HttpRequest) -> HttpResponse:
    """Show who is restricted in this shop, and who was."""
    actor = request.actor
    view = "all" if request.GET.get("view") == "all" else "in_force"
    rows = queries.restrictions_visible_to(actor).filter(merchant_id=actor.merchant_id)
    rows = rows if view == "all" else queries.in_force(rows)
    page = keyset.page(
        rows,
        by=["-made_at", "-id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "view": view,
        "views": [
            {"key": "in_force", "label": _("In force"), "count": None},
            {"key": "all", "label": _("All"), "count": None},
        ],
        "may_restrict": policies.can_restrict(actor, actor.merchant_id),
    }
    return render(request, "home/restrictions.html", context)


@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a restricted buyer go."""
    mine = queries.restrictions_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)
    restriction = get_object_or_404(mine, pk=pk)
    try:
        restricting.lift(restriction_id=restriction.pk, actor=request.actor, at=timezone.now())
    except Conflict:
        messages.error(request, _("This restriction has ended already."))
    else:
        messages.success(request, _("Lifted. The buyer may order as before."))
    return redirect("buyer", restriction.buyer_id)


@require_GET
def appeals(request: HttpRequest) -> HttpResponse:
    """Show the mis-hit appeals of this shop and its buyers."""
    page = keyset.page(
        _appeals(request),
        by=["-opened_at", "-id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return render(request, "home/appeals.html", {"page": page, "rows_empty": not page.rows})


@require_GET
def appeal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one appeal and its answer."""
    return render(request, "home/appeal.html", {"appeal": get_object_or_404(_appeals(request), pk=pk)})


def _appeals(request: HttpRequest) -> QuerySet[Appeal]:
    return queries.appeals_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _buyer(request: HttpRequest, pk: int) -> Buyer:
    actor = request.actor
    return get_object_or_404(orders.buyers_visible_to(actor).filter(merchant_id=actor.merchant_id), pk=pk)


def _page(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    actor, shop = request.actor, buyer.merchant_id
    own = {"merchant_id": shop, "buyer_id": buyer.pk}
    cluster = queries.cluster_of(**own)
    restriction = queries.restriction_in_force(**own)
    context: dict[str, Any] = {
        "buyer": buyer,
        "orders": orders.visible_to(actor).filter(**own).order_by(*orders.RECENT)[:SHOWN],
        "after_sales": orders.after_sales_visible_to(actor).filter(**own).order_by("-opened_at", "-pk")[:SHOWN],
        "warnings": queries.visible_to(actor).filter(**own).order_by("-raised_at", "-pk")[:SHOWN],
        "cluster": cluster,
        "tied": _tied(request, cluster, buyer) if cluster else [],
        "signal": queries.shown_signal(buyer.key),
        "snoozes": queries.snoozes_of(shop, buyer.pk, at=timezone.now()),
        "restriction": restriction,
        "history": queries.restriction_history(restriction) if restriction else [],
        "limit_names": _limit_names(restriction) if restriction else "",
        "may_restrict": policies.can_restrict(actor, shop),
    }
    return render(request, "home/buyer.html", context)


def _tied(request: HttpRequest, cluster: Any, buyer: Buyer) -> list[tuple[Buyer, list[str]]]:
    members = queries.members_of(cluster)
    others = orders.buyers_visible_to(request.actor).filter(merchant_id=buyer.merchant_id, pk__in=members)
    return [(each, members[each.pk]) for each in others.exclude(pk=buyer.pk).order_by("pk")[:50]]


def _limit_names(restriction: Restriction) -> str:
    return _(", ").join(str(Restriction.Limit(limit).label) for limit in restriction.limits)
