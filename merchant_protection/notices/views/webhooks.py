"""The shop's webhooks: which of its own systems are told what, and how each telling went."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.accounts.views.step_up import asks_again
from merchant_protection.foundation import keyset
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.htmx import attempt, refusals_told, status_of
from merchant_protection.notices import policies
from merchant_protection.notices.forms import DeliveryFilter, EndpointForm, ReplayForm
from merchant_protection.notices.models import Dispatch, Endpoint
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.services import endpoints
from merchant_protection.notices.services import webhooks as services

PAGE = 25


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show which of the shop's own systems are told what happens."""
    rows = queries.with_counts(_mine(request), since=timezone.now() - timedelta(days=1))
    context = {"endpoints": rows, "manages": _manages(request), "most": endpoints.MOST_ENDPOINTS}
    return render(request, "notices/webhooks.html", context)


@reauthentication_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Have one of the shop's systems told, and show its secret this once."""
    actor = request.actor
    require(policies.can_manage_webhooks(actor, actor.merchant_id))
    form = EndpointForm(request.POST or None)
    if request.method == "POST":
        told = {"merchant_id": actor.merchant_id, "actor": actor, "at": timezone.now()}
        if made := _attempted(form, endpoints.add, **told):
            return _secret_page(request, *made)
    return render(request, "notices/webhook_form.html", {"form": form}, status=status_of(form))


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one endpoint with the log of its deliveries, newest first."""
    endpoint = get_object_or_404(_mine(request), pk=pk)
    wishes = DeliveryFilter(request.GET)
    wishes.is_valid()
    page = keyset.page(
        _narrowed(queries.log_of(request.actor, endpoint.pk), wishes.cleaned_data),
        by=["-id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    now = timezone.now()
    context = {
        "endpoint": endpoint,
        "page": page,
        "rows_empty": not page.rows,
        "filtered": any(request.GET.get(name) for name in ("q", "kind", "status")),
        "kinds": services.labels(),
        "statuses": Dispatch.Status.choices,
        "secrets": queries.live_secrets(endpoint.pk, now),
        "counts": queries.counts_of(endpoint.pk),
        "replay": ReplayForm(initial={"since": timezone.localdate(now) - timedelta(days=1)}),
        "manages": _manages(request),
    }
    return render(request, "notices/webhook.html", context)


@reauthentication_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an endpoint's name, address or kinds."""
    endpoint = get_object_or_404(_mine(request), pk=pk)
    require(_manages(request))
    initial = {"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds}
    form = EndpointForm(request.POST or None, initial=initial)
    if request.method == "POST":
        told = {"endpoint_id": pk, "actor": request.actor, "at": timezone.now()}
        if _attempted(form, endpoints.edit, **told):
            messages.success(request, _("Saved."))
            return redirect("webhook", pk)
    context = {"form": form, "endpoint": endpoint}
    return render(request, "notices/webhook_form.html", context, status=status_of(form))


@reauthentication_required
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a new secret this once; for a day messages are signed with the old one too."""
    endpoint = get_object_or_404(_mine(request), pk=pk)
    with refusals_told(request):
        secret = endpoints.rotate(actor=request.actor, endpoint_id=pk, at=timezone.now())
        return _secret_page(request, endpoint, secret)
    return redirect("webhook", pk)


@require_POST
@asks_again(back="webhooks")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume or switch off an endpoint, end its old secret, or send it a test."""
    get_object_or_404(_mine(request), pk=pk)
    command, told = VERBS[verb]
    with refusals_told(request):
        command(actor=request.actor, endpoint_id=pk, at=timezone.now())
        messages.success(request, told())
    return redirect("webhook", pk)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test, as anything else is sent."""
    get_object_or_404(_mine(request), pk=pk)
    with refusals_told(request):
        sent = endpoints.send_test(actor=request.actor, endpoint_id=pk, at=timezone.now())
        messages.success(request, _("The test is on its way."))
        return redirect("webhook_delivery", sent.pk)
    return redirect("webhook", pk)


@require_GET
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one delivery: what was told, and every try with its answer."""
    found = get_object_or_404(_log(request).select_related("message", "endpoint", "merchant"), pk=pk)
    body = services.body_of(found.message, merchant_code=found.merchant.code)
    context = {
        "delivery": found,
        "label": services.labels().get(found.kind, found.kind),
        "body": json.dumps(body, ensure_ascii=False, indent=2),
        "tries": queries.tries_of(found.pk),
        "manages": _manages(request),
    }
    return render(request, "notices/webhook_delivery.html", context)


@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one message again."""
    get_object_or_404(_log(request), pk=pk)
    with refusals_told(request):
        endpoints.replay(actor=request.actor, dispatch_id=pk, at=timezone.now())
        messages.success(request, _("It is sent again, under the same id."))
    return redirect("webhook_delivery", pk)


@require_POST
def replay_failed(request: HttpRequest, pk: int) -> HttpResponse:
    """Send again all that was given up since a day."""
    get_object_or_404(_mine(request), pk=pk)
    form = ReplayForm(request.POST)
    since = form.moment() if form.is_valid() else None
    if since is None:
        messages.error(request, _("Choose a day."))
        return redirect("webhook", pk)
    with refusals_told(request):
        count = endpoints.replay_failed(actor=request.actor, endpoint_id=pk, since=since, at=timezone.now())
        told = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", count)
        messages.success(request, told % {"count": count})
    return redirect("webhook", pk)


VERBS: dict[str, tuple[Callable[..., Any], Callable[[], str]]] = {
    "pause": (endpoints.pause, lambda: _("Paused. What happens meanwhile waits for it.")),
    "resume": (endpoints.resume, lambda: _("It is told again.")),
    "off": (endpoints.switch_off, lambda: _("Switched off: it is told nothing more.")),
    "end-old-secret": (endpoints.end_old_secret, lambda: _("The old secret signs nothing any more.")),
}


def _attempted(form: EndpointForm, command: Callable[..., Any], **told: Any) -> Any:
    if not form.is_valid():
        return None
    return attempt(form, command, **told, **form.cleaned_data)


def _mine(request: HttpRequest) -> QuerySet[Endpoint]:
    return queries.endpoints_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _log(request: HttpRequest) -> QuerySet[Dispatch]:
    return queries.dispatches_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _manages(request: HttpRequest) -> bool:
    return policies.can_manage_webhooks(request.actor, request.actor.merchant_id)


def _narrowed(rows: QuerySet[Dispatch], wishes: dict[str, Any]) -> QuerySet[Dispatch]:
    if text := wishes.get("q"):
        rows = rows.filter(message__public_id=text) | rows.filter(message__subject_id=text)
    for name in ("kind", "status"):
        if value := wishes.get(name):
            rows = rows.filter(**{name: value})
    return rows


def _secret_page(request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
    response = render(request, "notices/webhook_secret.html", {"endpoint": endpoint, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response
