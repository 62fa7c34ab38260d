from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import prices, thresholds
from pricing_guard.rules.findings import Check, Severity, Verdict
from pricing_guard.rules.thresholds import Resolved, Scope, ScopedThresholds, ScopeKind, Thresholds
from tests.pricing_guard.listings import NOW, listing, remembered

NUMBERS = st.none() | st.integers(1, 99).map(Decimal)
SCOPES = st.sampled_from(
    [
        Scope(ScopeKind.PLATFORM),
        Scope(ScopeKind.SHOP),
        Scope(ScopeKind.CATEGORY, categories=frozenset({"snacks"})),
        Scope(ScopeKind.CATEGORY, categories=frozenset({"phones"})),
        Scope(ScopeKind.LISTINGS, skus=frozenset({"A1"})),
        Scope(ScopeKind.LISTINGS, skus=frozenset({"B2", "A1"})),
    ]
)


@given(
    made=st.lists(st.tuples(SCOPES, st.integers(0, 3), NUMBERS, NUMBERS), max_size=8),
    category=st.sampled_from(["snacks", "phones", ""]),
    sku=st.sampled_from(["A1", "B2"]),
)
def test_every_field_comes_from_the_most_specific_policy_that_sets_it(
    made: list[tuple[Scope, int, Decimal | None, Decimal | None]], category: str, sku: str
) -> None:
    policies = [
        ScopedThresholds(
            place, "", scope, Thresholds(floor_price=floor, max_drop_last=drop), NOW + timedelta(hours=hour)
        )
        for place, (scope, hour, floor, drop) in enumerate(made)
    ]

    found = thresholds.resolve(policies, sku=sku, category=category)

    for name in ("floor_price", "max_drop_last"):
        expected = _obvious(policies, name, sku, category)
        assert getattr(found.thresholds, name) == (getattr(expected.thresholds, name) if expected else None)
        assert found.sources.get(name) == expected


def test_the_leading_policy_is_named_and_one_that_sets_nothing_is_passed_over() -> None:
    shop = ScopedThresholds(1, "shop", Scope(ScopeKind.SHOP), Thresholds(floor_price=Decimal(5)), NOW)
    mine = ScopedThresholds(
        2, "mine", Scope(ScopeKind.LISTINGS, skus=frozenset({"A1"})), Thresholds(floor_price=Decimal(9)), NOW
    )

    found = thresholds.resolve([shop, mine], sku="A1", category="")

    assert found.leading == mine
    assert found.thresholds.floor_price == 9
    assert found.passed_over == (shop,)


def test_without_policies_nothing_is_set() -> None:
    assert thresholds.resolve([], sku="A1", category="") == Resolved(Thresholds())


def test_a_narrow_setting_lies_over_a_wide_one() -> None:
    laid = thresholds.over(Thresholds(floor_price=Decimal(9)), Thresholds(floor_price=Decimal(5), cost=Decimal(3)))

    assert (laid.floor_price, laid.cost) == (9, 3)


@pytest.mark.parametrize(
    ("name", "value", "price", "check"),
    [
        ("floor_price", "100", "99.99", Check.BELOW_FLOOR),
        ("ceiling_price", "150", "150.01", Check.ABOVE_CEILING),
        ("cost", "100", "99.99", Check.BELOW_COST),
        ("max_drop_last", "20", "103.19", Check.DROP_FROM_LAST),
        ("max_rise_last", "20", "154.81", Check.RISE_FROM_LAST),
        ("max_drop_low_7", "20", "103.19", Check.DROP_FROM_LOW_7),
        ("max_drop_low_30", "20", "103.19", Check.DROP_FROM_LOW_30),
        ("max_drop_low_90", "20", "103.19", Check.DROP_FROM_LOW_90),
        ("max_drop_median", "20", "103.19", Check.DROP_FROM_MEDIAN),
        ("max_rise_median", "20", "154.81", Check.RISE_FROM_MEDIAN),
        ("max_drop_list", "20", "159.99", Check.DROP_FROM_LIST),
        ("max_rise_list", "20", "240.01", Check.RISE_FROM_LIST),
    ],
)
def test_a_limit_is_still_fine_itself_and_a_cent_beyond_it_is_not(
    name: str, value: str, price: str, check: Check
) -> None:
    policy = Thresholds(**{name: Decimal(value)})  # type: ignore[arg-type]
    facts = listing(price, list_price=Decimal(200))
    step = Decimal("0.01") if "rise" not in name and name != "ceiling_price" else Decimal("-0.01")

    beyond = prices.check(facts, policy, remembered("129.00"), at=NOW)
    fine = prices.check(
        listing(str(Decimal(price) + step), list_price=Decimal(200)), policy, remembered("129.00"), at=NOW
    )

    assert [one.check for one in beyond.findings] == [check]
    assert not fine.findings


