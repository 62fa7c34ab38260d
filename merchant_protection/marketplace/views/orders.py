"""The shop's orders."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import keyset, masking, row_numbers, tables
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.forms import OrderFilter
from merchant_protection.marketplace.models import Order
from merchant_protection.marketplace.queries import orders as queries

PAGE = 25
FILTERS = ("q", "status", "since", "until", "buyer", "after_sale")
CHOICES = {"status": dict(Order.Status.choices), "after_sale": {"OPEN": gettext_lazy("Open after-sales")}}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the orders, newest first, by number, buyer, SKU, status and day."""
    page = keyset.page(
        _rows(request.actor, request.GET),
        by=queries.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "statuses": Order.Status.choices,
        "after_sales": CHOICES["after_sale"].items(),
    }
    return render(request, "marketplace/orders.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one order: its lines, history, after-sales and buyer."""
    actor = request.actor
    order = get_object_or_404(queries.visible_to(actor).filter(merchant_id=actor.merchant_id), pk=pk)
    context = {
        "order": order,
        "may_see_recipient": policies.can_see_recipients(actor, order.merchant_id),
        "lines": queries.lines_of(order)[:500],
        "history": queries.history_of(order),
        "after_sales": queries.after_sales_visible_to(actor).filter(order_id=order.pk).order_by("-opened_at"),
        "buyer_orders": _orders_of_buyer(request, order),
    }
    return render(request, "marketplace/order.html", context)


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Return what the filter shows as a table to take away; buyers stay masked."""
    heads = [
        *(_("Order number"), pgettext("time", "Placed"), _("Status"), _("Buyer")),
        *(_("Units"), _("Total"), _("Currency")),
    ]
    return tables.Table(_rows(actor, asked).order_by(*queries.RECENT), heads, _cells)


def _rows(actor: Actor, asked: Mapping[str, str]) -> QuerySet[Order]:
    wishes = OrderFilter(asked)
    wishes.is_valid()
    rows = queries.visible_to(actor).filter(merchant_id=actor.merchant_id)
    rows = queries.search(rows, wishes.cleaned_data.get("q", ""))
    if status := wishes.cleaned_data.get("status"):
        rows = rows.filter(status=status)
    if wishes.cleaned_data.get("after_sale"):
        rows = queries.with_open_after_sale(rows, actor.merchant_id)
    if (buyer_id := row_numbers.read(asked.get("buyer", ""))) is not None:
        rows = rows.filter(buyer_id=buyer_id)
    since, until = wishes.window()
    if since:
        rows = rows.filter(placed_at__gte=since)
    return rows.filter(placed_at__lt=until) if until else rows


def _orders_of_buyer(request: HttpRequest, order: Order) -> list[Order]:
    if order.buyer_id is None:
        return []
    others = queries.visible_to(request.actor).filter(merchant_id=order.merchant_id, buyer_id=order.buyer_id)
    return list(others.exclude(pk=order.pk).order_by(*queries.RECENT)[:8])


def _cells(order: Order) -> list[object]:
    buyer = masking.masked(order.buyer.ref) if order.buyer else ""
    placed = timezone.localtime(order.placed_at).isoformat(timespec="seconds")
    return [order.number, placed, order.get_status_display(), buyer, order.units, order.total, order.currency]
