"""Warnings in words: their kinds, what was seen, and the values against their limits."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from merchant_protection.foundation import money
from merchant_protection.risk.models import Warning

KINDS: dict[str, Promise] = {
    "HOARDING": gettext_lazy("Stock held without paying"),
    "ARBITRAGE": gettext_lazy("Bought far below the usual price"),
    "EXTORTION": gettext_lazy("Claim risk"),
    "MALICIOUS_AFTER_SALE": gettext_lazy("Request that looks malicious"),
    "RETURN_ABUSE": gettext_lazy("Returns out of proportion"),
    "SCALPER_ON_HOT_SKU": gettext_lazy("Scalper on a scarce product"),
    "ONLY_PRICE_DIFFERENCE": gettext_lazy("Only a price-difference or freight link"),
}
RULES: dict[str, Promise] = {
    "HOARDING": gettext_lazy(
        "Unpaid orders of one buyer, or of accounts tied together, hold a good part of a product's stock, "
        "or come several times within 24 hours."
    ),
    "ARBITRAGE": gettext_lazy(
        "Many units of a product were bought far below the price it had for most of the last 30 days."
    ),
    "EXTORTION": gettext_lazy(
        "The buyer's claims for money were often found to be wrong, accounts tied together claim one after another, "
        "or a claim presses for money outside the platform."
    ),
    "MALICIOUS_AFTER_SALE": gettext_lazy(
        "What the buyer and accounts tied to it did in all shops, the words of the request, its amount and its time "
        "add up to many points. A likeness alone is a flag, never a verdict."
    ),
    "RETURN_ABUSE": gettext_lazy("The buyer returned most of what was ordered in the last 90 days."),
    "SCALPER_ON_HOT_SKU": gettext_lazy(
        "Much of a product in short supply goes to one buyer, or to accounts tied together by phone, device, payment "
        "or address."
    ),
    "ONLY_PRICE_DIFFERENCE": gettext_lazy("The order holds nothing but the link for a price difference or freight."),
}
NEXT_STEPS: dict[str, Promise] = {
    "HOARDING": gettext_lazy("Ask the buyer to pay or cancel; with several accounts, restrict them in your shop."),
    "ARBITRAGE": gettext_lazy("Check the price and the coupons first; hold the shipment while you do."),
    "EXTORTION": gettext_lazy("Keep the packing video and the conversation; file a complaint if a claim follows."),
    "MALICIOUS_AFTER_SALE": gettext_lazy(
        "Keep the conversation and the packing video; the complaint is drafted for you."
    ),
    "RETURN_ABUSE": gettext_lazy("Photograph the goods before sending them, and compare what comes back."),
    "SCALPER_ON_HOT_SKU": gettext_lazy("Hold the shipment, look at the tied accounts, then decide for all of them."),
    "ONLY_PRICE_DIFFERENCE": gettext_lazy("Ask the buyer what the difference is for; nothing should be shipped."),
}
SIGNALS: dict[str, Promise] = {
    "PHONE": gettext_lazy("phone"),
    "DEVICE": gettext_lazy("device"),
    "PAYMENT": gettext_lazy("payment"),
    "ADDRESS": gettext_lazy("address"),
    "IDENTITY": gettext_lazy("identity"),
}
PRESSURE: dict[str, Promise] = {
    "MONEY": gettext_lazy("money outside the platform"),
    "COMPLAINT": gettext_lazy("a complaint to the authorities"),
    "EXPOSURE": gettext_lazy("bad reviews or exposure"),
}
ENDED: dict[str, Promise] = {
    "": gettext_lazy("Its time ran out without an answer."),
    "SHIPPED": gettext_lazy("The order was shipped before anybody answered."),
    "ORDER_OVER": gettext_lazy("The order was cancelled, refunded or expired unpaid."),
    "CLAIM_CLOSED": gettext_lazy("The claim was closed."),
}
MOVES: dict[str, Promise] = {
    "raise": pgettext_lazy("warning", "Raised"),
    "acknowledge": gettext_lazy("Acknowledged"),
    "reopen": gettext_lazy("Taken up again"),
    "mark_normal": gettext_lazy("Verified normal"),
    "report": gettext_lazy("Reported"),
    "hold_shipment": gettext_lazy("Shipment held"),
    "release_shipment": gettext_lazy("Shipment released"),
    "expire": gettext_lazy("Ended"),
}

RESTRICTION_MOVES: dict[str, Promise] = {
    "restrict": gettext_lazy("Restricted"),
    "confirm": gettext_lazy("Confirmed by review"),
    "reject": gettext_lazy("Lifted by review"),
    "lift": gettext_lazy("Lifted"),
    "lapse": gettext_lazy("Ended by itself"),
}

OUTCOMES: dict[str, Promise] = {
    "pricing_guard": gettext_lazy("Price error"),
    "claims": gettext_lazy("Complaint decided"),
}


@dataclass(frozen=True)
class Check:
    """One value that was looked at, beside the limit from which it warns."""

    label: str
    value: str
    limit: str
    is_over: bool


def kind_name(kind: str) -> str:
    """Return a kind as merchants know it."""
    return str(KINDS.get(kind, kind))


def reason(warning: Warning) -> str:
    """Say in one line what was seen."""
    facts: Mapping[str, Any] = warning.facts
    if warning.kind == "EXTORTION" and facts.get("pressure"):
        return _("A claim presses with %(ways)s.") % {"ways": _listed(PRESSURE, facts["pressure"].split(","))}
    if warning.kind == "EXTORTION" and "after_sale" in facts:
        return _("%(tied_claims)s claims for money by accounts tied together in 30 days.") % facts
    sentences = {
        "HOARDING": _("%(units)s units of %(sku)s in %(unpaid_orders)s unpaid orders: %(percent)s%% of the stock."),
        "ARBITRAGE": _("%(units)s units of %(sku)s at %(price)s each; usual is %(usual)s."),
        "EXTORTION": _("%(claims)s claims for money, %(found_for_merchant)s of them found to be wrong."),
        "MALICIOUS_AFTER_SALE": _("Signals: %(signals)s; %(points)s of 100 points."),
        "RETURN_ABUSE": _("%(returns)s returns of %(orders)s orders: %(percent)s%%."),
        "SCALPER_ON_HOT_SKU": _("%(units)s units of the scarce %(sku)s; tied to others by %(signals)s signals."),
        "ONLY_PRICE_DIFFERENCE": _("Only %(sku)s, %(units)s times; order number %(orders)s of this sort in 24 hours."),
    }
    sentence = sentences.get(warning.kind, "")
    if not sentence or "limits" not in facts:
        return ""
    told = defaultdict(lambda: "–", facts)
    if warning.kind == "ARBITRAGE" and "price" in facts:
        told |= {name: f"{money.sign(warning.currency)}{facts[name]}" for name in ("price", "usual")}
    return sentence % told


def checks(warning: Warning) -> list[Check]:
    """Return the values that were looked at, each against its limit."""
    facts: Mapping[str, Any] = warning.facts
    limits: Mapping[str, int] = facts.get("limits", {})
    rows = {
        "HOARDING": [
            (_("Share of the stock in unpaid orders"), "percent", "unpaid_share", "%"),
            (_("Unpaid orders within 24 hours"), "unpaid_orders", "unpaid_orders", ""),
        ],
        "ARBITRAGE": [
            (_("Units of one product"), "units", "arbitrage_units", ""),
            (_("Price paid, of the usual price"), "percent", "far_below", "<%"),
        ],
        "EXTORTION": [
            (_("Claims found to be wrong in 180 days"), "found_for_merchant", "claims", ""),
            (_("Shops with claims in 30 days"), "shops", "claim_shops", ""),
            (_("Claims by accounts tied together in 30 days"), "tied_claims", "tied_claims", ""),
        ],
        "RETURN_ABUSE": [
            (_("Returns in 90 days"), "returns", "returns", ""),
            (_("Share of the orders returned"), "percent", "return_share", "%"),
        ],
        "SCALPER_ON_HOT_SKU": [
            (_("Units of the scarce product within 24 hours"), "units", "hot_units", ""),
            (_("Independent signals that tie accounts"), "signals", "hot_signals", ""),
        ],
        "ONLY_PRICE_DIFFERENCE": [
            (_("Orders of only such links within 24 hours"), "orders", "difference_orders", ""),
        ],
    }
    found = rows.get(warning.kind, [])
    return [_check(label, facts[seen], limits[limit], sign) for label, seen, limit, sign in found if _told(facts, seen)]


def ended(why: str) -> str:
    """Say why a warning ended without an answer."""
    return str(ENDED.get(why, ""))


def signals(names: list[str]) -> str:
    """Name the signals that tie accounts."""
    return _listed(SIGNALS, names)


def asked(_merchant_id: int, texts: Collection[str]) -> dict[str, str]:
    """Put what warnings and appeals ask of the selling platform into words, by what actions keep of it."""
    own = {"Risk warning": _("Risk warning"), "Mis-hit appeal upheld": _("Mis-hit appeal upheld")}
    return {text: str(KINDS.get(text) or own[text]) for text in texts if text in KINDS or text in own}


def _told(facts: Mapping[str, Any], name: str) -> bool:
    return name in facts and "limits" in facts


def _check(label: str, value: int, limit: int, sign: str) -> Check:
    unit = "%" if sign.endswith("%") else ""
    below = sign.startswith("<")
    bound = _("at most %(limit)s") if below else _("from %(limit)s")
    is_over = value <= limit if below else value >= limit
    return Check(label, f"{value}{unit}", bound % {"limit": f"{limit}{unit}"}, is_over)


def _listed(words: Mapping[str, Promise], names: list[str]) -> str:
    return _(", ").join(str(words.get(name, name)) for name in names)
