"""The personal data in an order: who receives it, legal holds, erasure."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from merchant_protection.foundation.errors import NotAllowed
from merchant_protection.foundation.htmx import attempt, status_of
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.forms import ReasonForm
from merchant_protection.marketplace.queries import orders as queries
from merchant_protection.marketplace.services import privacy as services

COMMANDS: dict[str, tuple[Callable[..., Any], Any]] = {
    "hold": (services.hold, gettext_lazy("The order's personal data is kept until the hold ends.")),
    "release_hold": (services.release_hold, gettext_lazy("The hold has ended.")),
    "erase": (services.erase, gettext_lazy("The order's personal data is erased.")),
}


@require_http_methods(["GET", "POST"])
def recipient(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then show who receives the order, hold its personal data or erase it."""
    actor = request.actor
    order = get_object_or_404(queries.visible_to(actor).filter(merchant_id=actor.merchant_id), pk=pk)
    if not policies.can_see_recipients(actor, order.merchant_id):
        raise NotAllowed(_("Only the shop's owners see who receives an order."))
    form, act, shown = ReasonForm(request.POST or None), request.POST.get("act", "show"), None
    if request.method == "POST" and form.is_valid():
        command, done = COMMANDS.get(act, (services.show_recipient, ""))
        shown = attempt(
            form, command, order_id=order.pk, actor=actor, at=timezone.now(), reason=form.cleaned_data["reason"]
        )
        if shown and done:
            messages.success(request, str(done))
            return redirect("order", pk=order.pk)
    may_erase = policies.can_erase(actor, order.merchant_id)
    context = {"order": order, "form": form, "recipient": shown, "may_erase": may_erase}
    response = render(request, "marketplace/recipient.html", context, status=status_of(form))
    response["Cache-Control"] = "no-store"
    return response
