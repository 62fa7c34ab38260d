"""Listings in doubt: a feature says so in the transaction of its own decision, and takes it back itself."""

from collections.abc import Sequence
from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import DoubtedListing, Listing


@transaction_required
def doubt(*, listings: Sequence[tuple[Listing, int]], feature: str, at: datetime) -> None:
    """Let new orders on these listings be answered with hold; each comes with the number of what doubts it."""
    DoubtedListing.objects.bulk_create(
        [
            DoubtedListing(
                merchant_id=listing.merchant_id,
                listing=listing,
                sku=listing.sku,
                feature=feature,
                subject_id=subject_id,
                since=at,
            )
            for listing, subject_id in listings
        ],
        ignore_conflicts=True,
    )


@transaction_required
def believe(*, merchant_id: int, listing_id: int, feature: str) -> None:
    """Take a feature's doubt about a listing back; safe to repeat."""
    DoubtedListing.objects.filter(merchant_id=merchant_id, listing_id=listing_id, feature=feature).delete()
