"""Security events of a person's account, written down as they happen."""

from datetime import datetime
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.transactions import transaction


@transaction
def note(*, actor: Actor, action: str, user_id: int, at: datetime, after: dict[str, Any] | None = None) -> None:
    """Write one security event of an account into the audit."""
    audit.record(actor=actor, action=action, at=at, subject_kind="user", subject_id=user_id, after=after)
