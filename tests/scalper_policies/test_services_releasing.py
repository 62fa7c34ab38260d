"""Units come back when an order is cancelled, ends unpaid, is refunded or never placed: once, in any order."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace import drains as marketplace
from scalper_policies import drains
from scalper_policies.models import Reservation
from scalper_policies.rules.policy import Ending
from scalper_policies.services import releasing
from tests.factories.marketplace import InboundSourceFactory
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.marketplace.posting import event, post
from tests.scalper_policies.asking import decide

pytestmark = pytest.mark.django_db
LINE = [{"sku": "SKU-HOT", "title": "x", "quantity": 2, "unit_price": "1", "discount": "0", "paid": "2"}]


@pytest.fixture(autouse=True)
def _launch(merchant: Persona) -> None:
    InboundSourceFactory()
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(2),)))


def told(*steps: tuple[int, str], number: str = "O-1") -> None:
    """The platform tells these versions of an order, and the drains take them up."""
    for version, status in steps:
        post(event(version=version, status=status, number=number, buyer="b", lines=LINE))
        marketplace.decide(timezone.now)
    with tenancy.platform():
        drains.follow_orders(timezone.now)


def units_kept() -> int:
    with tenancy.platform():
        return sum(row.units for row in Reservation.objects.filter(released_at=None))


@pytest.mark.case("SC-07")
def test_cancelled_units_return_exactly_once(now: datetime) -> None:
    decide("O-1", units=2, buyer="b", at=now)
    assert decide("O-2", units=1, buyer="b", at=now).verdict == "REJECT"

    told((1, "PLACED"), (2, "CANCELLED"))
    told((2, "CANCELLED"), (3, "CANCELLED"))

    assert units_kept() == 0
    assert decide("O-3", units=2, buyer="b", at=now).verdict == "ALLOW"
    told((4, "CANCELLED"))
    assert units_kept() == 2  # the other order's, which no repeat gives back
    assert decide("O-4", units=1, buyer="b", at=now).verdict == "REJECT"


@pytest.mark.parametrize(("status", "left"), [("EXPIRED", 0), ("CANCELLED", 0), ("REFUNDED", 2), ("SHIPPED", 2)])
def test_only_the_endings_that_the_limit_names_give_back(now: datetime, status: str, left: int) -> None:
    decide("O-1", units=2, buyer="b", at=now)

    told((1, status))

    assert units_kept() == left


def test_an_order_that_goes_on_after_all_keeps_its_units_again(now: datetime) -> None:
    decide("O-1", units=2, buyer="b", at=now)
    told((1, "CANCELLED"))

    told((2, "PAID"))

    assert units_kept() == 2


NUMBERS = itertools.count(100)  # an example that is tried again is another order
STEPS = st.lists(st.sampled_from(["PLACED", "PAID", "CANCELLED", "SHIPPED", "EXPIRED", "REFUNDED"]), max_size=4)


@pytest.mark.case("SC-11")
@given(statuses=STEPS, data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duplicate_and_reordered_order_events_change_nothing(statuses: list[str], data: Any, now: datetime) -> None:
    number = f"O-{next(NUMBERS)}"
    in_order = list(enumerate(statuses, 1))
    shuffled = data.draw(st.permutations(in_order * 2))
    decide(number, units=2, buyer=number, at=now)

    told(*shuffled, number=number)

    ended = bool(statuses) and statuses[-1] in (Ending.CANCELLED, Ending.EXPIRED)
    with tenancy.platform():
        rows = list(Reservation.objects.filter(number=number))
    assert [row.released_at is not None for row in rows] == [ended]


def test_an_order_never_placed_gives_back_and_one_that_comes_late_keeps_again(now: datetime) -> None:
    decide("O-1", units=2, buyer="b", at=now)
    late = now + timedelta(minutes=31)
    with tenancy.platform():
        assert releasing.release_unplaced(now=now + timedelta(minutes=29)) == 0
        assert releasing.release_unplaced(now=late) == 1
        assert releasing.release_unplaced(now=late) == 0
    assert units_kept() == 0

    told((1, "PLACED"))

    assert units_kept() == 2


def test_a_placed_order_is_not_given_back_by_the_sweep(now: datetime) -> None:
    decide("O-1", units=2, buyer="b", at=now)
    told((1, "PLACED"))

    with tenancy.platform():
        assert releasing.release_unplaced(now=now + timedelta(days=1)) == 0

    assert units_kept() == 2
