"""What holds for one listing, threshold by threshold, with the policy each comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from merchant_protection.marketplace.models import Listing
from pricing_guard.models import ListingGuard
from pricing_guard.rules import thresholds
from pricing_guard.services.watching import loading

NAMES = tuple(name for name in thresholds.Thresholds.__dataclass_fields__ if name != "currency")
OWN_FLOOR, POLICY, BASELINE = "OWN_FLOOR", "POLICY", "BASELINE"


@dataclass(frozen=True)
class Held:
    """One threshold that is set for a listing, and by what."""

    name: str
    value: object
    set_by: str
    policy_id: int | None = None
    policy: str = ""


@dataclass(frozen=True)
class Holding:
    """Every threshold set for a listing, the policy that leads, those left nothing to say, those that only watch."""

    thresholds: tuple[Held, ...]
    policy_id: int | None
    policy: str
    scope: str
    mode: str
    passed_over: tuple[str, ...]
    watching: tuple[str, ...]


def of(listing: Listing, guard: ListingGuard | None) -> Holding:
    """Return what holds for a listing; a floor of its own goes before every policy's."""
    published = loading.published(listing.merchant_id)
    where = {"sku": listing.sku, "category": listing.category}
    found = published.policy.holding(**where)
    number = found.leading.policy_id if found.leading else loading.BASELINE_ID
    is_own = number != loading.BASELINE_ID
    return Holding(
        thresholds=tuple(_each(found, guard.floor_price if guard else None)),
        policy_id=number if is_own else None,
        policy=found.leading.name if found.leading and is_own else "",
        scope=found.leading.scope.kind.name if found.leading else thresholds.ScopeKind.PLATFORM.name,
        mode=published.modes[number],
        passed_over=tuple(one.name for one in found.passed_over if one.policy_id != loading.BASELINE_ID),
        watching=tuple(one.name for one, _ in published.policy.watching(**where)),
    )


def _each(found: thresholds.Resolved, own: Decimal | None) -> Iterator[Held]:
    for name in NAMES:
        source = found.sources.get(name)
        if name == "floor_price" and own is not None:
            yield Held(name, own, OWN_FLOOR)
        elif source is not None and source.policy_id == loading.BASELINE_ID:
            yield Held(name, getattr(found.thresholds, name), BASELINE)
        elif source is not None:
            yield Held(name, getattr(found.thresholds, name), POLICY, source.policy_id, source.name)
