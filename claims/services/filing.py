"""A merchant files: draft, then submit."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from claims import policies
from claims.models import Claim, ClaimLine
from claims.queries import claims as queries
from claims.queries import kinds
from claims.services import entering
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.queries import orders


@transaction
def draft(
    *, merchant_id: int, kind_code: str, order_id: int, actor: Actor, at: datetime, amount: Decimal, story: str = ""
) -> Claim:
    """Begin a complaint about an order; the same order and kind again is the same complaint."""
    require(policies.can_file(actor, merchant_id))
    kind = kinds.current_of(kind_code)
    if kind is None:
        raise Invalid(fields={"kind": [_("There is no such kind of complaint.")]})
    order = orders.visible_to(actor).filter(merchant_id=merchant_id, pk=order_id).first()
    if order is None:
        raise NotFound
    known = queries.standing(merchant_id=merchant_id, order_id=order.pk, kind_code=kind.code)
    if known is not None:
        return known
    claim = Claim.objects.create(
        merchant_id=merchant_id,
        kind=kind,
        kind_code=kind.code,
        order=order,
        order_number=order.number,
        buyer=order.buyer,
        buyer_key=order.buyer.key if order.buyer else "",
        currency=order.currency,
        amount=amount,
        story=story,
        filed_by_id=actor.id,
        filed_by_name=actor.name[:200],
        created_at=at,
        updated_at=at,
    )
    ClaimLine.objects.bulk_create(
        [
            ClaimLine(
                merchant_id=merchant_id,
                claim=claim,
                ordinal=line.ordinal,
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                amount=max(line.paid, Decimal(0)),
            )
            for line in orders.lines_of(order)
        ]
    )
    return claim


@transaction
def submit(*, claim_id: int, actor: Actor, at: datetime) -> Claim:
    """Hand the draft to the desk."""
    claim = queries.lock(claim_id)
    require(policies.can_file(actor, claim.merchant_id))
    entering.submit(claim, actor=actor, at=at)
    return claim
