"""The activity log in the reader's language."""

from typing import Any

from django import template

from merchant_protection.audit import wording
from merchant_protection.audit.wording import particulars

register = template.Library()


@register.filter
def audit_action(code: str) -> str:
    """Say what was done."""
    return wording.action(code)


@register.filter
def audit_subject(kind: str) -> str:
    """Say what kind of thing it was done to."""
    return wording.subject(kind)


@register.simple_tag
def audit_line(key: str, said: Any) -> str:
    """Say a particular and its value in one short line."""
    return particulars.line(key, said)
