"""Codes of the marketplace in words."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

FAULTS: dict[str, Promise] = {
    "missing": _("is empty"),
    "too_long": _("is too long"),
    "not_readable": _("holds characters that cannot be read; is the file of another encoding?"),
    "not_a_whole_number": _("is not a whole number"),
    "zero": _("is zero"),
    "too_large": _("is too large"),
    "negative": _("is negative"),
    "not_an_amount": _("is not an amount of money, such as 129.00"),
    "not_a_time": _("is not a time, such as 2026-11-24 09:30"),
}
FIELDS: dict[str, Promise] = {
    "number": _("Order number"),
    "sku": _("SKU"),
    "title": _("Title"),
    "quantity": _("Quantity"),
    "at": pgettext_lazy("time", "Placed"),
    "unit_price": _("Unit price"),
    "buyer": _("Buyer"),
    "country": _("Country"),
}
TOTALS: dict[str, Promise] = {
    "lines": _("Lines"),
    "orders": _("Order numbers"),
    "cancellation_lines": _("Lines of cancellations"),
    "returns": _("Returns (negative quantity)"),
    "zero_price": _("Lines at price zero"),
    "not_products": _("Codes that are no product"),
    "without_buyer": _("Lines without a buyer"),
    "duplicates": _("Exact repetitions (kept: they are real lines)"),
    "orders_with_several_times": _("Orders with more than one time"),
    "codes": _("Product codes"),
    "buyers": _("Buyers"),
}
FAILURES: dict[str, Promise] = {
    "changed": _("The file was changed after it was handed in. Load it again."),
    "damaged": _("The file is damaged or no CSV, CSV.GZ or XLSX file."),
    "empty": _("The file is empty."),
    "not_a_table": _("The file is not a table of text."),
    "gave_up": _("It failed five times and was set aside. The operations team has been told."),
}


OUTCOMES: dict[str, Promise] = {
    "applied": _("Applied"),
    "older": _("Older than what was known; nothing changed"),
}
VERBS: dict[str, Promise] = {
    "delist": _("Take off sale"),
    "relist": _("Put back on sale"),
    "set_price": _("Set the price"),
    "set_stock": _("Set the stock"),
    "hold_order": _("Hold the order"),
    "release_order": _("Release the order"),
    "hold_shipment": _("Hold the shipment"),
    "release_shipment": _("Release the shipment"),
    "exempt_order": _("Leave the order out of the shop's figures"),
    "count_order": _("Count the order in the shop's figures"),
    "stop_refund": _("Stop the refund"),
    "allow_refund": _("Allow the refund"),
    "hide_review": _("Hide the review"),
    "show_review": _("Show the review"),
    "restrict_buyer": _("Restrict the buyer"),
    "allow_buyer": _("Let the buyer buy"),
    "hold_new_orders": _("Hold new orders"),
    "open_new_orders": _("Take new orders again"),
}
MOVES: dict[str, Promise] = {
    "ask": _("Asked for"),
    "approve": _("Approve"),
    "decline": _("Decline"),
    "retry": _("Try again"),
    "undo": _("Undo"),
    "confirm": _("Carried out"),
    "lose_answer": _("Answer lost, looking it up"),
    "fail": _("Failed"),
    "send_to_review": _("Waits for a person"),
    "supersede": _("Superseded by a newer one"),
}
# Reasons the marketplace gives itself; what features say is put into words by them (`config/asked_words.py`).
REASONS: dict[re.Pattern[str], Promise] = {
    re.compile(r"the hold has run out"): _("The hold has run out."),
    re.compile(r"undo (?P<number>\d+)"): _("Takes back action %(number)s."),
    re.compile(r"the platform shows .*", re.DOTALL): _("The platform shows another state."),
}
# Who acts without being a person, by the name in the records.
CLOCKS: dict[str, Promise] = {
    "actions": _("Sending by itself"),
    "reconciliation": _("Comparison with the platform"),
    "holds": _("A hold that ran out"),
    "price guard": _("Price guard"),
    "claims.breach_overdue": _("Claim desk"),
    "claims.conversing": _("Claim desk"),
    "claims.evidence": _("Claim desk"),
    "claims.expire_due": _("Claim desk"),
    "claims.fast_track": _("Fast track of the claim desk"),
    "claims.finalise_due": _("Claim desk"),
    "claims.release_run_out": _("Claim desk"),
    "files": _("Check of files"),
    "retention": _("Removal of old data"),
    "risk.expire_due": _("A warning's time that ran out"),
    "risk.lapse_due": _("A restriction's time that ran out"),
    "scalper_policies.expire_due": _("Scalper policies"),
    "scalper_policies.reconcile": _("Scalper policies"),
    "scalper_policies.watching": _("Watching of orders"),
    "training.apply_rules": _("Rules for courses"),
    "training.publish_due": _("Publishing of courses"),
    "claims.recognising": _("Recognition of malicious requests"),
    "claims.remedies": _("Claim desk"),
}
STATES: dict[tuple[str, str], Promise] = {
    ("availability", "LISTED"): _("On sale"),
    ("availability", "DELISTED"): _("Off sale"),
    ("fulfilment", "HELD"): _("Held back"),
    ("fulfilment", "OPEN"): _("Goes on"),
    ("shipment", "HELD"): _("Held back"),
    ("shipment", "OPEN"): _("May be sent"),
    ("metrics", "COUNTED"): _("Counted in the shop's figures"),
    ("refund", "STOPPED"): _("Stopped"),
    ("refund", "OPEN"): _("May be paid out"),
    ("visibility", "HIDDEN"): _("Hidden"),
    ("visibility", "SHOWN"): _("Shown"),
    ("purchasing", "ALLOWED"): _("May buy"),
    ("new_orders", "OPEN"): _("New orders are taken"),
}
NAMED_SKUS = 5


def asked(merchant_id: int, feature: str, texts: Collection[str]) -> dict[str, str]:
    """Return names of rules and reasons of a feature in words, by what is kept; an unknown one stays as it is."""
    path = settings.ASKED_WORDS.get(feature)
    known = import_string(path)(merchant_id, {text for text in texts if text}) if path else {}
    return {text: known.get(text) or _own_reason(text) for text in texts if text}


def asked_together(asks: Iterable[tuple[int, str, tuple[str, ...]]]) -> dict[tuple[int, str], dict[str, str]]:
    """Return the same for shop, feature and texts of many rows: each feature is asked once for all of a shop."""
    texts: dict[tuple[int, str], set[str]] = defaultdict(set)
    for merchant_id, feature, some in asks:
        texts[merchant_id, feature] |= {*some}
    return {whose: asked(*whose, some) for whose, some in texts.items()}


def _own_reason(text: str) -> str:
    for pattern, words in REASONS.items():
        if match := pattern.fullmatch(text):
            return str(words) % match.groupdict() if match.groupdict() else str(words)
    return text


def who(name: str) -> str:
    """Name who acted: a person by the person's name, a clock by what it does."""
    return str(CLOCKS.get(name, name))


