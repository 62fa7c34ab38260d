"""What the rules need to judge some listings of a shop, read from rows in a handful of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from merchant_protection.marketplace.models import Listing
from pricing_guard.models import GuardPolicy, ListingGuard, PolicyVersion
from pricing_guard.queries import alike, asking, policies
from pricing_guard.queries import listings as queries
from pricing_guard.rules import alike as rules
from pricing_guard.rules import ladder, replay, shop_policy, stored, thresholds
from pricing_guard.rules.facts import Facts, Suspension

BASELINE_ID = 0
KNOWN_SHOPS = 256


class UnknownVersionError(ValueError):
    """A policy of a shop says something that this release does not know."""


@dataclass(frozen=True)
class Published:
    """Every policy of a shop that holds now, as the rules know them, with the number of each live version."""

    policy: shop_policy.Policy
    numbers: dict[int, int]
    modes: dict[int, str]
    stamp: int


@dataclass
class Held:
    """Some listings of a shop as the rules see them, beside their rows."""

    merchant_id: int
    published: Published
    shop: replay.Shop
    listings: dict[str, Listing]
    guards: dict[str, ListingGuard]
    known_prices: dict[str, frozenset[Decimal]] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """A listing with what the guard thought of it, by which policies, and who set the price."""

    listing: Listing
    outcome: replay.Outcome
    resolved: thresholds.Resolved
    by: str = ""
    cause: str = ""


def hold(merchant_id: int, rows: Sequence[Listing], guards: dict[int, ListingGuard], *, at: datetime) -> Held:
    """Return listings with everything around them, as the rules take it."""
    skus = [row.sku for row in rows]
    quiet = policies.suspensions_of(merchant_id, [row.pk for row in rows], at=at)
    held = Held(
        merchant_id=merchant_id,
        published=published(merchant_id),
        shop=replay.Shop(
            promotions={one.code: (None, one) for one in queries.promotions_on(merchant_id, skus, at=at)},
            windows=list(policies.open_windows(merchant_id, at=at)),
            users_of_price=queries.uses_of(merchant_id, {row.price for row in rows if row.price is not None}),
        ),
        listings={row.sku: row for row in rows},
        guards={row.sku: guards[row.pk] for row in rows if row.pk in guards},
    )
    for row in rows:
        if row.sku in held.guards:
            _remember(held, row, quiet.get(row.pk, ()))
    asked = {row.sku: row.price for row in rows if row.price is not None and row.sku in held.guards}
    _ask_of_alike(held, asked, at=at)
    return held


def hold_seen(seen: asking.Seen, row: Listing, *, price: Decimal, at: datetime) -> Held:
    """Return one listing with everything around it, read already in one question, to be asked about a price.

    Only a price far from all that is believed takes a second question.
    """
    guard = seen.guard_row()
    promotions = [queries.promotion_in(one) for one in seen.promotions or ()]
    held = Held(
        merchant_id=seen.shop,
        published=_published(seen.shop, seen.stamp),
        shop=replay.Shop(
            promotions={one.code: (None, one) for one in promotions},
            windows=[policies.window_in(one) for one in seen.windows or ()],
            users_of_price=dict(seen.uses or ()),
        ),
        listings={row.sku: row},
        guards={row.sku: guard} if guard else {},
    )
    if guard:
        _remember(held, row, seen.quiet(row.sku))
        _ask_of_alike(held, {row.sku: price}, at=at)
    return held


def _ask_of_alike(held: Held, prices: Mapping[str, Decimal], *, at: datetime) -> None:
    """Read what listings like these have had, where a price lies so far off that the rules ask for it."""
    asked = []
    for sku, price in prices.items():
        one = held.shop.listings[sku]
        for told in {one.facts.price, queries.tidy(price, one.facts.currency)}:
            asked += [found] if (found := rules.question(replace(one.facts, price=told), one.memory, at=at)) else []
    if not asked:
        return
    for sku, price in alike.having(held.merchant_id, asked):
        held.shop.had.setdefault(price, set()).add(sku)
    for sku, one in held.shop.listings.items():
        for price in one.memory.familiar:
            held.shop.had.setdefault(price, set()).add(sku)


def _remember(held: Held, row: Listing, quiet: tuple[Suspension, ...]) -> None:
    """Put what is remembered of a listing before the rules."""
    guard = held.guards[row.sku]
    memory = stored.memory_in(guard.memory, currency=row.currency)
    facts = Facts(
        sku=row.sku,
        price=Decimal(0) if guard.price is None else queries.tidy(guard.price, row.currency),
        currency=row.currency,
        category=row.category,
        list_price=row.list_price,
        cost=row.cost,
        suspensions=quiet,
        floor_price=guard.floor_price,
    )
    held.shop.listings[row.sku] = replay.Listing(facts=facts, memory=memory)
    held.known_prices[row.sku] = frozenset(memory.familiar)


def published(merchant_id: int) -> Published:
    """Return the policies that hold in a shop, the platform's baseline always among them."""
    return _published(merchant_id, policies.stamp_of(merchant_id))


@lru_cache(maxsize=KNOWN_SHOPS)
def _published(merchant_id: int, stamp: int) -> Published:
    """A stamp names one state of a shop's policies, so what was read under it stays true."""
    scoped = [baseline()]
    responses = {BASELINE_ID: ladder.BASELINE_RESPONSE}
    numbers, modes = {}, {BASELINE_ID: ladder.Mode.AUTO.value}
    for row, version in policies.live_in(merchant_id):
        try:
            scoped.append(scoped_of(row, version))
            responses[row.pk] = response_of(row, version)
        except (ValueError, KeyError) as error:
            raise UnknownVersionError(f"policy {row.pk} version {version.number}") from error
        numbers[row.pk], modes[row.pk] = version.number, row.mode
    return Published(shop_policy.Policy(tuple(scoped), responses), numbers, modes, stamp)


def baseline() -> thresholds.ScopedThresholds:
    """Return what covers every shop from its first day: zero prices and moved points, alert only."""
    return thresholds.ScopedThresholds(
        BASELINE_ID,
        "",
        thresholds.Scope(thresholds.ScopeKind.PLATFORM),
        thresholds.BASELINE,
        stored.EPOCH,
    )


def scoped_of(row: GuardPolicy, version: PolicyVersion) -> thresholds.ScopedThresholds:
    """Return one version of a policy with where it holds."""
    scope = thresholds.Scope(thresholds.ScopeKind[row.scope], frozenset(version.categories), frozenset(version.skus))
    at = row.published_at or version.saved_at
    return thresholds.ScopedThresholds(row.pk, row.name, scope, stored.thresholds_in(version.thresholds), at)


def response_of(row: GuardPolicy, version: PolicyVersion) -> ladder.Response:
    """Return what a policy does about findings: learned checks ask first until they have proved themselves."""
    mode = ladder.Mode(row.mode)
    is_proven = mode != ladder.Mode.AUTO or row.statistics_proven_at is not None
    return ladder.Response(
        mode=mode,
        ladder=stored.ladder_in(version.ladder),
        grace_minutes=version.grace_minutes,
        learned=None if is_proven else ladder.Mode.APPROVE,
    )
