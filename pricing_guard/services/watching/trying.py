"""What the guard would say of a price before anybody sets it."""

import copy
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from merchant_protection.foundation.errors import Conflict
from merchant_protection.marketplace.models import Listing
from pricing_guard.queries import listings as queries
from pricing_guard.rules import replay
from pricing_guard.rules.findings import Finding
from pricing_guard.services.watching import loading


def objections(listing: Listing, *, price: Decimal, at: datetime) -> list[Finding]:
    """Return what the guard has against a price of a listing under today's promotions and windows; none is learnt."""
    row = copy.copy(listing)
    row.price = queries.tidy(price, row.currency)
    guards = queries.guards(row.merchant_id, [row.pk])
    try:
        held = loading.hold(row.merchant_id, [row], guards, at=at)
    except loading.UnknownVersionError as error:
        raise Conflict(_("A policy of this shop is not understood by this release. Try again later.")) from error
    event = replay.PriceSet(
        sku=row.sku,
        at=at,
        price=row.price,
        currency=row.currency,
        category=row.category,
        list_price=row.list_price,
        cost=row.cost,
    )
    return list(replay.step(held.published.policy, held.shop, event)[0].judgement.findings)
