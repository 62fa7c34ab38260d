"""Which listings of a shop have had the prices of another and besides one that matters."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db.models import Q

from pricing_guard.models import HadPrice
from pricing_guard.queries.listings import tidy
from pricing_guard.rules.alike import Question


def having(merchant_id: int, asked: Sequence[Question]) -> Iterator[tuple[str, Decimal]]:
    """Return pairs of listing and price, as far as the questions are about them: a price that matters, one shared."""
    for one in asked:
        matters = Q(price=one.price)
        for origins in one.origins:
            matters |= Q(price__gte=origins.low, price__lt=origins.high)
        shares = Q(listing__had__merchant_id=merchant_id, listing__had__price__in=one.shared)
        rows = HadPrice.objects.filter(matters, shares, merchant_id=merchant_id).exclude(listing__sku=one.sku)
        found = rows.values_list("listing__sku", "listing__currency", "price", "listing__had__price").distinct()
        for sku, currency, price, shared in found:
            yield sku, tidy(price, currency)
            yield sku, tidy(shared, currency)
