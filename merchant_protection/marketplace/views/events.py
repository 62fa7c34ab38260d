"""What arrived for the shop, and who may send it."""

import json
from collections.abc import Mapping
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.views.step_up import asks_again
from merchant_protection.foundation import keyset, masking, tables
from merchant_protection.foundation.htmx import attempt, refusals_told, status_of
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.forms import EventFilter, SourceForm
from merchant_protection.marketplace.models import InboxEvent
from merchant_protection.marketplace.queries import inbox as queries
from merchant_protection.marketplace.services import sources

PAGE = 50
CHOICES = {"type": dict(EventFilter.TYPES), "status": dict(InboxEvent.Status.choices)}
SEALED = frozenset({"sealed", "means", "tracking_key"})
BUYERS = frozenset({"buyer", "ref"})


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the log of received events, newest first."""
    page = keyset.page(
        _rows(request.actor, request.GET),
        by=["-id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "filtered": any(request.GET.get(name) for name in ("q", "type", "status")),
        "types": EventFilter.TYPES,
        "statuses": InboxEvent.Status.choices,
    }
    return render(request, "marketplace/events.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one received event: when it came, what became of it, what it said; personal data stays sealed."""
    event = get_object_or_404(_mine(request), pk=pk)
    body = json.dumps(_masked(event.body), ensure_ascii=False, indent=2)
    return render(request, "marketplace/event.html", {"event": event, "body": body})


@require_GET
def source_list(request: HttpRequest) -> HttpResponse:
    """Show who may send events for the shop, and the secrets they sign with."""
    return _sources_page(request, SourceForm())


@reauthentication_required
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Let one of the shop's own systems send events; its secret is shown this once."""
    actor, form = request.actor, SourceForm(request.POST)
    platform_id = queries.first_platform()
    if form.is_valid() and platform_id is None:
        form.add_error(None, _("No selling platform is connected yet. Ask the operations team."))
    made = attempt(
        form,
        sources.create,
        actor=actor,
        platform_id=platform_id,
        merchant_id=actor.merchant_id,
        name=form.cleaned_data.get("name", ""),
        at=timezone.now(),
    )
    if made is None:
        return _sources_page(request, form)
    source, secret = made
    return _secret_page(request, source.name, source.public_id, secret)


@reauthentication_required
@require_POST
def add_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a rotation: show a new secret; the old ones stay good for a day."""
    source = get_object_or_404(_my_sources(request), pk=pk)
    with refusals_told(request):
        secret = sources.add_secret(actor=request.actor, source_id=pk, at=timezone.now())
        return _secret_page(request, source.name, source.public_id, secret)
    return redirect("sources")


@require_POST
@asks_again(back="sources")
def revoke_secret(request: HttpRequest, pk: int, secret_pk: int) -> HttpResponse:
    """Make a secret worthless at once."""
    sources.revoke_secret(actor=request.actor, source_id=pk, secret_id=secret_pk, at=timezone.now())
    messages.success(request, _("The secret is worthless now."))
    return redirect("sources")


@require_POST
@asks_again(back="sources")
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Shut a source out, or let it in again."""
    is_active = request.POST.get("active") == "1"
    sources.set_active(actor=request.actor, source_id=pk, is_active=is_active, at=timezone.now())
    messages.success(request, _("It may send again.") if is_active else _("It is shut out."))
    return redirect("sources")


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Return what the filter shows as a table to take away; buyers stay masked."""
    heads = [
        *(_("Event"), _("Kind"), _("About"), _("Version"), _("Status")),
        *(_("Occurred"), _("Received")),
    ]
    return tables.Table(_rows(actor, asked).order_by("-id"), heads, _cells)


def _cells(event: InboxEvent) -> list[object]:
    about = masking.masked(event.object_key) if event.type == "buyer.changed" else event.object_key
    moments = [timezone.localtime(at).isoformat(timespec="seconds") for at in (event.occurred_at, event.received_at)]
    return [event.event_id, event.type, about, event.object_version, event.get_status_display(), *moments]


def _mine(request: HttpRequest) -> QuerySet[InboxEvent]:
    return _of(request.actor)


def _of(actor: Actor) -> QuerySet[InboxEvent]:
    return queries.events_visible_to(actor).filter(merchant_id=actor.merchant_id)


def _my_sources(request: HttpRequest) -> QuerySet[Any]:
    return queries.sources_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _rows(actor: Actor, asked: Mapping[str, str]) -> QuerySet[InboxEvent]:
    wishes = EventFilter(asked)
    wishes.is_valid()
    rows = _of(actor)
    if text := wishes.cleaned_data.get("q"):
        rows = rows.filter(event_id=text) | rows.filter(object_key=text)
    for name in ("type", "status"):
        if value := wishes.cleaned_data.get(name):
            rows = rows.filter(**{name: value})
    return rows


def _sources_page(request: HttpRequest, form: SourceForm) -> HttpResponse:
    now = timezone.now()
    rows = [
        (source, [(each, policies.is_secret_live(each, at=now)) for each in queries.secrets_of(source.pk)])
        for source in _my_sources(request).order_by("-pk")
    ]
    context = {
        "form": form,
        "rows": rows,
        "manages": policies.can_manage_sources(request.actor, request.actor.merchant_id),
    }
    return render(request, "marketplace/sources.html", context, status=status_of(form))


def _secret_page(request: HttpRequest, name: str, public_id: str, secret: str) -> HttpResponse:
    response = render(
        request, "marketplace/source_secret.html", {"name": name, "public_id": public_id, "secret": secret}
    )
    response["Cache-Control"] = "no-store"
    return response


def _masked(value: Any, name: str = "") -> Any:
    if name in SEALED:
        return _("kept sealed") if value else value
    if name in BUYERS and isinstance(value, str):
        return masking.masked(value)
    if isinstance(value, dict):
        return {key: _masked(each, key) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value
