"""The activity log in the reader's language."""

from django import template

from merchant_protection.audit import wording

register = template.Library()


@register.filter
def audit_action(code: str) -> str:
    """Say what was done."""
    return wording.action(code)


@register.filter
def audit_subject(kind: str) -> str:
    """Say what kind of thing it was done to."""
    return wording.subject(kind)
