"""What the guard found, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from merchant_protection.notices.services import wording
from pricing_guard.models import BacktestHit, GuardPolicy, Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.queries.hand_overs import State
from pricing_guard.rules import stored
from pricing_guard.services.incidents import links

register = template.Library()

TONES = {
    Incident.Status.SUSPECTED: "waiting",
    Incident.Status.TRIPPED: "bad",
    Incident.Status.RESTORED: "review",
    Incident.Status.INTENDED: "hollow",
    Incident.Status.CORRECTED: "good",
    Incident.Status.CLOSED: "hollow",
}
MOVES: dict[str, Promise] = {
    "open": _("Found"),
    "mean": _("It is meant"),
    "correct": _("The price was put right"),
    "trip": _("Stopped"),
    "restore": pgettext_lazy("incident", "Sold again"),
    "sale_asked": _("To be sold again once the platform has set the good price"),
    "price_named": _("Price named to sell it at"),
    "sale_hindered": _("Not sold again: the good price was not set"),
    "release_asked": _("Operations asked to lift the stop"),
    "close": pgettext_lazy("incident", "Closed"),
    "take_back": _("The answer was taken back"),
    "price_good": _("The price is good again; it stays stopped until a person opens it"),
    "price_wrong": _("Another wrong price"),
    "remind": _("Reminded"),
    "choose": _("Orders decided"),
    "pack": _("Evidence packed"),
    "exempt": _("Evidence handed to the platform"),
    "held": _("Parcels held"),
}
ANSWERS: dict[str, Promise] = {
    "trip": _("it is wrong and was stopped."),
    "mean": _("it is meant."),
    "restore": _("it is sold again."),
}
JOB_TONES = {"WAITING": "waiting", "RUNNING": "review", "DONE": "good", "FAILED": "bad"}
MODE_TONES = {"SHADOW": "idle", "APPROVE": "holds", "AUTO": "stops"}
RUNGS: dict[str, Promise] = {
    "LOG": _("Note it"),
    "WARN": _("Tell the shop"),
    "CONFIRM": _("Ask somebody to confirm"),
    "BLOCK_WRITE": _("Block the price"),
    "HOLD_NEW_ORDERS": _("Hold new orders"),
    "REVERT_PRICE": _("Go back to the last good price"),
    "ZERO_STOCK": _("Set the stock to zero"),
    "DELIST": _("Take off sale"),
    "HOLD_SHIPMENTS": _("Hold parcels"),
    "DRAFT_CANCELLATIONS": _("Draft cancellations"),
}


@register.filter
def finding_in_words(finding: Mapping[str, Any]) -> str:
    """Return what one check objects to, as a sentence with its figures."""
    try:
        return stored.told(finding, gettext)
    except (KeyError, TypeError, ValueError):
        return gettext("A price looks wrong.")


@register.filter
def incident_tone(status: str) -> str:
    """Return the tone of an incident's state."""
    return TONES.get(Incident.Status(status), "hollow") if status in Incident.Status.values else "hollow"


@register.filter
def incident_move(move: str) -> str:
    """Name a line of an incident's history."""
    return str(MOVES.get(move, move.replace("_", " ")))


@register.filter
def answer_in_words(answer: str) -> str:
    """Say what a person answered to an alert."""
    return str(ANSWERS.get(answer, answer))


@register.filter
def of_incident(states: Mapping[int, State], incident_id: int) -> State | None:
    """Return how far the evidence of one of several incidents is; nothing where no order is to be cancelled."""
    return states.get(incident_id) if states else None


@register.filter
def hand_over_in_words(state: State) -> str:
    """Say how far an incident's evidence is with the platform."""
    counts = {"orders": state.orders, "taken": state.taken, "refused": state.refused, "left": state.left}
    if state.promised:
        return gettext("Evidence is handed to the platform within a minute")
    if state.refused:
        return gettext("Evidence not taken for %(refused)s of %(orders)s orders: hand it over again") % counts
    if state.left:
        return gettext("Evidence not handed over for %(left)s of %(orders)s orders") % counts
    if state.is_complete:
        return gettext("Evidence taken by the platform for %(orders)s of %(orders)s orders") % counts
    return gettext("Evidence on its way: taken for %(taken)s of %(orders)s orders") % counts


@register.filter
def rung_in_words(rung: str) -> str:
    """Name a step of the ladder."""
    return str(RUNGS.get(rung, rung))


@register.filter
def incident_status(status: str) -> str:
    """Name an incident's state."""
    return str(Incident.Status(status).label) if status in Incident.Status.values else status


@register.filter
def guard_mode(mode: str) -> str:
    """Name how far a rule may go by itself."""
    return str(GuardPolicy.Mode(mode).label) if mode in GuardPolicy.Mode.values else mode


@register.simple_tag
def price_answer(link_id: int, reader_id: int) -> str:
    """Return an answer of an alert for one reader: its words, a tab, and the address that only this portal makes."""
    link = queries.link(link_id)
    if link is None:
        return ""
    path = reverse("price_answer", args=[links.token_of(link, user_id=reader_id)])
    return f"{link.get_purpose_display()}\t{wording.address(path)}"


@register.filter
def sale_fault_in_words(fault: str) -> str:
    """Say why a product that was to be sold again is still stopped."""
    return str(Incident.SaleFault(fault).label) if fault in Incident.SaleFault.values else ""


@register.filter
def mode_tone(mode: str) -> str:
    """Return how strong a mode is: grey only watches, amber holds, red stops."""
    return MODE_TONES.get(mode, "idle")


@register.filter
def hit_in_words(hit: BacktestHit) -> str:
    """Return what a trial objects to, as a sentence with its figures."""
    return finding_in_words({"reason": hit.reason})


@register.filter
def reason_in_words(reason: Mapping[str, Any]) -> str:
    """Return what is wrong with a row, as a sentence."""
    return finding_in_words({"reason": reason})


@register.filter
def job_tone(status: str) -> str:
    """Return the tone of a trial's or a file's state."""
    return JOB_TONES.get(status, "hollow")
