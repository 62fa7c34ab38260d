"""The shop's activity log: who changed what."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from merchant_protection.accounts import policies
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.forms import ActivityFilter
from merchant_protection.audit import queries as audit
from merchant_protection.audit import wording
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import keyset, tables
from merchant_protection.foundation.errors import require

PAGE = 50


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the log, newest first."""
    rows = _rows(request.actor, request.GET)
    page = keyset.page(
        rows, by=["-id"], size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = {"page": page, "rows_empty": not page.rows, "filtered": any(request.GET.get(k) for k in ("q", "since"))}
    return render(request, "accounts/activity.html", context)


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Return what the filter shows as a table to take away."""
    heads = [
        *(_("When"), _("Who"), _("What"), _("About"), _("Number")),
        *(_("Before"), _("After"), _("Reason"), _("Sent from")),
    ]
    return tables.Table(_rows(actor, asked).order_by("-id"), heads, _cells)


def _rows(actor: Actor, asked: Mapping[str, str]) -> QuerySet[Entry]:
    wishes = ActivityFilter(asked)
    require(policies.can_see_shop(actor, actor.merchant_id))
    wishes.is_valid()
    since, until = wishes.window()
    return audit.of_merchant(actor.merchant_id, text=wishes.cleaned_data.get("q", ""), since=since, until=until)


def _cells(entry: Entry) -> list[object]:
    return [
        timezone.localtime(entry.at).isoformat(timespec="seconds"),
        *(entry.actor_name, wording.action(entry.action), wording.subject(entry.subject_kind), entry.subject_id),
        *(entry.before, entry.after, entry.reason, entry.origin),
    ]
