"""The lists of a shop's complaints: what needs the merchant first."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from claims import lifecycle
from claims.models import Claim
from claims.queries import claims as queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy

SOON = timedelta(hours=24)
RECENT = ["-created_at", "-id"]
URGENT = ["answer_by", "desk_by", "-amount", "-id"]
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ACTION, OPEN, WAITING, SOON_DUE, DECIDED, CLOSED, ALL = (
    "action",
    "open",
    "evidence",
    "soon",
    "decided",
    "closed",
    "all",
)
NEEDS_MERCHANT = Q(status__in=[lifecycle.AWAITING_EVIDENCE, lifecycle.DRAFT])
IN_PROGRESS = Q(status__in=sorted(lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL))
VIEWS: dict[str, Callable[[datetime], Q]] = {
    ACTION: lambda _now: NEEDS_MERCHANT,
    OPEN: lambda _now: IN_PROGRESS,
    SOON_DUE: lambda now: IN_PROGRESS & Q(due_at__lt=now + SOON),
    WAITING: lambda _now: Q(status=lifecycle.AWAITING_EVIDENCE),
    DECIDED: lambda _now: Q(status__in=sorted(lifecycle.DECIDED)),
    CLOSED: lambda _now: Q(status__in=sorted(lifecycle.OVER | lifecycle.DECIDED)),
    ALL: lambda _now: Q(),
}
BY_URGENCY = {ACTION, OPEN, SOON_DUE, WAITING}


def of_view(claims: QuerySet[Claim], view: str, *, now: datetime) -> QuerySet[Claim]:
    """Return the complaints of a view."""
    return claims.filter(VIEWS[view](now))


def urgent_first(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Give the complaints the moments that URGENT orders by: the merchant's own deadline before the desk's."""
    return claims.annotate(
        answer_by=Coalesce("evidence_due_at", Value(NEVER)), desk_by=Coalesce("due_at", Value(NEVER))
    )


def search(claims: QuerySet[Claim], text: str) -> QuerySet[Claim]:
    """Return the complaints that a word means: the number of the complaint, or of the order, whole or begun."""
    word = text.strip()
    if not word:
        return claims
    digits = word.upper().removeprefix("CL").lstrip("0")
    by_number = Q(pk=int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 16 else Q(pk=None)
    return claims.filter(by_number | Q(order_number__istartswith=word))


def waiting_count(actor: Actor, merchant_id: int) -> int:
    """Return how many complaints wait for the shop's evidence, up to a hundred."""
    tenancy.require_scope()
    waiting = Claim.objects.filter(merchant_id=merchant_id, status=lifecycle.AWAITING_EVIDENCE)
    return waiting[:100].count()


def mine(actor: Actor) -> QuerySet[Claim]:
    """Return the complaints of the shop the actor works in."""
    return queries.visible_to(actor).filter(merchant_id=actor.merchant_id)
