"""The page behind a link in an alert: the facts, and one button. Looking at it answers nothing."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound, Refusal
from pricing_guard.models import ApprovedWindow
from pricing_guard.services.incidents import links


@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is asked, and take the answer by a button: mail programs open links by themselves.

    Whoever pressed the wrong one takes it back on the same page, for a few minutes.
    """
    origin = request.META.get("REMOTE_ADDR", "")
    try:
        opened = links.open_token(token, origin=origin)
    except NotFound as missing:
        raise Http404 from missing
    context: dict[str, Any] = {"link": opened.link, "incident": opened.link.incident}
    context["reasons"] = ApprovedWindow.Reason.choices
    status = 200
    if request.method == "POST":
        is_undone = bool(request.POST.get("undo"))
        given = {"token": token, "at": timezone.now(), "origin": origin}
        try:
            if is_undone:
                links.take_back(**given)
            else:
                links.use(**given, reason=request.POST.get("reason", ""))
        except Refusal as refusal:
            reasons = [reason for each in getattr(refusal, "fields", {}).values() for reason in each]
            context["refused"] = " ".join([refusal.message, *reasons]).strip()
            status = refusal.status
        else:
            context |= {"is_done": not is_undone, "is_undone": is_undone}
    with tenancy.merchant(opened.link.merchant_id):
        return render(request, "pricing_guard/link.html", context, status=status)
