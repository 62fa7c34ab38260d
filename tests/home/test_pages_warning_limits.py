"""From where on a shop is warned: seen, tried on its own past, set within bounds, and obeyed."""

from datetime import datetime, timedelta

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.risk.models import Warning, WarningLimits
from scalper_policies.rules import warnings as rules
from tests.factories.marketplace import ListingFactory, OrderFactory, OrderLineFactory
from tests.fixtures.people import Persona
from tests.scalper_policies.watching import look_at

pytestmark = pytest.mark.django_db
PATH = "/m/warnings/limits/"


@pytest.fixture(autouse=True)
def _english(merchant: Persona, onlooker: Persona) -> None:
    for person in (merchant, onlooker):
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def told(**changed: object) -> dict[str, object]:
    return {"version": 0, **rules.standard(), **changed}


def link_order(merchant: Persona, at: datetime) -> object:
    order = OrderFactory(merchant=merchant.shop, lines=0, placed_at=at)
    link = ListingFactory(merchant=merchant.shop, title="补差价链接")
    OrderLineFactory(merchant=merchant.shop, order=order, buyer=order.buyer, listing=link, paid=1, unit_price=1)
    return order


def test_the_standard_limits_are_shown(merchant: Persona) -> None:
    page = merchant.client.get(PATH).content.decode()

    assert "Warn from this many wrong claims in 180 days" in page
    assert "1–50" in page


def test_limits_are_set_within_bounds_and_obeyed(merchant: Persona, now: datetime) -> None:
    answer = merchant.client.post(PATH, told(difference_orders=2, difference_orders_high=5))
    assert answer.status_code == 302

    with tenancy.platform():
        assert WarningLimits.objects.get().values == {"difference_orders": 2, "difference_orders_high": 5}
        look_at(link_order(merchant, now), at=now)  # type: ignore[arg-type]
        assert not Warning.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"claims": 0}, "greater than or equal to 1"),
        ({"claims": "many"}, "Enter a whole number"),
        ({"claims": 9, "claims_high": 3}, "cannot be milder"),
        ({"far_below": 20, "far_below_high": 60}, "cannot be milder"),
    ],
)
def test_what_is_out_of_bounds_is_told_beside_the_field(
    merchant: Persona, changed: dict[str, object], words: str
) -> None:
    answer = merchant.client.post(PATH, told(**changed))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    with tenancy.platform():
        assert not WarningLimits.objects.exists()


def test_a_colleagues_change_is_not_overwritten(merchant: Persona) -> None:
    merchant.client.post(PATH, told(claims=4))

    answer = merchant.client.post(PATH, told(claims=5))

    assert answer.status_code == 422
    assert "A colleague changed these limits meanwhile." in answer.content.decode()


def test_trying_shows_the_last_month_and_saves_nothing(merchant: Persona, now: datetime) -> None:
    for days in (1, 2, 40):
        link_order(merchant, now - timedelta(days=days))

    page = merchant.client.post(
        PATH, {**told(difference_orders=2, difference_orders_high=3), "try": "1"}
    ).content.decode()

    assert "2 orders, each judged by what was known before it." in page
    row = page[page.index("Only a price-difference or freight link") :]
    assert row.index(">2<") < row.index(">0<")
    with tenancy.platform():
        assert not WarningLimits.objects.exists()


def test_who_only_looks_changes_nothing(onlooker: Persona) -> None:
    assert onlooker.client.post(PATH, told(claims=4)).status_code == 403
    with tenancy.platform():
        assert not WarningLimits.objects.exists()
