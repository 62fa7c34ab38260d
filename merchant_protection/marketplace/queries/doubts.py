"""Every read of listings in doubt: orders on them are to be held, whoever asks."""

from collections.abc import Collection

from merchant_protection.marketplace.models import DoubtedListing
from merchant_protection.marketplace.queries import actions


def held_among(merchant_id: int, skus: Collection[str]) -> set[str]:
    """Return which of these listings take no orders just now: a feature doubts them, or the shop holds them."""
    if not skus:
        return set()
    rows = DoubtedListing.objects.filter(merchant_id=merchant_id, sku__in=list(skus))
    return set(rows.values_list("sku", flat=True)) | (actions.held_skus(merchant_id) & set(skus))
