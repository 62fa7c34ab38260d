"""Whose rows a reader sees."""

from django.db.models import Model, QuerySet

from merchant_protection.accounts.actor import Actor


def of_shops[M: Model](rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return the rows of the reader's shops; staff and the portal itself see every shop's."""
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=shops(actor))


def shops(actor: Actor) -> set[int]:
    """Return the shops a reader belongs to or asks for."""
    return {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
