"""Writing down who changed what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.transactions import transaction_required


class Who(Protocol):
    """What the audit needs to know of an actor (accounts stand above, so they cannot be named here)."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def request_id(self) -> str: ...


@transaction_required
def record(
    *,
    actor: Who,
    action: str,
    at: datetime,
    merchant_id: int | None = None,
    subject_kind: str = "",
    subject_id: object = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Entry:
    """Write one line of the audit in the transaction of the change itself."""
    return Entry.objects.create(
        at=at,
        merchant_id=merchant_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id)[:100],
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        origin=actor.origin[:60],
        request_id=actor.request_id,
    )
