"""A hundred orders at once on each thing that counts as one buyer: one passes; without the locks, more do."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from scalper_policies.models import OrderDecision, Reservation
from scalper_policies.queries import deciding as queries
from scalper_policies.queries.deciding import Locks
from scalper_policies.rules.policy import Band, Dimension, Limit, Verdict
from scalper_policies.services import reserving
from tests.factories.scalper_policies import VersionFactory, about
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import at_once, decide, question

pytestmark = pytest.mark.usefixtures("transactional_db")
MANY = 100
PLACE = {"name": "张三", "phone": "13800001234", "address": "上海市浦东新区世纪大道1号3号楼502室"}
SAME: dict[Dimension, dict[str, Any]] = {
    Dimension.ACCOUNT: {"buyer": "buyer-1"},
    Dimension.PHONE: {"recipient": {"phone": PLACE["phone"]}},
    Dimension.IDENTITY: {"identity": "id-1"},
    Dimension.DEVICE: {"device": "device-1"},
    Dimension.IP: {"ip": "198.18.0.1"},
    Dimension.IP_NET: {"ip": "198.18.0.1"},
    Dimension.PAYMENT: {"payment": "card-1"},
    Dimension.RECIPIENT: {"recipient": PLACE},
    Dimension.ADDRESS: {"recipient": PLACE},
    Dimension.BUILDING: {"recipient": PLACE},
    Dimension.ADDRESS_CLUSTER: {"recipient": PLACE},
    Dimension.HOUSEHOLD: {"recipient": PLACE, "payment": "card-1"},
}
ONE = (Band(1, Verdict.REJECT),)


@pytest.fixture(autouse=True)
def _room(settings: Any) -> Iterator[None]:
    """A hundred connections of their own, beside the pool of the program."""
    connection.close()
    connection.close_pool()
    options, before = connection.settings_dict["OPTIONS"], connection.settings_dict["OPTIONS"]["pool"]
    options["pool"] = before | {"max_size": 40, "timeout": 60}
    yield
    connection.close()
    connection.close_pool()
    options["pool"] = before


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine of two cores is no reason to fail: what is shown here is who passes, not how soon."""
    for name in ("FINE_WAIT", "COARSE_WAIT", "LONGEST_STATEMENT"):
        monkeypatch.setattr(reserving, name, timedelta(seconds=60))


def limited(merchant: Persona, *dimensions: Dimension, most: int = 1) -> None:
    limits = tuple(Limit(each.value.lower(), each, most, timedelta(hours=24)) for each in dimensions)
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=limits, bands=ONE))


@pytest.mark.parametrize("dimension", SAME)
def test_a_hundred_orders_at_once_with_a_limit_of_one_admit_one(merchant: Persona, dimension: Dimension) -> None:
    limited(merchant, dimension)
    # An address alone leads to a check; that the count was broken shows in the verdict all the same.
    broken = "VERIFY" if dimension in {*SURROUNDINGS} else "REJECT"

    verdicts = at_once(MANY, lambda index: decide(f"O-{index}", **SAME[dimension]))

    assert verdicts == {"ALLOW": 1, broken: MANY - 1}
    with tenancy.platform():
        assert OrderDecision.objects.count() == MANY


SURROUNDINGS = (
    Dimension.IP,
    Dimension.IP_NET,
    Dimension.ADDRESS,
    Dimension.BUILDING,
    Dimension.ADDRESS_CLUSTER,
    Dimension.HOUSEHOLD,
)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between counting and reserving there is time for somebody else."""
    real = queries.hold_and_count

    def counted(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(queries, "hold_and_count", counted)


def whatever_they_share(index: int) -> OrderDecision:
    """Every order shares the account with all, and device, phone and card with some: the keys overlap in circles."""
    return decide(
        f"O-{index}",
        buyer="buyer-1",
        device=f"device-{index % 3}",
        payment=f"card-{index % 5}",
        recipient={"phone": f"1380000000{index % 7}"},
    )


@pytest.fixture
def crossed(merchant: Persona) -> None:
    limited(merchant, Dimension.ACCOUNT, Dimension.DEVICE, Dimension.PAYMENT, Dimension.PHONE)


@pytest.mark.case("SC-10")
def test_limit_one_admits_one_of_a_hundred_whatever_keys_they_share_and_more_without_the_lock(
    merchant: Persona, crossed: None, slowly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_locks = at_once(MANY, whatever_they_share)
    assert with_locks == {"ALLOW": 1, "REJECT": MANY - 1}

    with tenancy.platform():
        assert Reservation.objects.values("number").distinct().count() == 1
    monkeypatch.setattr(reserving, "locks_for", lambda needed, **_: Locks(shared=(), alone=()))

    without = at_once(MANY, lambda index: decide(f"P-{index}", buyer="buyer-2", device=f"other-{index % 3}"))

    assert without["ALLOW"] > 1


def test_whole_policies_are_locked_where_single_keys_would_be_too_many(
    merchant: Persona, crossed: None, slowly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserving, "MOST_LOCKS", 1)

    assert at_once(20, whatever_they_share) == {"ALLOW": 1, "REJECT": 19}


def test_fine_and_coarse_locks_exclude_each_other(
    merchant: Persona, crossed: None, slowly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reserving.locks_for
    coarse: Callable[[], bool] = iter([True, False] * 20).__next__
    monkeypatch.setattr(reserving, "locks_for", lambda needed, **_: real(needed, coarse=coarse()))

    assert at_once(20, whatever_they_share) == {"ALLOW": 1, "REJECT": 19}


def test_one_order_asked_about_by_many_at_once_has_one_answer(merchant: Persona, crossed: None, slowly: None) -> None:
    verdicts = at_once(20, lambda _: decide("O-1", buyer="buyer-1"))

    assert verdicts == {"ALLOW": 20}
    with tenancy.platform():
        assert OrderDecision.objects.count() == 1
        assert Reservation.objects.count() == 1


def test_without_any_key_nothing_is_locked(merchant: Persona, crossed: None) -> None:
    assert question().buyer == ""
    assert decide("O-1").verdict == "ALLOW"
