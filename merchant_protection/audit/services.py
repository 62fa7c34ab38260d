"""Writing down who changed what."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from merchant_protection.audit import queries
from merchant_protection.audit.models import Checkpoint, Entry, Link
from merchant_protection.audit.rules import chain
from merchant_protection.foundation.transactions import transaction, transaction_required

logger = logging.getLogger(__name__)
LINKED_AT_ONCE = 2_000


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


@transaction
def link_committed(*, now: datetime) -> int:
    """Chain the entries that were committed since the last time; return how many.

    Entries are written unchained, since a chain in their own transactions would
    make them wait for each other; here they get their order. The head of the
    chain also goes to the log, where who can change the database cannot reach it.
    """
    queries.lock_chain()
    sequence, digest = queries.head()
    links = []
    for entry in queries.unlinked()[:LINKED_AT_ONCE]:
        sequence += 1
        digest = chain.digest(previous=digest, sequence=sequence, row=queries.content_of(entry))
        links.append(Link(entry=entry, sequence=sequence, digest=digest, linked_at=now))
    if links:
        Link.objects.bulk_create(links)
        Checkpoint.objects.create(sequence=sequence, digest=digest, at=now)
        logger.info("audit checkpoint %s:%s", sequence, digest)
    return len(links)
