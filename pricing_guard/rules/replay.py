"""The guard itself: one event after another, live or from the past.

`step` is the live check; `replay` is `step` over a list. There is no second
copy of the logic, so a backtest cannot answer differently from the live guard.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from pricing_guard.rules import alike, ladder, orders, prices
from pricing_guard.rules.facts import Facts, Promotion, Suspension, Window
from pricing_guard.rules.findings import Check, Judgement, Reference, judge
from pricing_guard.rules.memory import Memory, learn
from pricing_guard.rules.orders import Sold
from pricing_guard.rules.shop_policy import Policy, with_own_floor
from pricing_guard.rules.thresholds import Resolved, Scope, ScopedThresholds, ScopeKind, Thresholds


@dataclass(frozen=True)
class PriceSet:
    """The marketplace says a listing now asks this price; the version decides, not the arrival."""

    sku: str
    at: datetime
    price: Decimal
    currency: str
    version: int | None = None
    category: str = ""
    list_price: Decimal | None = None
    cost: Decimal | None = None


@dataclass(frozen=True)
class PromotionSet:
    """The marketplace says what a promotion now is; `listed` skus are looked at again."""

    promotion: Promotion
    at: datetime
    version: int | None = None


@dataclass(frozen=True)
class Ordered:
    """A line of an order on a listing."""

    sku: str
    at: datetime
    sold: Sold


@dataclass(frozen=True)
class Settled:
    """An order on a listing was settled, held or called off: it is at stake no longer."""

    sku: str
    at: datetime
    order: str


@dataclass(frozen=True)
class Answered:
    """A person said of a price that it is meant, or that it is wrong."""

    sku: str
    at: datetime
    price: Decimal
    meant: bool
    checks: frozenset[Check] = frozenset()
    until: datetime | None = None


@dataclass(frozen=True)
class WindowSet:
    """A window of meant prices was approved."""

    window: Window
    at: datetime


@dataclass(frozen=True)
class ClockStruck:
    """Time passed: promotions start and end without an event, so one listing is looked at again."""

    sku: str
    at: datetime


Event = PriceSet | PromotionSet | Ordered | Settled | Answered | WindowSet | ClockStruck


@dataclass
class Listing:
    """What the guard holds of one listing between events."""

    facts: Facts
    memory: Memory
    version: int | None = None
    sold: list[Sold] = field(default_factory=list)


@dataclass
class Shop:
    """What the guard holds of a shop between events; the live guard fills it with the listings an event touches.

    `had` names the listings that have had a price, as far as anybody asks.
    """

    listings: dict[str, Listing] = field(default_factory=dict)
    promotions: dict[str, tuple[int | None, Promotion]] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    users_of_price: dict[Decimal, int] = field(default_factory=dict)
    had: dict[Decimal, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched:
    """What a policy in shadow would have objected to, and done."""

    policy_id: int
    judgement: Judgement
    plan: ladder.Plan


@dataclass(frozen=True)
class Outcome:
    """What the guard thought of one event on one listing, and what follows; `watched` follows nothing."""

    sku: str
    at: datetime
    price: Decimal
    judgement: Judgement
    plan: ladder.Plan
    accepted: bool
    reference: Reference | None = None
    watched: tuple[Watched, ...] = ()


def whole_shop(thresholds: Thresholds, *, response: ladder.Response | None = None, at: datetime) -> Policy:
    """Return a policy of one set of thresholds for every listing of a shop."""
    only = ScopedThresholds(0, "", Scope(ScopeKind.SHOP), thresholds, at)
    return Policy((only,), {0: response or ladder.Response()})


def replay(policy: Policy, events: Iterable[Event], *, shop: Shop | None = None) -> Iterator[Outcome]:
    """Put events through the guard in the order given, as if they came in now."""
    held = shop if shop is not None else Shop()
    for event in events:
        yield from step(policy, held, event)


def step(policy: Policy, shop: Shop, event: Event) -> list[Outcome]:
    """Put one event through the guard: change what is held, and return what it thinks of each listing touched.

    Nothing is returned for an event older than what is held already.
    """
    match event:
        case PriceSet():
            return _price(policy, shop, event)
        case PromotionSet():
            return _promotion(policy, shop, event)
        case Ordered():
            return _order(policy, shop, event)
        case Settled():
            _settle(shop, event)
        case Answered():
            _answer(shop, event)
        case WindowSet():
            shop.windows.append(event.window)
        case ClockStruck():
            listing = shop.listings.get(event.sku)
            return [_looked_at(policy, shop, listing, at=event.at)] if listing else []
    return []


def _price(policy: Policy, shop: Shop, event: PriceSet) -> list[Outcome]:
    listing = shop.listings.get(event.sku)
    if listing is None:
        facts = Facts(sku=event.sku, price=event.price, currency=event.currency)
        listing = shop.listings[event.sku] = Listing(facts, Memory(currency=event.currency))
    elif _is_older(event.version, listing.version):
        return []
    listing.version = event.version
    listing.facts = replace(
        listing.facts,
        price=event.price,
        currency=event.currency,
        category=event.category or listing.facts.category,
        list_price=event.list_price if event.list_price is not None else listing.facts.list_price,
        cost=event.cost if event.cost is not None else listing.facts.cost,
    )
    outcome = _looked_at(policy, shop, listing, at=event.at)
    if outcome.accepted:
        _accept(shop, listing, price=event.price, at=event.at)
    return [outcome]


def _promotion(policy: Policy, shop: Shop, event: PromotionSet) -> list[Outcome]:
    """Look at every listing of a promotion, at once and as it will be when it starts."""
    held = shop.promotions.get(event.promotion.code)
    if held and _is_older(event.version, held[0]):
        return []
    shop.promotions[event.promotion.code] = (event.version, event.promotion)
    moment = max(event.at, event.promotion.starts_at)
    touched = [shop.listings[sku] for sku in sorted(event.promotion.skus) if sku in shop.listings]
    return [_looked_at(policy, shop, listing, at=moment) for listing in touched]


def _order(policy: Policy, shop: Shop, event: Ordered) -> list[Outcome]:
    """Judge the orders of a listing; one that paid what was believed in when it came is no loss later either."""
    listing = shop.listings.get(event.sku)
    if listing is None:
        return []
    counted_from = event.at - orders.TEN_MINUTES
    listing.sold = [line for line in listing.sold if not line.settled or line.placed_at > counted_from]
    facts = listing.facts
    resolved = policy.holding_for(facts)
    reference = order_reference(facts, listing.memory, shop.windows, at=event.at)
    is_cheap = reference is not None and event.sold.unit_paid < reference.amount
    listing.sold += [event.sold] if is_cheap else []
    sold = listing.sold if is_cheap else []

    def look(thresholds: Thresholds) -> Judgement:
        return orders.check(sold, thresholds, reference=reference, currency=facts.currency, at=event.at)

    judgement = look(resolved.thresholds)
    plan = _planned(policy, resolved, facts, listing.memory, judgement, at=event.at)
    watched = _watched(policy, facts, listing.memory, judgement, look, at=event.at)
    paid, is_fine = event.sold.unit_paid, not judgement.findings
    return [Outcome(event.sku, event.at, paid, judgement, plan, is_fine, reference, watched)]


def order_reference(facts: Facts, memory: Memory, windows: Iterable[Window], *, at: datetime) -> Reference | None:
    """Return the price orders are held against: the trusted one, or the lowest an open window allows."""
    past = memory.trusted(at=at)
    if past is None:
        return None
    lowest = [
        window.lowest_price
        for window in windows
        if window.lowest_price is not None and window.covers(sku=facts.sku, category=facts.category, at=at)
    ]
    return Reference("WINDOW", min(lowest)) if lowest else Reference("TRUSTED", past.price, past.at)


def _settle(shop: Shop, event: Settled) -> None:
    """Settled orders still count as orders, for the minutes that velocity looks back."""
    listing = shop.listings.get(event.sku)
    if listing:
        listing.sold = [replace(line, settled=True) if line.order == event.order else line for line in listing.sold]


def _answer(shop: Shop, event: Answered) -> None:
    """A meant price teaches, and quiets exactly the checks it answers; a wrong one leaves no trace."""
    listing = shop.listings.get(event.sku)
    if listing is None or not event.meant:
        return
    _accept(shop, listing, price=event.price, at=event.at, confirmed=True)
    if event.until is not None:
        quiet = Suspension(event.sku, event.checks, event.until)
        listing.facts = replace(listing.facts, suspensions=(*listing.facts.suspensions, quiet))


def _accept(shop: Shop, listing: Listing, *, price: Decimal, at: datetime, confirmed: bool = False) -> None:
    if price <= 0:
        return
    if price not in listing.memory.familiar:
        shop.users_of_price[price] = shop.users_of_price.get(price, 0) + 1
    shop.had.setdefault(price, set()).add(listing.facts.sku)
    if not listing.memory.last:
        listing.memory = Memory(currency=listing.facts.currency)
    listing.memory = learn(listing.memory, price=price, at=at, confirmed=confirmed)


def _looked_at(policy: Policy, shop: Shop, listing: Listing, *, at: datetime) -> Outcome:
    facts = _beside_alike(shop, surrounded(shop, listing.facts), listing.memory, at=at)
    resolved = policy.holding_for(facts)

    def look(thresholds: Thresholds) -> Judgement:
        return prices.check(_with_usual_prices(shop, facts, thresholds), thresholds, listing.memory, at=at)

    judgement = look(resolved.thresholds)
    plan = _planned(policy, resolved, facts, listing.memory, judgement, at=at)
    watched = _watched(policy, facts, listing.memory, judgement, look, at=at)
    is_accepted = not judgement.findings and facts.price > 0
    return Outcome(facts.sku, at, facts.price, judgement, plan, is_accepted, watched=watched)


def surrounded(shop: Shop, facts: Facts) -> Facts:
    """Return the facts of a listing with the promotions and windows of its shop around them."""
    promotions = tuple(one for _, one in shop.promotions.values() if facts.sku in one.skus)
    windows = tuple(shop.windows)
    if promotions == facts.promotions and windows == facts.windows:
        return facts
    return replace(facts, promotions=promotions, windows=windows)


def _beside_alike(shop: Shop, facts: Facts, memory: Memory, *, at: datetime) -> Facts:
    """Count what alike listings have had only where it matters, which is seldom."""
    asked = alike.question(facts, memory, at=at)
    return replace(facts, alike=alike.counted(asked, shop.had)) if asked else facts


def _with_usual_prices(shop: Shop, facts: Facts, thresholds: Thresholds) -> Facts:
    """Only the price asked for matters here, so only it is looked up."""
    most = thresholds.usual_listings
    if most is None or shop.users_of_price.get(facts.price, 0) < most:
        return facts
    return replace(facts, usual_prices=frozenset({facts.price}))


def _watched(
    policy: Policy,
    facts: Facts,
    memory: Memory,
    judgement: Judgement,
    look: Callable[[Thresholds], Judgement],
    *,
    at: datetime,
) -> tuple[Watched, ...]:
    """Return what each policy in shadow would have added: all it finds where it would lead, else what is new."""
    found = []
    known = {one.check for one in judgement.findings}
    for scoped, merged in policy.watching(sku=facts.sku, category=facts.category):
        resolved = with_own_floor(merged, facts)
        would = look(resolved.thresholds)
        if resolved.leading is not scoped:
            would = judge([one for one in would.findings if one.check not in known])
        if would.findings:
            revert = ladder.revert_target(facts, resolved.thresholds, memory, at=at)
            response = policy.responses[scoped.policy_id]
            plan = ladder.plan(would, response, moment=ladder.Moment.AFTER, at=at, revert=revert)
            found.append(Watched(scoped.policy_id, would, plan))
    return tuple(found)


def _planned(
    policy: Policy, resolved: Resolved, facts: Facts, memory: Memory, judgement: Judgement, *, at: datetime
) -> ladder.Plan:
    response = policy.response(resolved)
    if not judgement.findings:
        return ladder.Plan(ladder.Action.LOG)
    revert = ladder.revert_target(facts, resolved.thresholds, memory, at=at)
    return ladder.plan(judgement, response, moment=ladder.Moment.AFTER, at=at, revert=revert)


def _is_older(version: int | None, held: int | None) -> bool:
    return version is not None and held is not None and version <= held
