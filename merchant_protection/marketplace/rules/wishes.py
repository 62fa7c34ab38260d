"""What may be asked of the selling platform: each verb with its target, its value and its undo."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

LONGEST_REF = 120
LONGEST_RULE = 120
NOTHING_NAMED = frozenset({"", "*", "%", "all", "any", "null", "none", "undefined"})
LONGEST_HOLD = timedelta(hours=24)
GROUNDS = re.compile(r"[A-Z][A-Z_]{2,39}")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class Mode(StrEnum):
    """How far a rule may go by itself."""

    SHADOW = "SHADOW"
    APPROVE = "APPROVE"
    AUTO = "AUTO"


class Purse(StrEnum):
    """Which budgets an action draws from; holds have small ones of their own."""

    GENERAL = ""
    ORDER_HOLDS = "ORDER_HOLDS"
    SHOP_HOLDS = "SHOP_HOLDS"


@dataclass(frozen=True)
class Verb:
    """One thing the platform can be asked: which aspect of what becomes which value, and what takes it back."""

    kind: str
    aspect: str
    back: str
    value: Any = None
    check: Callable[[Any], str] | None = None
    is_release: bool = False
    purse: Purse = Purse.GENERAL


@dataclass(frozen=True)
class Wish:
    """What a rule or a person wants of one target: an absolute state, with who wants it and why.

    `value` is only given for verbs that need one. `rule_version` names the version that decided,
    `cause` what several wishes share (a feed, a promotion). `undo` overrides the state that was last
    known. `is_latched`: stays so until a person changes it. `release_after`: an order hold ends by
    itself after this long. `is_adding`: the listings come to those whose new orders are held already.
    """

    merchant_id: int
    verb: str
    ref: str
    feature: str
    rule: str = ""
    rule_version: str = ""
    cause: str = ""
    reason: str = ""
    value: Any = None
    undo: Any = None
    is_latched: bool = False
    expires_at: datetime | None = None
    release_after: timedelta | None = None
    platform_id: int | None = None
    is_adding: bool = False

    @property
    def state(self) -> Any:
        """The absolute state that is asked for."""
        fixed = VERBS[self.verb].value
        return self.value if fixed is None else fixed


def faults(wish: Wish) -> dict[str, list[str]]:
    """Return what is wrong with a wish, by field; an empty or all-embracing selector means nothing, so it is wrong."""
    verb = VERBS.get(wish.verb)
    if verb is None:
        return {"verb": [f"There is no action “{wish.verb}”."]}
    found: dict[str, list[str]] = {}
    if not names_something(wish.ref):
        found["ref"] = ["Name exactly one target."]
    if verb.value is None:
        fault = verb.check(wish.value) if verb.check else ""
        if fault:
            found["value"] = [fault]
    elif wish.value not in (None, verb.value):
        found["value"] = [f"“{wish.verb}” takes no value."]
    if not wish.feature or len(wish.feature) > 40:
        found["feature"] = ["Name what asks for it, in at most 40 characters."]
    if len(wish.rule) > LONGEST_RULE:
        found["rule"] = [f"Use at most {LONGEST_RULE} characters."]
    return found | _faults_of_timer(wish)


def names_something(ref: object) -> bool:
    """Whether a reference names one thing: not empty, not NULL, not `*`, not "all"."""
    if not isinstance(ref, str) or len(ref) > LONGEST_REF or "\x00" in ref or "*" in ref:
        return False
    return ref.strip().casefold() not in NOTHING_NAMED


def idempotency_key(*, merchant_id: int, kind: str, ref: str, aspect: str, verb: str, generation: int) -> str:
    """Return the key that is the same for each retry of a change, and another for each later real change."""
    target = json.dumps([kind, ref, aspect], ensure_ascii=False)
    return _sha256(f"{merchant_id}|{target}|{verb}|{generation}")


def shadow_key(wish: Wish, *, generation: int) -> str:
    """Return the key under which a hit in shadow mode is noted once for each rule version and cause."""
    parts = [wish.merchant_id, wish.verb, wish.ref, generation, wish.feature, wish.rule, wish.rule_version, wish.cause]
    return _sha256("shadow|" + json.dumps(parts, ensure_ascii=False))


def same_state(left: Any, right: Any) -> bool:
    """Whether two states are the same: amounts are compared as numbers, sets of listings in any order."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _plain(left) == _plain(right)
    return type(left) is type(right) and bool(left == right)


def held_skus(state: Any) -> set[str]:
    """Return the listings whose new orders a state holds; none when the shop is open or nothing is known."""
    return set(state["held_skus"]) if isinstance(state, Mapping) and "held_skus" in state else set()


def adding(wish: Wish, states: Iterable[Any]) -> Wish:
    """Return a hold of new orders that also holds what these states hold."""
    held = set().union(*(held_skus(state) for state in [wish.value, *states]))
    return replace(wish, value={"held_skus": sorted(held)})


def rule_key(feature: str, rule: str) -> str:
    """Return the name by which a rule is switched off everywhere: its feature and its own name."""
    return f"{feature}:{rule}"


