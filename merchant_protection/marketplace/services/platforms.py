"""The selling platforms we stand beside."""

from datetime import datetime

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import Platform


@transaction
def connect(*, actor: Actor, code: str, name: str, base_url: str, secret: str, at: datetime) -> Platform:
    """Stand beside a selling platform, or tell where it now takes its actions and with which secret they are signed."""
    require(policies.can_connect_platforms(actor))
    platform, created = Platform.objects.get_or_create(code=code, defaults={"name": name})
    has_moved = platform.base_url != base_url
    is_resigned = not platform.secret_sealed or crypto.unseal(platform.secret_sealed) != secret
    if not (created or has_moved or is_resigned):
        return platform
    before, platform.base_url, platform.secret_sealed = platform.base_url, base_url, crypto.seal(secret)
    platform.save(update_fields=["base_url", "secret_sealed"])
    audit.record(
        actor=actor,
        action="platform.connected",
        at=at,
        subject_kind="platform",
        subject_id=platform.code,
        before={"base_url": before},
        after={"base_url": base_url, "secret_changed": is_resigned},
    )
    return platform
