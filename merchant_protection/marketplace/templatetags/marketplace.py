"""How statuses of orders, lines and imports look."""

from typing import Any

from django import template

from merchant_protection.marketplace import wording
from merchant_protection.marketplace.models import OrderLine

register = template.Library()

ORDER_TONES = {
    "PLACED": "sent",
    "PAID": "sent",
    "SHIPPED": "review",
    "DELIVERED": "good",
    "CANCELLED": "hollow",
    "EXPIRED": "hollow",
    "REFUNDED": "need",
}
ORDER_ICONS = {
    "PLACED": "receipt",
    "PAID": "cash",
    "SHIPPED": "truck",
    "DELIVERED": "check",
    "CANCELLED": "x",
    "EXPIRED": "clock-off",
    "REFUNDED": "receipt-refund",
}
IMPORT_TONES = {"WAITING": "idle", "RUNNING": "review", "DONE": "good", "FAILED": "bad", "CANCELLED": "hollow"}


ACTION_TONES = {
    "AUTHORISED": "sent",
    "NEEDS_REVIEW": "need",
    "UNKNOWN": "need",
    "CONFIRMED": "good",
    "FAILED": "bad",
}
ACTION_ICONS = {"NEEDS_REVIEW": "hand-stop", "CONFIRMED": "check", "FAILED": "alert-triangle", "AUTHORISED": "send"}


@register.filter
def action_tone(status: str) -> str:
    """Name the tone of a platform action's status."""
    return ACTION_TONES.get(status, "hollow")


@register.filter
def action_icon(status: str) -> str:
    """Name the icon of a step in an action's history."""
    return ACTION_ICONS.get(status, "point")


@register.filter
def event_outcome(outcome: str) -> str:
    """Say what became of a received event."""
    return wording.event_outcome(outcome)


@register.filter
def action_verb(verb: str) -> str:
    """Say what the platform is asked to do."""
    return wording.action_verb(verb)


@register.filter
def state_in_words(value: Any, aspect: str) -> str:
    """Say what an aspect of a thing is, or is to be."""
    return wording.state(aspect, value)


@register.filter
def who_acted(name: str) -> str:
    """Name who acted, a clock by what it does."""
    return wording.who(name)


@register.filter
def action_move(move: str) -> str:
    """Name a move in an action's life."""
    return wording.action_move(move)


@register.filter
def order_tone(status: str) -> str:
    """Name the tone of an order's status."""
    return ORDER_TONES.get(status, "idle")


@register.filter
def order_icon(status: str) -> str:
    """Name the icon of a step in an order's history."""
    return ORDER_ICONS.get(status, "point")


@register.filter
def import_tone(status: str) -> str:
    """Name the tone of an import's status."""
    return IMPORT_TONES.get(status, "idle")


@register.filter
def event_tone(status: str) -> str:
    """Name the tone of a received event's status."""
    return {"PENDING": "review", "DECIDED": "good", "PARKED": "bad"}.get(status, "idle")


@register.filter
def line_flag(flag: str) -> str:
    """Say what is particular about an order line."""
    return str(OrderLine.Flag(flag).label) if flag in OrderLine.Flag.values else flag