def _faults_of_timer(wish: Wish) -> dict[str, list[str]]:
    if wish.verb != "hold_order":
        return {} if wish.release_after is None else {"release_after": ["Only a held order releases itself."]}
    found = {}
    if wish.release_after is None or not timedelta(0) < wish.release_after <= LONGEST_HOLD:
        found["release_after"] = ["A held order needs a time after which it releases itself, at most 24 hours."]
    if wish.is_latched:
        found["is_latched"] = ["A held order releases itself, so it cannot stay held."]
    return found


def _fault_of_price(value: Any) -> str:
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        return "A price has an amount and a currency."
    currency = value["currency"]
    if not isinstance(currency, str) or len(currency) != 3 or not currency.isalpha() or not currency.isupper():
        return "The currency is three capital letters."
    try:
        amount = Decimal(value["amount"]) if isinstance(value["amount"], str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount <= 0 or amount >= Decimal(10) ** 12:
        return "The amount is a decimal number in text, above zero."
    return ""


def _fault_of_stock(value: Any) -> str:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return "" if is_count else "The stock is a whole number, zero or more."


def _fault_of_restriction(value: Any) -> str:
    is_some = isinstance(value, Mapping) and set(value) == {"restricted"} and bool(value["restricted"])
    return "" if is_some else "Say what the buyer is restricted in."


def _fault_of_exemption(value: Any) -> str:
    """An order is left out of the shop's figures on stated grounds, with the fingerprint of what proves them."""
    if not isinstance(value, Mapping) or set(value) != {"grounds", "evidence"}:
        return "Give the grounds and the evidence."
    if not isinstance(value["grounds"], str) or not GROUNDS.fullmatch(value["grounds"]):
        return "The grounds are a code in capital letters."
    evidence = value["evidence"]
    is_print = isinstance(evidence, str) and bool(FINGERPRINT.fullmatch(evidence))
    return "" if is_print else "The evidence is named by its SHA-256."


def _fault_of_held(value: Any) -> str:
    held = value.get("held_skus") if isinstance(value, Mapping) and set(value) == {"held_skus"} else None
    if not isinstance(held, list) or not held:
        return "Name the listings whose new orders are held."
    return "" if all(map(names_something, held)) else "Name each listing by its own number."


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(value)
    if isinstance(plain.get("held_skus"), list):
        plain["held_skus"] = sorted(map(str, plain["held_skus"]))
    if "amount" in plain:
        try:
            plain["amount"] = Decimal(str(plain["amount"]))
        except InvalidOperation:
            return plain
    return plain


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


VERBS: dict[str, Verb] = {
    "delist": Verb("LISTING", "availability", back="relist", value="DELISTED"),
    "relist": Verb("LISTING", "availability", back="delist", value="LISTED", is_release=True),
    "set_price": Verb("LISTING", "price", back="set_price", check=_fault_of_price),
    "set_stock": Verb("LISTING", "stock", back="set_stock", check=_fault_of_stock),
    "hold_order": Verb("ORDER", "fulfilment", back="release_order", value="HELD", purse=Purse.ORDER_HOLDS),
    "release_order": Verb("ORDER", "fulfilment", back="hold_order", value="OPEN", is_release=True),
    "hold_shipment": Verb("ORDER", "shipment", back="release_shipment", value="HELD", purse=Purse.ORDER_HOLDS),
    "release_shipment": Verb("ORDER", "shipment", back="hold_shipment", value="OPEN", is_release=True),
    "exempt_order": Verb("ORDER", "metrics", back="count_order", check=_fault_of_exemption),
    "count_order": Verb("ORDER", "metrics", back="exempt_order", value="COUNTED", is_release=True),
    "stop_refund": Verb("AFTER_SALE", "refund", back="allow_refund", value="STOPPED"),
    "allow_refund": Verb("AFTER_SALE", "refund", back="stop_refund", value="OPEN", is_release=True),
    "hide_review": Verb("REVIEW", "visibility", back="show_review", value="HIDDEN"),
    "show_review": Verb("REVIEW", "visibility", back="hide_review", value="SHOWN", is_release=True),
    "restrict_buyer": Verb("BUYER", "purchasing", back="allow_buyer", check=_fault_of_restriction),
    "allow_buyer": Verb("BUYER", "purchasing", back="restrict_buyer", value="ALLOWED", is_release=True),
    "hold_new_orders": Verb("SHOP", "new_orders", back="open_new_orders", check=_fault_of_held, purse=Purse.SHOP_HOLDS),
    "open_new_orders": Verb("SHOP", "new_orders", back="hold_new_orders", value="OPEN", is_release=True),
}

# What an aspect is when nobody has asked for anything, as far as it is known without looking.
DEFAULTS: dict[str, Any] = {
    "availability": "LISTED",
    "fulfilment": "OPEN",
    "shipment": "OPEN",
    "metrics": "COUNTED",
    "refund": "OPEN",
    "visibility": "SHOWN",
    "purchasing": "ALLOWED",
    "new_orders": "OPEN",
}


def verb_for(kind: str, aspect: str, state: Any) -> str:
    """Return the verb that sets an aspect to a state; used to take things back."""
    found = [(name, verb) for name, verb in VERBS.items() if (verb.kind, verb.aspect) == (kind, aspect)]
    fixed = [name for name, verb in found if verb.value is not None and same_state(verb.value, state)]
    free = [name for name, verb in found if verb.value is None]
    return (fixed or free)[0]