def state(aspect: str, value: Any) -> str:
    """Say what an aspect of a thing is, or is to be."""
    if isinstance(value, str):
        return str(STATES.get((aspect, value), value))
    if isinstance(value, Mapping):
        return _particular(value)
    return "–" if value is None else str(value)


def _particular(value: Mapping[str, Any]) -> str:
    if {"amount", "currency"} <= set(value):
        return f"{value['currency']} {Decimal(str(value['amount'])):,.2f}"
    if "held_skus" in value:
        skus = sorted(map(str, value["held_skus"]))
        named = gettext(", ").join(skus[:NAMED_SKUS]) + ("…" if len(skus) > NAMED_SKUS else "")
        return gettext("New orders are held for %(count)s listings: %(named)s") % {"count": len(skus), "named": named}
    if "evidence" in value:
        return gettext("Left out of the shop's figures, evidence %(print)s") % {"print": str(value["evidence"])[:12]}
    return gettext("Restricted") if "restricted" in value else str(dict(value))


def action_verb(verb: str) -> str:
    """Say what the platform is asked to do."""
    return str(VERBS.get(verb, verb))


def action_move(move: str) -> str:
    """Name a move in an action's life."""
    return str(MOVES.get(move, move.replace("_", " ")))


def event_outcome(outcome: str) -> str:
    """Say what became of an event."""
    return str(OUTCOMES.get(outcome, outcome))


def import_fault(code: str) -> str:
    """Say what is wrong with a cell."""
    return str(FAULTS.get(code, code))


def import_field(name: str) -> str:
    """Name what a column of a file says."""
    return str(FIELDS.get(name, name))


def import_total(name: str) -> str:
    """Name a figure of an import."""
    return str(TOTALS.get(name, name))


def import_failure(code: str) -> str:
    """Say why an import ended without being done."""
    return str(FAILURES.get(code, FAILURES["damaged"]))
