"""Codes of the marketplace in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
