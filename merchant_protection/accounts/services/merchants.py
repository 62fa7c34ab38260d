"""Shops: taken in, and their settings."""

import zoneinfo
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction

EDITABLE = ("name", "category", "time_zone", "language", "contact_email", "contact_phone")


@transaction
def open_shop(
    *,
    actor: Actor,
    code: str,
    name: str,
    at: datetime,
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    language: str = "zh-hans",
    category: str = "",
) -> Merchant:
    """Take a shop in; one that is known by this number already is returned as it is."""
    require(policies.can_open_shops(actor))
    fields = {"name": name, "time_zone": time_zone, "language": language}
    _check(fields)
    merchant, created = Merchant.objects.get_or_create(
        code=code, defaults={**fields, "currency": currency, "category": category}
    )
    if created:
        audit.record(
            actor=actor, action="shop.opened", at=at, merchant_id=merchant.pk, subject_kind="shop", subject_id=code
        )
    return merchant


@transaction
def update(*, actor: Actor, merchant_id: int, version: int, at: datetime, **fields: Any) -> Merchant:
    """Change a shop's settings as they were seen at `version`; refuse when somebody changed them since."""
    merchant = queries.lock_merchant(merchant_id)
    require(policies.can_edit_shop(actor, merchant_id))
    fields = {name: value for name, value in fields.items() if name in EDITABLE}
    _check(fields)
    if merchant.version != version:
        raise Conflict(_("Somebody else changed these settings meanwhile."))
    before = {name: getattr(merchant, name) for name in fields}
    changed = {name: value for name, value in fields.items() if before[name] != value}
    if not changed:
        return merchant
    for name, value in changed.items():
        setattr(merchant, name, value)
    merchant.version += 1
    merchant.save(update_fields=[*changed, "version"])
    audit.record(
        actor=actor,
        action="shop.changed",
        at=at,
        merchant_id=merchant_id,
        subject_kind="shop",
        subject_id=merchant.code,
        before={name: before[name] for name in changed},
        after=changed,
    )
    return merchant


def _check(fields: dict[str, Any]) -> None:
    faults: dict[str, list[str]] = {}
    if "name" in fields and not fields["name"].strip():
        faults["name"] = [_("Enter the shop's name.")]
    if "time_zone" in fields and fields["time_zone"] not in zoneinfo.available_timezones():
        faults["time_zone"] = [_("Choose a time zone, such as Asia/Shanghai.")]
    if "language" in fields and fields["language"] not in dict(settings.LANGUAGES):
        faults["language"] = [_("Choose a language.")]
    if fields.get("contact_email"):
        try:
            validate_email(fields["contact_email"])
        except ValidationError:
            faults["contact_email"] = [_("Enter an e-mail address, such as li@example.com.")]
    if faults:
        raise Invalid(fields=faults)
