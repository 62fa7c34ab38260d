"""Every read of remedies and of the ledger of exempted orders."""

from datetime import datetime

from django.db.models import QuerySet

from claims.models import Claim, Exemption, Remedy, RemedyKind
from merchant_protection.foundation import tenancy

GONE = (Remedy.Status.RESTORING, Remedy.Status.RESTORED)


def standing_of(claim: Claim) -> QuerySet[Remedy]:
    """Return what a complaint has brought and nobody has taken back, locked."""
    mine = Remedy.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk).exclude(status__in=GONE)
    return mine.select_related("claim").select_for_update(of=("self",)).order_by("pk")


def due(now: datetime) -> QuerySet[Remedy]:
    """Return the remedies that somebody should look at."""
    tenancy.require_scope()
    return Remedy.objects.filter(due_at__lte=now).order_by("due_at", "pk")


def lock(remedy_id: int) -> Remedy | None:
    """Return a remedy, locked, unless somebody else is at it just now."""
    mine = Remedy.objects.select_for_update(of=("self",), skip_locked=True)
    return mine.select_related("claim", "decision", "action", "undo_action").filter(pk=remedy_id).first()


def exempted_orders(merchant_id: int) -> QuerySet[Exemption]:
    """Return the ledger of a shop's exempted orders, newest first."""
    return Exemption.objects.filter(merchant_id=merchant_id).select_related("order", "claim").order_by("-pk")


def possible(claim: Claim) -> list[str]:
    """Return what a decision for the merchant could bring: what there is something to act on for."""
    there = {
        RemedyKind.STOP_REFUND: claim.after_sale_id,
        RemedyKind.HIDE_REVIEW: claim.review_ref,
        RemedyKind.EXEMPT_ORDER: claim.order_id,
        RemedyKind.RESTRICT_BUYER: claim.buyer_id,
        RemedyKind.COMPENSATION: True,
        RemedyKind.REPORT_TO_AUTHORITY: True,
    }
    return [str(kind) for kind, ref in there.items() if ref]
