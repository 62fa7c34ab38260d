"""The live guard, with all it remembers in rows, answers every event as a backtest of the same stream does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import AffectedOrder, GuardHit, GuardPolicy, Incident, ListingGuard
from pricing_guard.queries import listings as queries
from pricing_guard.rules import replay, stored, trial
from pricing_guard.rules.orders import Sold
from pricing_guard.services import policies
from pricing_guard.services.watching import loading, orders, prices, promotions
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import (
    BuyerFactory,
    ListingFactory,
    OrderFactory,
    OrderLineFactory,
    PromotionFactory,
    SellingPlatformFactory,
)

pytestmark = pytest.mark.django_db
CLOCK = Actor.clock("tests")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
SKUS = {"A": "家电", "B": "家电", "C": "食品"}
AMOUNTS = ("129.00", "129.00", "99.00", "12.90", "192.00", "1.29", "119.00", "0.00", "1290.00", "60.00")
LIMITS = {
    "floor_price": ("100", "20"),
    "ceiling_price": ("900",),
    "never_below_cost": (True,),
    "max_drop_last": ("30", "70"),
    "max_rise_last": ("50",),
    "max_drop_median": ("40",),
    "decimal_shift": (True,),
    "digit_slips": (True,),
    "cents_as_yuan": (True,),
    "max_total_discount": ("30",),
    "stack_below_floor": (True,),
    "coupon_sense": (True,),
    "orders_per_minute": (1,),
    "units_per_10_minutes": (5,),
    "units_per_order": (3,),
    "exposure_cap": ("150",),
}
SCOPES = ({"scope": "SHOP"}, {"scope": "CATEGORY", "categories": ["家电"]}, {"scope": "LISTINGS", "skus": ["A", "C"]})
IN_SHADOW = ("CATEGORY",)


@dataclass(frozen=True)
class Told:
    """One thing that happens in the shop, some minutes after the one before."""

    kind: str
    minutes: int
    sku: str
    amount: str
    quantity: int
    more: str


happenings = st.builds(
    Told,
    kind=st.sampled_from(["price", "price", "price", "order", "order", "promotion", "clock"]),
    minutes=st.sampled_from([0, 1, 7, 60]),
    sku=st.sampled_from(sorted(SKUS)),
    amount=st.sampled_from(AMOUNTS),
    quantity=st.integers(1, 4),
    more=st.sampled_from(["COUPON", "PERCENTAGE", "FIXED_PRICE", "THRESHOLD"]),
)
limits = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in LIMITS.items()})


class Live:
    """A shop as the portal keeps it, told one thing after the other; what the guard thinks comes back."""

    def __init__(self, chosen: Sequence[dict[str, object]]) -> None:
        self.shop: Merchant = MerchantFactory()
        self.rows: dict[str, Listing] = {
            sku: ListingFactory(merchant=self.shop, sku=sku, category=category, price=None, cost=Decimal(50), version=0)
            for sku, category in SKUS.items()
        }
        for row in self.rows.values():
            row.refresh_from_db()  # amounts as they are read back
        for scope, thresholds in zip(SCOPES, chosen, strict=True):
            if thresholds:
                self._policy(scope, thresholds)
        self.policy = loading.published(self.shop.pk).policy
        self.count = 0

    def _policy(self, scope: dict[str, Any], thresholds: dict[str, object]) -> None:
        draft = policies.Draft(name=scope["scope"], thresholds=thresholds, **scope)
        saved = policies.save_version(merchant_id=self.shop.pk, draft=draft, actor=CLOCK, at=NOON)
        given: dict[str, Any] = {"policy_id": saved.policy_id, "actor": CLOCK, "at": NOON, "is_acknowledged": True}
        policies.publish(**given, number=1)
        if scope["scope"] not in IN_SHADOW:
            policies.set_mode(**given, mode="APPROVE")

    def tell(self, told: Told, *, at: datetime) -> tuple[replay.Event, list[replay.Outcome]]:
        """Let it happen live; return it as a backtest reads it, with what the live guard thought."""
        self.count += 1
        tellers: dict[str, Callable[[Told, datetime], tuple[replay.Event, list[loading.Looked]]]] = {
            "price": self._price, "order": self._order, "promotion": self._promotion, "clock": self._clock,
        }  # fmt: skip
        event, looked = tellers[told.kind](told, at)
        return event, [one.outcome for one in looked]

    def _price(self, told: Told, at: datetime) -> tuple[replay.Event, list[loading.Looked]]:
        row, amount = self.rows[told.sku], Decimal(told.amount)
        row.price, row.price_version, row.price_changed_at, row.version = amount, self.count, at, self.count
        row.save()
        event = replay.PriceSet(
            told.sku, at, amount, "CNY", self.count, row.category, list_price=row.list_price, cost=row.cost
        )
        return event, transaction(prices.judge)(self.shop.pk, [row.pk], at=at)

    def _order(self, told: Told, at: datetime) -> tuple[replay.Event, list[loading.Looked]]:
        buyer, number, paid = BuyerFactory(merchant=self.shop), f"O-{self.count}", Decimal(told.amount)
        order = OrderFactory(merchant=self.shop, number=number, buyer=buyer, placed_at=at, lines=0)
        OrderLineFactory(
            merchant=self.shop, order=order, buyer=buyer, listing=self.rows[told.sku], at=at,
            quantity=told.quantity, unit_price=paid, paid=paid * told.quantity,
        )  # fmt: skip
        event = replay.Ordered(told.sku, at, Sold(number, str(buyer.pk), told.quantity, paid, at))
        return event, transaction(orders.judge)(self.shop.pk, [order.pk], at=at)

    def _promotion(self, told: Told, at: datetime) -> tuple[replay.Event, list[loading.Looked]]:
        skus = sorted({told.sku, "B"})
        value = Decimal(20 * told.quantity)
        threshold = Decimal(15) if told.more == "THRESHOLD" else None
        starts_at = at + timedelta(minutes=told.minutes)
        row = PromotionFactory(
            merchant=self.shop, code=f"P-{self.count}", kind=told.more, skus=skus, value=value, threshold=threshold,
            starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), stack_group=told.amount[0],
        )  # fmt: skip
        row.refresh_from_db()
        event = replay.PromotionSet(queries.promotion_in(row), at)
        return event, transaction(promotions.judge)(self.shop.pk, [row.pk], at=at)

    def _clock(self, told: Told, at: datetime) -> tuple[replay.Event, list[loading.Looked]]:
        looked = transaction(promotions.look_again)(self.shop.pk, [told.sku], cause="clock", at=at)
        return replay.ClockStruck(told.sku, at), looked


FOUND_ONCE = [
    Told("price", 1, "B", "99.00", 1, "COUPON"),
    Told("order", 1, "B", "99.00", 4, "COUPON"),  # fair when it came
    Told("price", 1, "B", "119.00", 1, "COUPON"),
    Told("order", 1, "B", "12.90", 2, "COUPON"),
]


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@example(stream=FOUND_ONCE, chosen=({}, {"units_per_order": 3, "exposure_cap": "150"}, {}))
@given(stream=st.lists(happenings, min_size=6, max_size=14), chosen=st.tuples(limits, limits, limits))
def test_live_and_backtest_answer_alike(
    platform_scope: None, stream: list[Told], chosen: tuple[dict[str, object], ...]
) -> None:
    SellingPlatformFactory()
    live, at = Live(chosen), NOON
    events, answers = [], []
    for told in stream:
        at += timedelta(minutes=told.minutes, seconds=1)
        event, outcomes = live.tell(told, at=at)
        events.append(event)
        answers.append(outcomes)

    past = trial.Trial(live.policy)
    for event, outcomes in zip(events, answers, strict=True):
        assert _said(replay.step(live.policy, past.shop, event), event) == outcomes
    _assert_same_memories(live, past.shop)
    assert not Incident.objects.filter(merchant=live.shop, status="TRIPPED").exists()  # nothing acts by itself


def _said(outcomes: list[replay.Outcome], event: replay.Event) -> list[replay.Outcome]:
    """Orders nothing is said about are not kept; they only count."""
    return [one for one in outcomes if one.judgement.findings or one.watched or not isinstance(event, replay.Ordered)]


def _assert_same_memories(live: Live, shop: replay.Shop) -> None:
    guards = ListingGuard.objects.filter(merchant=live.shop).exclude(price=None).select_related("listing")
    kept = {guard.listing.sku: guard.memory for guard in guards}
    assert kept == {sku: stored.memory_out(one.memory) for sku, one in shop.listings.items()}
    objected = GuardHit.objects.filter(merchant=live.shop)
    assert AffectedOrder.objects.filter(merchant=live.shop, is_held=True).count() == 0
    shadow = set(GuardPolicy.objects.filter(merchant=live.shop, mode="SHADOW").values_list("pk", flat=True))
    assert all((hit.mode == "SHADOW") == (hit.policy_id in shadow) for hit in objected)
