"""Each kind of warning: what raises it, how serious it is, and the neighbour that raises nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from scalper_policies.rules import warnings
from scalper_policies.rules.warnings import Kind, Level, WarnedLine, WarningFacts

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
LINE = WarnedLine("A", 1, Decimal(100), Decimal(100), stock=99)
QUIET = WarningFacts(EARLIER, (LINE,), is_paid=True, orders=10)
UNPAID = replace(QUIET, is_paid=False)
CHEAP = replace(LINE, units=5, unit_price=Decimal(50))
HOT = replace(LINE, units=5, is_hot=True)
LINK = replace(LINE, is_difference_link=True)
TIED = frozenset({"PHONE", "DEVICE"})
RAISED = [
    (Kind.HOARDING, Level.MEDIUM, replace(UNPAID, unpaid_units={"A": 10})),
    (Kind.HOARDING, Level.HIGH, replace(UNPAID, unpaid_units={"A": 50})),
    (Kind.HOARDING, Level.MEDIUM, replace(UNPAID, unpaid_units={"A": 10}, lines=(LINE, replace(LINE, sku="B")))),
    (Kind.HOARDING, Level.MEDIUM, replace(UNPAID, unpaid_orders=2)),
    (Kind.ARBITRAGE, Level.MEDIUM, replace(QUIET, lines=(LINE, CHEAP))),
    (Kind.ARBITRAGE, Level.HIGH, replace(QUIET, lines=(replace(CHEAP, unit_price=Decimal(25)),))),
    (Kind.EXTORTION, Level.MEDIUM, replace(QUIET, claims=4, claims_upheld_for_merchant=3)),
    (Kind.EXTORTION, Level.HIGH, replace(QUIET, claims=9, claims_upheld_for_merchant=6)),
    (Kind.EXTORTION, Level.MEDIUM, replace(QUIET, claims=3, claims_upheld_for_merchant=1, claim_shops=3)),
    (Kind.RETURN_ABUSE, Level.LOW, replace(QUIET, returns=5)),
    (Kind.RETURN_ABUSE, Level.MEDIUM, replace(QUIET, returns=8)),
    (Kind.SCALPER_ON_HOT_SKU, Level.MEDIUM, replace(QUIET, lines=(HOT,))),
    (Kind.SCALPER_ON_HOT_SKU, Level.MEDIUM, replace(QUIET, lines=(replace(HOT, units=1),), cluster_signals=TIED)),
    (
        Kind.SCALPER_ON_HOT_SKU,
        Level.HIGH,
        replace(QUIET, lines=(replace(HOT, units=1),) * 2, units_of_hot={"A": 3}, cluster_signals=TIED),
    ),
    (Kind.ONLY_PRICE_DIFFERENCE, Level.LOW, replace(QUIET, lines=(LINK, LINK))),
    (Kind.ONLY_PRICE_DIFFERENCE, Level.MEDIUM, replace(QUIET, lines=(LINK,), difference_orders=2)),
]
SILENT = [
    QUIET,
    UNPAID,
    replace(UNPAID, placed_at=NOW - timedelta(minutes=14), unpaid_orders=9),
    replace(UNPAID, unpaid_units={"A": 9}),
    replace(UNPAID, lines=(replace(LINE, stock=None),)),
    replace(UNPAID, lines=(), unpaid_orders=9),
    replace(QUIET, lines=(replace(CHEAP, units=4),)),
    replace(QUIET, lines=(replace(CHEAP, unit_price=Decimal(51)),)),
    replace(QUIET, lines=(replace(CHEAP, usual_price=None),)),
    replace(QUIET, claims=9, claims_upheld_for_merchant=2, claim_shops=2),
    replace(QUIET, claims=9, claims_upheld_for_merchant=0, claim_shops=9),
    replace(QUIET, returns=3, orders=3),
    replace(QUIET, returns=4, orders=9),
    replace(QUIET, returns=4, orders=0),
    replace(QUIET, lines=(replace(HOT, units=4),)),
    replace(QUIET, lines=(replace(HOT, is_hot=False),), cluster_signals=TIED),
    replace(QUIET, lines=(LINK, LINE)),
]


@pytest.mark.parametrize(("kind", "level", "facts"), RAISED)
def test_each_kind_is_raised_with_its_level_facts_and_clock(kind: Kind, level: Level, facts: WarningFacts) -> None:
    (found,) = warnings.warn(facts, at=NOW)

    assert (found.kind, found.level) == (kind, level)
    assert found.facts
    assert found.expires_at == EARLIER + timedelta(hours=24)


@pytest.mark.parametrize("facts", SILENT)
def test_an_ordinary_order_raises_nothing(facts: WarningFacts) -> None:
    assert warnings.warn(facts, at=NOW) == ()


def test_a_shipped_order_and_one_of_yesterday_raise_nothing() -> None:
    serious = replace(QUIET, claims_upheld_for_merchant=9)

    assert warnings.warn(replace(serious, shipped_at=NOW), at=NOW) == ()
    assert warnings.warn(replace(serious, shipped_at=NOW + timedelta(seconds=1)), at=NOW)
    assert warnings.warn(serious, at=EARLIER + timedelta(hours=24)) == ()


def test_several_kinds_stand_side_by_side_and_thresholds_can_be_the_merchants() -> None:
    facts = replace(QUIET, returns=8, claims_upheld_for_merchant=3, lines=(LINK,))

    found = warnings.warn(facts, at=NOW)
    calm = warnings.warn(facts, at=NOW, thresholds=warnings.Thresholds(returns=9, claims=9, difference_orders=2))

    assert [warned.kind for warned in found] == [Kind.EXTORTION, Kind.RETURN_ABUSE, Kind.ONLY_PRICE_DIFFERENCE]
    assert calm == ()


def test_what_was_seen_is_told() -> None:
    (found,) = warnings.warn(replace(QUIET, lines=(CHEAP,)), at=NOW)

    assert dict(found.facts) == {"sku": "A", "units": 5, "price": "50", "usual": "100.00", "percent": 50}
