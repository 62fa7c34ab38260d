"""What holds for a listing is said by the policies that ask or act; one in shadow, or off, changes nothing of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import bounds, replay
from pricing_guard.rules.ladder import Mode, Response
from pricing_guard.rules.orders import Sold
from pricing_guard.rules.shop_policy import Policy
from pricing_guard.rules.thresholds import DEFAULT, Scope, ScopedThresholds, ScopeKind, Thresholds
from tests.pricing_guard.listings import NOW, listing, remembered

WIDE, NARROW = Scope(ScopeKind.SHOP), Scope(ScopeKind.LISTINGS, skus=frozenset({"A1"}))
ACTING = ScopedThresholds(1, "acting", WIDE, replace(DEFAULT, max_drop_last=Decimal(30), exposure_cap=Decimal(90)), NOW)
AMOUNTS = st.sampled_from([Decimal(text) for text in ("129.00", "12.90", "192.00", "80.00", "50.00", "0", "1290")])
numbers = st.sampled_from(
    [
        Thresholds(floor_price=Decimal(9_000)),
        Thresholds(max_drop_last=Decimal(1), decimal_shift=False),
        Thresholds(exposure_cap=Decimal(1), units_per_order=1, below_reference=Decimal(0)),
        Thresholds(usual_listings=1, familiar_days=1, digit_slips=False),
    ]
)


def others(scope: Scope, thresholds: Thresholds, mode: Mode) -> Policy:
    """The acting policy beside a newer one in this mode."""
    other = ScopedThresholds(2, "other", scope, thresholds, NOW + timedelta(days=1))
    return Policy((ACTING, other), {1: Response(Mode.AUTO), 2: Response(mode)})


def events(amounts: list[Decimal]) -> list[replay.Event]:
    told: list[replay.Event] = []
    for place, amount in enumerate(amounts):
        at = NOW + timedelta(hours=place)
        told.append(replay.PriceSet("A1", at, amount, "CNY", place, "washers", cost=Decimal(40)))
        told.append(replay.Ordered("A1", at, Sold(f"o{place}", "b", 2, amount, at)))
    return told


@given(amounts=st.lists(AMOUNTS, max_size=8), scope=st.sampled_from([WIDE, NARROW]), thresholds=numbers)
def test_a_policy_in_shadow_or_off_changes_nothing_of_what_others_think(
    amounts: list[Decimal], scope: Scope, thresholds: Thresholds
) -> None:
    told = events(amounts)
    alone, beside_shadow, beside_off = replay.Shop(), replay.Shop(), replay.Shop()
    by_itself = Policy((ACTING,), {1: Response(Mode.AUTO)})

    expected = list(replay.replay(by_itself, told, shop=alone))
    shadow = list(replay.replay(others(scope, thresholds, Mode.SHADOW), told, shop=beside_shadow))
    off = list(replay.replay(others(scope, thresholds, Mode.OFF), told, shop=beside_off))

    assert [replace(one, watched=()) for one in shadow] == expected
    assert off == expected
    assert beside_shadow == beside_off == alone
    assert all(one.plan.done == one.plan.proposed == () for outcome in shadow for one in outcome.watched)


def test_a_policy_in_shadow_says_what_it_would_have_done_where_it_would_lead() -> None:
    policy = others(NARROW, Thresholds(floor_price=Decimal(100)), Mode.SHADOW)

    first, second = replay.replay(policy, [event for event in events([Decimal("129"), Decimal("80")])][::2])

    assert first.watched == ()
    assert [one.policy_id for one in second.watched] == [2]
    assert {one.check.value for one in second.watched[0].judgement.findings} >= {"BELOW_FLOOR", "DROP_FROM_LAST"}
    assert second.watched[0].plan.shadowed


def test_where_another_would_lead_a_policy_in_shadow_says_only_what_is_new() -> None:
    other = ScopedThresholds(2, "other", WIDE, Thresholds(floor_price=Decimal(100)), NOW)
    narrow = ScopedThresholds(1, "acting", NARROW, Thresholds(max_drop_last=Decimal(30)), NOW)
    policy = Policy((narrow, other), {1: Response(Mode.AUTO), 2: Response(Mode.SHADOW)})

    _first, second = replay.replay(policy, events([Decimal("129"), Decimal("80")])[::2])

    assert {one.check.value for one in second.judgement.findings} == {"DROP_FROM_LAST"}
    assert [one.check.value for each in second.watched for one in each.judgement.findings] == ["BELOW_FLOOR"]


def test_bounds_of_several_leave_out_what_one_of_them_would_look_at() -> None:
    memory, facts = remembered("129.00"), listing("129.00")
    found = [
        bounds.bounds(facts, one, memory, at=NOW)
        for one in (Thresholds(floor_price=Decimal(100)), Thresholds(ceiling_price=Decimal(150)), Thresholds())
    ]

    both = bounds.narrowest(found)

    for text in ("99", "100", "129", "150", "151"):
        assert both.leave_out(Decimal(text)) == any(one.leave_out(Decimal(text)) for one in found)
