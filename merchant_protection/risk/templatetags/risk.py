"""Warnings in words and colours."""

from django import template

from merchant_protection.risk import wording
from merchant_protection.risk.models import Warning

register = template.Library()

TONES = {"OPEN": "need", "ACKNOWLEDGED": "review", "REPORTED": "sent", "NORMAL": "good", "EXPIRED": "hollow"}
ICONS = {
    "raise": "alert-triangle",
    "acknowledge": "eye",
    "reopen": "arrow-back-up",
    "mark_normal": "check",
    "report": "gavel",
    "hold_shipment": "hand-stop",
    "release_shipment": "truck",
    "expire": "clock-off",
}

RESTRICTION_ICONS = {
    "restrict": "user-off",
    "confirm": "check",
    "reject": "x",
    "lift": "arrow-back-up",
    "lapse": "clock-off",
}
APPEAL_TONES = {"OPEN": "review", "UPHELD": "good", "DISMISSED": "hollow"}


@register.filter
def warning_kind(kind: str) -> str:
    """Name a kind of warning."""
    return wording.kind_name(kind)


@register.filter
def warning_reason(warning: Warning) -> str:
    """Say in one line what was seen."""
    return wording.reason(warning)


@register.filter
def warning_rule(kind: str) -> str:
    """Say when a kind warns."""
    return str(wording.RULES.get(kind, ""))


@register.filter
def warning_next(kind: str) -> str:
    """Say what to do about a kind."""
    return str(wording.NEXT_STEPS.get(kind, ""))


@register.filter
def warning_tone(status: str) -> str:
    """Name the tone of a warning's status."""
    return TONES.get(status, "idle")


@register.filter
def warning_move(move: str) -> str:
    """Name a step of a warning's history."""
    return str(wording.MOVES.get(move, move))


@register.filter
def warning_move_icon(move: str) -> str:
    """Name the icon of a step."""
    return ICONS.get(move, "point")


@register.filter
def warning_ended(why: str) -> str:
    """Say why a warning ended without an answer."""
    return wording.ended(why)


@register.filter
def signal_names(names: list[str]) -> str:
    """Name the signals that tie accounts."""
    return wording.signals(names)


@register.filter
def restriction_move(move: str) -> str:
    """Name a step of a restriction's history."""
    return str(wording.RESTRICTION_MOVES.get(move, move))


@register.filter
def restriction_icon(move: str) -> str:
    """Name the icon of a step of a restriction's history."""
    return RESTRICTION_ICONS.get(move, "point")


@register.filter
def appeal_tone(status: str) -> str:
    """Name the tone of an appeal's status."""
    return APPEAL_TONES.get(status, "idle")


@register.filter
def outcome_name(feature: str) -> str:
    """Name what brought an outcome about."""
    return str(wording.OUTCOMES.get(feature, feature))
