"""Every read of complaints, their lines and their history."""

from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet, TextField, Value

from claims import lifecycle
from claims.models import Appeal, Claim, ClaimLine, ClaimMove, Decision, Message, QueueReason, Remedy
from claims.queries import quality
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound

MINE_FIRST = ["due_at", "-amount", "id"]


def visible_to(actor: Actor) -> QuerySet[Claim]:
    """Return the complaints of the actor's shops; the system sees all, and staff all that was not kept from them.

    A reviewer who may still be asked for a blind second look at a decision does not see it before.
    """
    tenancy.require_scope()
    claims = Claim.objects.select_related("kind", "order", "buyer")
    if actor.is_system:
        return claims
    if actor.is_staff:
        return claims.exclude(pk__in=quality.untold(actor).order_by().values("pk"))
    shops = {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
    return claims.filter(merchant_id__in=shops)


def lock(claim_id: int) -> Claim:
    """Return the complaint, locked; a stranger's is not found."""
    tenancy.require_scope()
    claim = Claim.objects.select_for_update(of=("self",)).select_related("kind").filter(pk=claim_id).first()
    if claim is None:
        raise NotFound
    return claim


def standing(*, merchant_id: int, order_id: int, kind_code: str) -> Claim | None:
    """Return the complaint of this kind about this order that stands, locked, if there is one."""
    same = Claim.objects.filter(merchant_id=merchant_id, order_id=order_id, kind_code=kind_code)
    return same.exclude(status__in=[lifecycle.WITHDRAWN, lifecycle.EXPIRED]).select_for_update().first()


def lock_filing_of(order_id: int) -> None:
    """Let filings about one order come one after the other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('claims.filing'), %s::int)", [order_id % 2**31])


def lines_of(claim: Claim) -> QuerySet[ClaimLine]:
    """Return the lines a complaint is about, in their order."""
    return ClaimLine.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk).order_by("ordinal")


def history_of(claim: Claim) -> QuerySet[ClaimMove]:
    """Return what became of a complaint, oldest first."""
    return ClaimMove.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk).order_by("pk")


def decisions_of(claim: Claim) -> QuerySet[Decision]:
    """Return what was decided, newest first; proposals too."""
    return (
        Decision.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk)
        .prefetch_related("lines")
        .order_by("-pk")
    )


def decision_in_force(claim: Claim) -> Decision | None:
    """Return the decision that stands now."""
    return decisions_of(claim).exclude(stage=Decision.Stage.PROPOSAL).first()


def proposal(claim: Claim) -> Decision | None:
    """Return what the first of two people proposed last."""
    return decisions_of(claim).filter(stage=Decision.Stage.PROPOSAL).first()


def messages_of(claim: Claim) -> QuerySet[Message]:
    """Return what merchant and desk wrote to each other, oldest first."""
    return Message.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk).order_by("pk")


def messages_with_files(claim: Claim) -> QuerySet[Message]:
    """Return what merchant and desk wrote to each other, with the files that went with it."""
    return messages_of(claim).prefetch_related("attachments__file")


def appeals_of(claim: Claim) -> QuerySet[Appeal]:
    """Return the appeals on a complaint, oldest first."""
    return (
        Appeal.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk)
        .select_related("decision", "answer")
        .order_by("pk")
    )


def open_appeal(claim: Claim) -> Appeal | None:
    """Return the appeal that waits for an answer."""
    return appeals_of(claim).filter(answered_at__isnull=True).first()


def reasons_of(claim: Claim) -> QuerySet[QueueReason]:
    """Return why a case lies in its queue."""
    return QueueReason.objects.filter(
        merchant_id=claim.merchant_id, claim_id=claim.pk, closed_at__isnull=True
    ).order_by("pk")


def remedies_of(claim: Claim) -> QuerySet[Remedy]:
    """Return what decisions brought, oldest first."""
    return Remedy.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk).order_by("pk")


def evidence_overdue(now: datetime) -> QuerySet[Claim]:
    """Return the complaints whose evidence was due and never came."""
    tenancy.require_scope()
    waiting = Claim.objects.filter(status=lifecycle.AWAITING_EVIDENCE, evidence_due_at__lte=now)
    return waiting.order_by("evidence_due_at", "pk")


def past_appeal(now: datetime) -> QuerySet[Claim]:
    """Return the decided complaints that nobody can appeal against any more."""
    tenancy.require_scope()
    return Claim.objects.filter(status__in=sorted(lifecycle.DECIDED), appeal_until__lt=now).order_by("appeal_until")


def names_another_shop(words: str, *, merchant_id: int) -> bool:
    """Say whether some words name a shop other than this one; asked in the platform's scope."""
    if not words.strip():
        return False
    others = Merchant.objects.exclude(pk=merchant_id).annotate(words=Value(words, TextField()))
    return others.filter(words__contains=F("name")).exclude(name="").exists()


def last_editor(claim: Claim) -> str:
    """Return who filed a complaint or changed it last, as far as that is known."""
    return claim.filed_by_name
