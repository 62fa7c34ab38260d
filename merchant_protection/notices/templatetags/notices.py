"""Notices in words."""

from django import template

from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import wording

register = template.Library()

LEVELS = {"CRITICAL": "HIGH", "NORMAL": "MEDIUM", "QUIET": "LOW"}


@register.filter
def words(notice: Notice) -> wording.Words:
    """Return a notice's title and text in the reader's language."""
    return wording.of_notice(notice)


@register.filter
def notice_level(urgency: str) -> str:
    """Name the level whose icon an urgency wears."""
    return LEVELS.get(urgency, "LOW")
