"""Words of the desk in templates."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language

from claims import wording
from claims.models import EvidenceType
from merchant_protection.files import wording as file_wording

register = template.Library()
FILE_ICONS = {
    "IMAGE": "photo",
    "PDF": "file-type-pdf",
    "VIDEO": "video",
    "AUDIO": "music",
    "TEXT": "file-text",
}


@register.filter
def named(thing: Any, field: str = "name") -> str:
    """Return the name of a kind or a ground in the reader's language."""
    code = "zh" if (get_language() or "zh").startswith("zh") else "en"
    if isinstance(thing, Mapping):
        return str(thing.get(f"{field}_{code}", ""))
    return str(getattr(thing, f"{field}_{code}", ""))


@register.filter
def claim_tone(status: str) -> str:
    """Return the colour of a status's dot."""
    return wording.TONES.get(status, "idle")


@register.filter
def evidence_type(code: str) -> str:
    """Return what a type of evidence is called."""
    return str(dict(EvidenceType.choices).get(code, code))


@register.filter
def evidence_example(code: str) -> str:
    """Return what a good piece of such evidence looks like."""
    return str(wording.EXAMPLES.get(code, ""))


@register.filter
def file_icon(kind: str) -> str:
    """Return the icon of a kind of file."""
    return FILE_ICONS.get(kind, "file")


@register.filter
def file_reason(code: str) -> str:
    """Say why a file was not taken."""
    return file_wording.reason(code)
