"""The fields and filters of merchants' pages that name a row, and where each is tried with another shop's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PICKED = "pick"


@dataclass(frozen=True)
class Place:
    """A page, how it is asked, the field that names a row, and what kind of row it names."""

    route: str
    field: str
    names: str
    body: dict[str, Any] = field(default_factory=dict)
    within: str = ""  # a row of one's own that the address names
    method: str = "post"
    written: Callable[[Any], Any] = str  # how the page writes the row's number
    named: str = ""  # the value where the field's own name holds the number
    first: dict[str, Any] = field(default_factory=dict)  # what is done before to one's own row, so that more can be
    asked_in: str = "body"  # or the address
    mixed: bool = False  # several are named at once: own ones beside another's


def _ring(number: Any) -> str:
    return f"ring-{number}"


def _buyers(number: Any) -> str:
    return f"buyer={number}"


def _rings(number: Any) -> str:
    return f"ring={number}&view=all"


def _floor(number: Any) -> str:
    return f"floor_{number}"


def _snoozed(number: Any) -> str:
    return f"snooze:{number}:LIMIT"


def _person(number: Any) -> str:
    return f"person:{number}"


RESTRICTION = {"limits": ["NO_ORDERS"], "days": "7", "reason": "Again and again."}
DRAW = {"name": "Draw", "places": "5", "opens_at": "2030-01-01T00:00", "closes_at": "2030-02-01T00:00"}
WINDOW = {"reason": "CLEARANCE", "starts_at": "2030-01-01T00:00", "ends_at": "2030-01-02T00:00", "lowest_price": "1"}
CLAIM = {"kind": "EXTORTION", "story": "As it was.", "is_buyer_contacted": "yes"}

PLACES = [
    Place("claims_picked", PICKED, "claim", {"do": "export"}, mixed=True),
    Place("claims_picked", PICKED, "draft", {"do": "drop"}, mixed=True),
    Place("claim_begin", "after_sale", "after_sale"),
    Place("claim_begin", "warning", "warning"),
    Place("claim_begin", "order", "order"),
    Place("claim_evidence", "file", "file", {"type": "CHAT"}, within="draft", written=int),
    Place("claim_edit", "joined", "joinable", CLAIM, within="draft"),
    Place("claim_draft", "joined", "joinable", CLAIM, within="draft"),
    Place("switch_shop", "merchant", "shop"),
    Place("exports", "query", "buyer", {"kind": "orders"}, written=_buyers),
    Place("exports", "query", "ring", {"kind": "warnings"}, written=_rings),
    Place("warnings_bulk", PICKED, "warning", {"answer": "acknowledge"}, mixed=True),
    Place("warnings_bulk", PICKED, "ring", {"answer": "acknowledge"}, written=_ring),
    Place("warnings", "ring", "ring", method="get"),
    Place("buyer_restrict", "warning", "warning", RESTRICTION, within="buyer", asked_in="address"),
    Place("inbox_bulk", PICKED, "notice", {"verb": "archive"}, mixed=True),
    Place("inbox_bulk", PICKED, "notice", {"verb": "unread"}, first={"verb": "read"}, mixed=True),
    Place("inbox_bulk", PICKED, "notice", {"verb": "restore"}, first={"verb": "archive"}, mixed=True),
    Place("inbox_bulk", PICKED, "notice", {"verb": "read"}, mixed=True),
    Place("inbox_bulk", PICKED, "notice", asked_in="address", mixed=True),
    Place("orders", "buyer", "buyer", method="get"),
    Place("price_incidents_bulk", PICKED, "incident", {"move": "close"}, mixed=True),
    Place("price_incidents_bulk", PICKED, "incident", {"move": "mean", "reason": "CLEARANCE"}, mixed=True),
    Place("price_incidents_bulk", PICKED, "incident", {"move": "trip"}, mixed=True),
    Place("price_incidents", "cause", "cause", method="get"),
    Place("price_incident_orders", PICKED, "touched", {"choice": "HONOUR"}, within="incident", mixed=True),
    Place("price_bands", "sku", "sku", method="get"),
    Place("price_policy_new", "sku", "sku", method="get"),
    Place("price_windows", "skus", "sku", WINDOW),
    Place("price_floors", "floor_", "listing", named="1", written=_floor),
    Place("scalper_draw_new", "policy_id", "policy", DRAW),
    Place("scalper_draw_new", "policy", "policy", method="get"),
    Place("scalper_decisions", "policy", "policy", method="get"),
    Place("scalper_decision_say", "move", "policy", {"note": "As agreed."}, within="decision", written=_snoozed),
    Place("training_assign", "who", "member", {"reason": "As agreed."}, within="course", written=_person),
]

# Names under which a page reads a row: each is tried above, or stands below with the reason.
NAMES = {
    *(
        "pick",
        "order",
        "orders",
        "order_number",
        "joined",
        "lines",
        "after_sale",
        "warning",
        "merchant",
        "shop",
        "ring",
    ),
    *("buyer", "policy", "policy_id", "version_id", "file", "piece", "id", "claim_id", "who", "promotion", "sku"),
    *("skus", "cause", "guard", "course", "assignment", "session", "question", "query", "entry", "keys", "number"),
    *("floor_", "move", "listing", "incident", "notice", "member", "person", "user", "to", "forget", "draw"),
}
_SCALPER = "scalper_policies.views"
WITHIN = {
    "chosen within the thing that the address names": {
        ("claims.views.wizard", "lines"),
        *(("pricing_guard.views.backtests", name) for name in ("number", "sku")),
        ("pricing_guard.views.policy", "number"),
        *(("training.views.quizzes", name) for name in ("order", "question")),
    },
    "the name of what is to be done": {
        *((f"merchant_protection.marketplace.views.{page}", "move") for page in ("actions", "brakes")),
        *((f"pricing_guard.views.{page}", "move") for page in ("floors", "incident_list", "incidents", "policy")),
        *(("pricing_guard.views.windows", "move"), (f"{_SCALPER}.policies", "move")),
    },
    "a file that is sent, whose rows are read as the shop's own": {
        *(("claims.views.bulk", "file"), ("merchant_protection.marketplace.views.imports", "file")),
        *(("pricing_guard.views.floors", "file"), (f"{_SCALPER}.lists", "file")),
    },
    "kept as it was told, in one's own shop": {
        ("merchant_protection.accounts.views.saved_views", "query"),  # judged where it is opened
        ("merchant_protection.home.views.buyers", "order_number"),
        ("pricing_guard.views.policies", "skus"),  # of products that may come later
        (f"{_SCALPER}.policies", "skus"),
    },
    "not read from what is sent: what a template is given, or a form of another page": {
        *(("claims.views.wizard", "order"), ("claims.views.evidence", "id"), ("claims.views.evidence", "piece")),
        ("merchant_protection.home.views.pages", "orders"),
        ("merchant_protection.marketplace.views.orders", "after_sale"),
        *(("pricing_guard.views.calendar", "promotion"), ("pricing_guard.views.floors", "guard")),
        *(("pricing_guard.views.incidents", "orders"), ("pricing_guard.views.overview", "cause")),
        *((f"{_SCALPER}.decisions", name) for name in ("file", "keys", "policy_id", "skus", "version_id")),
        *((f"{_SCALPER}.draws", name) for name in ("entry", "file", "skus")),
        *((f"{_SCALPER}.lists", name) for name in ("policy", "policy_id", "skus")),
        *((f"{_SCALPER}.policies", name) for name in ("file", "policy", "policy_id")),
        *(("training.views.catalogue", name) for name in ("assignment", "course")),
        ("training.views.sessions", "session"),
    },
}
