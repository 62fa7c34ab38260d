"""Every read of the audit."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Q, QuerySet

from merchant_protection.audit import wording
from merchant_protection.audit.models import Checkpoint, Entry, Link
from merchant_protection.audit.rules import chain
from merchant_protection.foundation import tenancy

CHAIN_LOCK = 7_283_641
# No transaction stays open while so many entries are written by others: below, all is linked or was never committed.
SEARCHED_BACK = 100_000


@dataclass(frozen=True)
class Verdict:
    """What walking the chain found: how far it is whole, and the first place where it is not."""

    length: int
    unlinked: int
    first_bad: int | None = None
    fault: str = ""


def of_merchant(
    merchant_id: int, *, text: str = "", since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Entry]:
    """Return what was changed in a shop, by what was done or who did it, between two moments."""
    tenancy.require_scope()
    rows = Entry.objects.filter(merchant_id=merchant_id)
    if text:
        named = Q(action__icontains=text) | Q(action__in=wording.codes(text))
        rows = rows.filter(named | Q(actor_name__icontains=text) | Q(subject_id=text))
    if since:
        rows = rows.filter(at__gte=since)
    return rows.filter(at__lt=until) if until else rows


def everything() -> QuerySet[Entry]:
    """Return the whole audit, for staff who may see it."""
    tenancy.require_scope()
    return Entry.objects.all()


def lock_chain() -> None:
    """Let only one sweep add to the chain at a time, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def head() -> tuple[int, str]:
    """Return the last link's sequence and digest, or where the chain begins."""
    last = Link.objects.order_by("-sequence").first()
    return (last.sequence, last.digest) if last else (0, chain.BEGINNING)


def unlinked() -> QuerySet[Entry]:
    """Return the committed entries that are not in the chain yet."""
    tenancy.require_scope()
    reached = Link.objects.aggregate(last=Max("entry_id"))["last"] or 0
    return Entry.objects.filter(pk__gt=reached - SEARCHED_BACK, link=None).order_by("pk")


def content_of(entry: Entry) -> dict[str, Any]:
    """Return all that an entry says, as the chain covers it."""
    return {str(field.column): getattr(entry, field.attname) for field in Entry._meta.concrete_fields}


def verify(*, kept_elsewhere: Mapping[int, str] | None = None) -> Verdict:
    """Walk the chain and name the first link that is not as it was written.

    `kept_elsewhere` are checkpoints by sequence from outside the database, such as the log.
    """
    tenancy.require_scope()
    known = defaultdict[int, set[str]](set)
    for at, told in [*Checkpoint.objects.values_list("sequence", "digest"), *(kept_elsewhere or {}).items()]:
        known[at].add(told)
    waiting = unlinked().count()
    sequence, digest = 0, chain.BEGINNING
    for link in Link.objects.select_related("entry").order_by("sequence").iterator(chunk_size=2_000):
        if link.sequence != sequence + 1:
            return Verdict(sequence, waiting, sequence + 1, "the entry or its link is missing")
        sequence = link.sequence
        digest = chain.digest(previous=digest, sequence=sequence, row=content_of(link.entry))
        if digest != link.digest:
            return Verdict(sequence - 1, waiting, sequence, "the entry was changed")
        if known.pop(sequence, set()) - {digest}:
            return Verdict(sequence - 1, waiting, sequence, "the chain differs from its checkpoint")
    if known:
        return Verdict(sequence, waiting, sequence + 1, f"the chain is cut: a checkpoint stands at {max(known)}")
    return Verdict(sequence, waiting)


def checkpoints() -> QuerySet[Checkpoint]:
    """Return the chain's length and head at the moments they were noted."""
    return Checkpoint.objects.all()
