"""How policies and answers look and read."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext

from scalper_policies import wording
from scalper_policies.models import PolicyVersion

register = template.Library()


@register.filter
def version_tone(status: str) -> str:
    """Name the tone of a version's status."""
    return wording.STATUS_TONES.get(status, "idle")


@register.filter
def version_status(status: str) -> str:
    """Say where a version stands."""
    if status == "FAILED":
        return gettext("Could not answer")
    return str(PolicyVersion.Status(status).label) if status in PolicyVersion.Status.values else status


@register.filter
def verdict_tone(verdict: str) -> str:
    """Name the tone of an answer."""
    return wording.VERDICT_TONES.get(verdict, "idle")


@register.filter
def verdict_word(verdict: str) -> str:
    """Say an answer in a word."""
    return str(PolicyVersion.Answer(verdict).label) if verdict in PolicyVersion.Answer.values else verdict


@register.filter
def version_move(name: str) -> str:
    """Say what happened to a version."""
    return str(wording.MOVES.get(name, name))


@register.filter
def reason_text(said: Mapping[str, Any]) -> str:
    """Say why an order was not simply let pass."""
    return wording.reason(said)


@register.filter
def remedy_text(said: Mapping[str, Any]) -> str:
    """Say what would let the order pass."""
    return wording.remedy(said)


@register.filter
def in_short(terms: Mapping[str, Any]) -> list[str]:
    """Say what a policy does, in up to three sentences."""
    return wording.in_short(terms)


@register.filter
def run_tone(status: str) -> str:
    """Name the tone of a backtest's status."""
    return {"WAITING": "idle", "RUNNING": "review", "DONE": "good", "FAILED": "bad"}.get(status, "hollow")


@register.filter
def draw_tone(status: str) -> str:
    """Name the tone of a draw's status."""
    return {"COMMITTED": "sent", "CLOSED": "review", "REVEALED": "good"}.get(status, "hollow")


@register.filter
def dimension_word(code: str) -> str:
    """Name what an order was matched by."""
    return wording.dimension(code)


@register.filter
def named(words: Mapping[str, str], name: str) -> str:
    """Say a rule in words, or by its name where nobody knows it any more."""
    return words.get(name, name)