def test_a_margin_is_a_share_of_the_price() -> None:
    policy = Thresholds(cost=Decimal(80), minimum_margin=Decimal(20))

    assert not prices.check(listing("100"), policy, remembered(), at=NOW).findings
    assert prices.check(listing("99.99"), policy, remembered(), at=NOW).worst.check == Check.THIN_MARGIN  # type: ignore[union-attr]


def test_the_cost_the_marketplace_told_counts_only_where_a_policy_asks_for_it() -> None:
    facts = listing("40", cost=Decimal(80))

    assert not prices.check(facts, Thresholds(), remembered(), at=NOW).findings
    assert prices.check(facts, Thresholds(never_below_cost=True), remembered(), at=NOW).verdict == Verdict.BLOCK


def test_blank_is_not_zero() -> None:
    judgement = prices.check(listing("0.01"), Thresholds(), remembered("129.00"), at=NOW)

    assert not judgement.findings
    assert judgement.verdict == Verdict.ALLOW


@pytest.mark.parametrize("price", ["0", "-1"])
def test_zero_and_less_are_never_sellable(price: str) -> None:
    judgement = prices.check(listing(price), Thresholds(), remembered(), at=NOW)

    assert [one.check for one in judgement.findings] == [Check.ZERO_PRICE]
    assert judgement.severity == Severity.CRITICAL


def test_another_currency_is_stopped_whatever_the_figure() -> None:
    judgement = prices.check(listing("129.00"), Thresholds(), remembered("129.00"), at=NOW)
    other = prices.check(
        listing("129.00").__class__(sku="A1", price=Decimal(129), currency="USD"),
        Thresholds(),
        remembered("129"),
        at=NOW,
    )

    assert not judgement.findings
    assert [one.check for one in other.findings] == [Check.CURRENCY_CHANGED]


@pytest.mark.parametrize(
    ("price", "severity"),
    [
        ("100.01", Severity.DOUBTFUL),
        ("100", Severity.SERIOUS),
        ("40.01", Severity.SERIOUS),
        ("40", Severity.CRITICAL),
    ],
)
def test_half_of_the_reference_is_serious_and_a_fifth_critical(price: str, severity: Severity) -> None:
    judgement = prices.check(listing(price), Thresholds(max_drop_last=Decimal(10)), remembered("200"), at=NOW)

    assert judgement.severity == severity


@pytest.mark.parametrize(
    ("price", "severity"),
    [("99", Severity.SERIOUS), ("50.01", Severity.SERIOUS), ("50", Severity.CRITICAL), ("20", Severity.CRITICAL)],
)
@pytest.mark.parametrize("limit", ["floor", "cost"])
def test_below_what_the_shop_itself_said_everything_is_one_step_worse(
    price: str, severity: Severity, limit: str
) -> None:
    """Washing machines at 45 % of their cost are critical: the parcels of what was ordered already are held too."""
    policy = Thresholds(floor_price=Decimal(100)) if limit == "floor" else Thresholds(never_below_cost=True)
    facts = listing(price, cost=Decimal(100))

    judgement = prices.check(facts, policy, remembered("101"), at=NOW)

    assert judgement.severity == severity


def test_the_worst_is_told_first() -> None:
    policy = Thresholds(floor_price=Decimal(100), max_drop_last=Decimal(5), max_drop_median=Decimal(5))

    judgement = prices.check(listing("95"), policy, remembered("129.00"), at=NOW)

    assert judgement.worst is not None
    assert judgement.worst.check == Check.BELOW_FLOOR
    assert len(judgement.findings) == 3


def _obvious(policies: list[ScopedThresholds], name: str, sku: str, category: str) -> ScopedThresholds | None:
    best = None
    for one in policies:
        if one.scope.kind == ScopeKind.LISTINGS and sku not in one.scope.skus:
            continue
        if one.scope.kind == ScopeKind.CATEGORY and category not in one.scope.categories:
            continue
        if getattr(one.thresholds, name) is None:
            continue
        rank = (one.scope.kind, one.published_at, one.policy_id)
        if best is None or rank > (best.scope.kind, best.published_at, best.policy_id):
            best = one
    return best
