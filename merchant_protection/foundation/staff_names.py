"""Headings of the staff pages for columns whose model gives them none: the same few stand in many tables."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Promise] = {
    "accepted_at": _("accepted"),
    "actor_name": _("who"),
    "added_at": _("added"),
    "at": _("at"),
    "attempts": _("tries"),
    "course": _("course"),
    "created_at": _("created"),
    "created_by": _("made by"),
    "desired_generation": _("number of the wanted state"),
    "digest": _("fingerprint"),
    "due_at": _("next due"),
    "endpoint": _("webhook"),
    "from_status": _("status before"),
    "invited_by": _("invited by"),
    "is_active": _("active"),
    "key": _("counted for"),
    "last_error": _("last error"),
    "merchant": _("shop"),
    "message": _("message"),
    "move": _("step"),
    "note": _("note"),
    "object_version": _("version of the thing"),
    "order": _("order"),
    "params": _("particulars"),
    "path": _("leads to"),
    "platform": _("selling platform"),
    "price_version": _("version of the price"),
    "raise_asked_at": _("raise asked for"),
    "recorded_at": _("recorded"),
    "request_id": _("request"),
    "restriction": _("restriction"),
    "resume_asked_at": _("resuming asked for"),
    "revoked_at": _("revoked"),
    "rule": _("rule"),
    "rule_version": _("version of the rule"),
    "schema": _("version of the form"),
    "scope": _("extent"),
    "sequence": _("place in the chain"),
    "skus": _("SKUs"),
    "status": _("status"),
    "subject_id": _("number of the thing"),
    "user": _("person"),
    "version": _("version"),
}


def name_columns(model: Any) -> None:
    """Give headings to a model's columns that have none of their own.

    What a migration would write down stays as it is: it looks at the model's own words only.
    """
    for field in model._meta.get_fields():
        if getattr(field, "_verbose_name", "") is None and field.name in NAMES:
            field.verbose_name = NAMES[field.name]
