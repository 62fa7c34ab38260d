"""One batch of changes through the guard: prices, promotions, orders, then what became of prices it asked for."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Change
from merchant_protection.marketplace.services import changes as owed
from merchant_protection.notices.services import telling
from pricing_guard.queries import incidents, listings
from pricing_guard.services.incidents import reopening
from pricing_guard.services.watching import loading, orders, prices, promotions

FOR_ANOTHER_RELEASE = timedelta(seconds=30)
PRICES = ("price.changed", "listing.changed")
JUDGED = ("prices", "promotion.changed", "order.changed")


@transaction_required
def look(changes: Sequence[Change], *, at: datetime) -> None:
    """Judge everything that changed, shop by shop; every listing under the lock of its guard.

    A shop whose policy this release does not understand is left untouched for one that does.
    """
    by_shop: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        by_shop[change.merchant_id].append(change)
    for merchant_id, of_shop in sorted(by_shop.items()):
        try:
            loading.published(merchant_id)
        except loading.UnknownVersionError as error:
            _leave(merchant_id, of_shop, error, at=at)
            continue
        _look_at_shop(merchant_id, of_shop, at=at)


def _look_at_shop(merchant_id: int, changes: Sequence[Change], *, at: datetime) -> None:
    subjects: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        subjects["prices" if change.kind in PRICES else change.kind].add(change.subject_id)
    if sum(bool(subjects[kind]) for kind in JUDGED) > 1 or len(subjects["promotion.changed"]) > 1:
        _hold(merchant_id, subjects, at=at)
    if subjects["prices"]:
        prices.judge(merchant_id, subjects["prices"], at=at)
    if subjects["promotion.changed"]:
        promotions.judge(merchant_id, subjects["promotion.changed"], at=at)
    if subjects["order.changed"]:
        orders.judge(merchant_id, subjects["order.changed"], at=at)
    if subjects["set_price.ended"]:
        reopening.go_on(merchant_id, subjects["set_price.ended"], at=at)


def _hold(merchant_id: int, subjects: Mapping[str, Collection[int]], *, at: datetime) -> None:
    """Take the guards that the steps ask for one after the other in one order first.

    Or a batch that has the listings of one promotion waits for those of the next, which somebody else has who waits
    for the first.
    """
    promoted = {sku for row in listings.promotions(subjects["promotion.changed"]) for sku in row.skus}
    priced = {row.pk for row in listings.by_sku(merchant_id, promoted) if row.price is not None}
    ordered = incidents.listings_of(merchant_id, subjects["order.changed"])
    cheap = {line.listing_id or 0 for line in incidents.cheap_lines(merchant_id, subjects["order.changed"])}
    ids = {*subjects["prices"], *priced, *ordered, *cheap}
    prices.known(merchant_id, ids, at=at)
    listings.lock_guards(merchant_id, ids)


def _leave(merchant_id: int, changes: Sequence[Change], error: Exception, *, at: datetime) -> None:
    owed.give_back(changes, until=at + FOR_ANOTHER_RELEASE)
    telling.queue(
        merchant_id=merchant_id,
        kind="price.version_unknown",
        at=at,
        params={"what": str(error)},
        urgency="CRITICAL",
        dedupe_key=f"{error}-{at:%Y-%m-%d-%H}"[:160],
    )
