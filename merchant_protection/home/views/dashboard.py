"""The first page of the staff admin: does the work flow, and what waits for a person."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchant_protection.home import queries
from merchant_protection.home.views import staff_cards
from merchant_protection.marketplace.queries import inbox


def environment(request: HttpRequest) -> list[str] | None:
    """Say so where the demo runs."""
    return [_("Demo"), "warning"] if settings.DEMO else None


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the page its figures; who only reviews or trains sees none of the machinery."""
    context["title"] = _("Overview")
    context["waiting"] = list(staff_cards.all_of(request))
    if not request.actor.has_staff_role("OPERATIONS"):
        return context
    now = timezone.localtime()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    flow = inbox.conservation(now=now)
    waiting = queries.staff_figures(request.actor, since=today)
    context["cards"] = [
        _card(_("Received today"), waiting.received, "admin:marketplace_inboxevent_changelist", "inbox"),
        _card(_("Waiting to be taken in"), flow["pending"], "admin:marketplace_inboxevent_changelist", "hourglass_top"),
        _card(_("Set aside"), flow["parked"], "admin:marketplace_inboxevent_changelist", "report", bad=flow["parked"]),
        _card(_("Open actions"), waiting.open_actions, "admin:marketplace_platformaction_changelist", "send"),
        _card(_("Actions for a person"), waiting.to_review, "admin:marketplace_platformaction_changelist", "bolt"),
        _card(
            _("Stopped switches"),
            waiting.stopped,
            "admin:marketplace_switch_changelist",
            "emergency_home",
            bad=waiting.stopped,
        ),
        _card(_("Paused rules"), waiting.paused, "admin:marketplace_rulepause_changelist", "pause"),
    ]
    context["balance"] = flow | {"holds": flow["received"] == flow["decided"] + flow["parked"] + flow["pending"]}
    context["silent"] = queries.silent_work(now=now)
    context["looks"] = queries.last_looks(now=now)
    context["imports"] = queries.newest_imports(request.actor)
    context["entries"] = queries.newest_changes()
    return context


def _card(title: str, figure: int, link: str, icon: str, *, bad: int = 0) -> dict[str, Any]:
    return {"title": title, "figure": figure, "link": reverse(link), "icon": icon, "bad": bool(bad)}
