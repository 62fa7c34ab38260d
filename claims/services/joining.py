"""A complaint tells of further orders of the same buyer."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from claims.models import Claim, JoinedOrder
from claims.queries import filing as queries
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction_required

MOST = 20


@transaction_required
def join(claim: Claim, order_ids: Collection[int]) -> None:
    """Let a locked draft tell of these further orders and no others; each is of the same shop and buyer."""
    wanted = set(order_ids) - {claim.order_id}
    if len(wanted) > MOST:
        raise Invalid(fields={"joined": [_("At most %(most)d further orders.") % {"most": MOST}]})
    found = set(queries.orders_of_buyer(claim).filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - found:
        raise Invalid(fields={"joined": [_("Choose orders of the same buyer in your shop.")]})
    rows = queries.joined_to(claim)
    there = set(rows.values_list("order_id", flat=True))
    rows.exclude(order_id__in=wanted).delete()
    JoinedOrder.objects.bulk_create(
        JoinedOrder(merchant_id=claim.merchant_id, claim=claim, order_id=order_id)
        for order_id in sorted(wanted - there)
    )
