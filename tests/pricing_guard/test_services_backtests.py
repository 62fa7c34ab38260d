"""Thresholds tried on the shop's own past: the live guard's answers again, and what came of each doubted price."""

from datetime import timedelta
from decimal import Decimal

import pytest

from merchant_protection.foundation.errors import Invalid
from pricing_guard.models import Backtest, GuardHit
from pricing_guard.services import backtests
from pricing_guard.services.backtests import Asked
from tests.pricing_guard.conftest import guarded, listing, price
from tests.pricing_guard.test_disasters import order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


def ask(merchant, now, kind="BACKTEST", **more):
    asked = Asked(kind=kind, **{"thresholds": {"max_drop_last": "30"}} | more)
    return backtests.ask(merchant_id=merchant.shop.pk, asked=asked, actor=merchant.actor, at=now)


def test_a_backtest_finds_catches_and_false_alarms(tell, merchant, now):
    day = timedelta(days=1)
    tell(listing(), price("1299.00", 1, at=now - 9 * day))
    tell(price("129.00", 2, at=now - 8 * day))
    tell(order("O-1", at=now - 8 * day + timedelta(minutes=5), each="129.00", quantity=2))
    tell(price("1299.00", 3, at=now - 8 * day + timedelta(hours=1)))
    tell(price("799.00", 4, at=now - 5 * day))
    ask(merchant, now)

    assert backtests.run_due(now=now + day) == 1

    job = Backtest.objects.get()
    assert job.status == "DONE", job.last_error
    assert job.result["A"]["hits"] == 2
    assert job.result["A"]["kept"] == 1
    assert (job.result["A"]["units_held"], Decimal(job.result["A"]["money_spared"])) == (2, Decimal(2340))
    assert [(hit.price, hit.was_kept) for hit in job.hits.order_by("pk")] == [(129, False), (799, True)]


def test_live_and_backtest_give_the_same_answers(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, mode="APPROVE", max_drop_last="30", decimal_shift=True)
    values = ["1299", "1199", "119.90", "1250", "600", "1240", "12.40", "1230"]
    tell(listing(price="1299"))
    for version, value in enumerate(values, 1):
        tell(price(value, version, at=now - timedelta(hours=20 - version)))
    ask(merchant, now, thresholds={"max_drop_last": "30", "decimal_shift": True})
    backtests.run_due(now=now + timedelta(minutes=1))

    live = [(hit.price, hit.check_name) for hit in GuardHit.objects.order_by("pk")]
    tried = [(hit.price, hit.check_name) for hit in Backtest.objects.get().hits.order_by("at")]
    assert live == tried
    assert len(live) == 3


def test_two_versions_are_compared(tell, merchant, now):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=9)))
    tell(price("1000.00", 2, at=now - timedelta(hours=8)))
    ask(merchant, now, kind="COMPARE", against={"max_drop_last": "10"})
    backtests.run_due(now=now)

    result = Backtest.objects.get().result
    assert (result["A"]["hits"], result["B"]["hits"]) == (0, 1)


def test_a_recommendation_comes_from_the_past(tell, merchant, now):
    tell(
        listing(),
        *(price(f"{1000 + (n % 2) * 50}", n + 1, at=now - timedelta(hours=90 - n)) for n in range(1)),
    )
    for n in range(1, 50):
        tell(price(f"{1000 + (n % 2) * 50}", n + 1, at=now - timedelta(hours=90 - n)))
    ask(merchant, now, kind="RECOMMEND", thresholds=None)
    backtests.run_due(now=now)

    result = Backtest.objects.get().result
    assert Decimal(result["thresholds"]["max_drop_last"]) == 20
    assert {one["field"] for one in result["evidence"]} == {"max_drop_last", "max_rise_last"}


@pytest.mark.parametrize("more", [{"thresholds": {}}, {"thresholds": {"floor_price": "x"}}, {"kind": "GUESS"}])
def test_what_cannot_be_tried_is_refused(merchant, now, more):
    with pytest.raises(Invalid):
        ask(merchant, now, **more)

    assert not Backtest.objects.exists()


def test_a_backtest_called_off_is_not_run(merchant, now):
    job = ask(merchant, now)
    backtests.cancel(backtest_id=job.pk, actor=merchant.actor, at=now)

    assert backtests.run_due(now=now + timedelta(hours=1)) == 0
    assert Backtest.objects.get().status == "CANCELLED"
