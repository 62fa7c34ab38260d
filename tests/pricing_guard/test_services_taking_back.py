"""An answer given by mistake is taken back: the stop is lifted, or the price is doubted again; a person is asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from merchant_protection.foundation.errors import Conflict, NotAllowed
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import doubts
from pricing_guard.models import AffectedOrder, HadPrice, Incident, ListingGuard, PriceUse, Suspension
from pricing_guard.queries import incidents as queries
from pricing_guard.rules import memory
from pricing_guard.services.incidents import answering, choosing, links, taking_back
from tests.factories.marketplace import OrderFactory
from tests.pricing_guard.conftest import act, guarded, listing, price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]
SENT = ("CONFIRMED", "AUTHORISED")


@pytest.fixture
def doubted(tell, merchant, market, now):
    """A price below half of what it was, bought once: the shop is asked first."""
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(listing(), price("2399.00", 1, at=now - timedelta(days=2)))
    tell(price("239.90", 2, at=now))
    found = Incident.objects.get()
    row = found.listing
    lines = {"lines": 1, "lines__listing": row, "lines__quantity": 1, "lines__unit_price": Decimal("239.90")}
    OrderFactory(merchant=merchant.shop, placed_at=now + timedelta(seconds=1), **lines, lines__paid=Decimal("239.90"))
    return found


@pytest.fixture
def answer(doubted, merchant, now):
    def give(command, **more):
        found = command(incident_id=doubted.pk, actor=merchant.actor, at=now + timedelta(seconds=5), **more)
        act(now + timedelta(seconds=6))
        return found

    return give


def facts():
    rows = (Incident, AffectedOrder, Suspension, PlatformAction, ListingGuard)
    return [list(model.objects.order_by("pk").values()) for model in rows]


def test_a_stop_by_mistake_is_lifted_its_parcels_go_and_the_doubt_stays(doubted, answer, market, merchant, now):
    answer(answering.stop)
    order = AffectedOrder.objects.get()
    assert order.is_held
    assert market.state("LISTING", "WM-1", "availability") == "DELISTED"

    found = answer(taking_back.take_back)

    order.refresh_from_db()
    assert (found.status, found.answered_by, found.tripped_at, found.finished_at) == ("SUSPECTED", "", None, None)
    assert found.remind_at is not None
    assert (order.is_held, order.choice) == (False, "UNDECIDED")
    assert market.state("LISTING", "WM-1", "availability") == "LISTED"
    assert market.state("ORDER", order.order.number, "shipment") == "OPEN"
    assert doubts.held_among(merchant.shop.pk, ["WM-1"]) == {"WM-1"}
    assert [line.move for line in queries.history_of(found)][-2:] == ["trip", "take_back"]
    assert answer(answering.stop).status == "TRIPPED"
    order.refresh_from_db()
    assert order.is_held


def test_a_price_said_to_be_meant_by_mistake_is_forgotten_and_doubted_again(doubted, answer, tell, now):
    before = ListingGuard.objects.get().memory
    uses = list(PriceUse.objects.order_by("pk").values("price", "listings"))
    answer(answering.mean, reason="CLEARANCE")
    assert ListingGuard.objects.get().memory != before

    found = answer(taking_back.take_back)

    assert (found.status, found.finished_at) == ("SUSPECTED", None)
    assert not Suspension.objects.exists()
    assert ListingGuard.objects.get().memory == before
    assert not HadPrice.objects.filter(price="239.90").exists()
    assert [each for each in PriceUse.objects.order_by("pk").values("price", "listings") if each["listings"]] == uses
    tell(price("2399.00", 3), later=20)
    tell(price("239.90", 4), later=30)
    assert Incident.objects.exclude(pk=found.pk).get().status == "SUSPECTED"


def test_what_was_meant_costs_nothing_and_its_orders_go(doubted, answer, market, merchant):
    answer(answering.stop)
    assert queries.totals(queries.ledger_of(doubted))["prevented"] == Decimal("2159.10")

    found = answer(answering.mean, reason="CLEARANCE")

    order = AffectedOrder.objects.get()
    assert (found.status, order.choice, order.is_held) == ("RESTORED", "HONOUR", False)
    assert market.state("ORDER", order.order.number, "shipment") == "OPEN"
    assert not any(queries.totals(queries.ledger_of(doubted)).values())
    assert answer(answering.close).status == "CLOSED"


def test_meant_by_mistake_after_a_stop_is_stopped_again_and_asks_about_its_orders(doubted, answer, market, merchant):
    answer(answering.stop)
    answer(answering.mean, reason="CLEARANCE")
    assert market.state("LISTING", "WM-1", "availability") == "LISTED"

    found = answer(taking_back.take_back)

    order = AffectedOrder.objects.get()
    assert (found.status, order.choice, order.is_held) == ("TRIPPED", "UNDECIDED", True)
    assert market.state("LISTING", "WM-1", "availability") == "DELISTED"
    assert market.state("ORDER", order.order.number, "shipment") == "HELD"
    assert queries.totals(queries.ledger_of(doubted)) == queries.costs_of(doubted)


def test_a_price_put_right_meanwhile_is_no_doubt_when_the_answer_is_taken_back(doubted, answer, tell, now):
    answer(answering.mean, reason="CLEARANCE")
    tell(price("2399.00", 3), later=20)

    assert answer(taking_back.take_back).status == "CORRECTED"


def test_what_a_person_decided_about_an_order_stays(doubted, answer):
    answer(answering.stop)
    answer(choosing.choose, choice="CANCEL")

    answer(taking_back.take_back)

    order = AffectedOrder.objects.get()
    assert (order.choice, order.is_held) == ("CANCEL", True)


def test_who_may_only_look_takes_nothing_back_and_a_clock_gave_no_answer(doubted, answer, onlooker, merchant, now):
    with pytest.raises(Conflict):
        answer(taking_back.take_back)
    answer(answering.stop)
    before = facts()
    with pytest.raises(NotAllowed):
        taking_back.take_back(incident_id=doubted.pk, actor=onlooker.actor, at=now)
    assert facts() == before


def test_a_stop_of_the_policy_itself_and_a_sale_are_not_taken_back(tell, merchant, market, now):
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("2399.00", 1, at=now - timedelta(days=2)))
    tell(price("23.99", 2, at=now))
    found = Incident.objects.get(status="TRIPPED")
    given = {"incident_id": found.pk, "actor": merchant.actor, "at": now}

    assert "take_back" not in queries.moves_of(found)
    with pytest.raises(Conflict):
        taking_back.take_back(**given)
    answering.restore(**given, price="before")
    with pytest.raises(Conflict):
        taking_back.take_back(**given)


def test_another_doubt_about_the_product_goes_before(doubted, answer, tell):
    answer(answering.mean, reason="CLEARANCE")
    tell(price("0.00", 3), later=20)
    assert Incident.objects.count() == 2

    with pytest.raises(Conflict):
        answer(taking_back.take_back)


def test_by_the_link_that_gave_the_answer_for_ten_minutes(doubted, merchant, now):
    token = links.token_of(queries.links_of(doubted)["STOP"], user_id=merchant.user.pk)
    where = reverse("price_answer", args=[token])
    assert Client().post(where).status_code == 200

    assert Client().post(where, {"undo": "1"}).status_code == 200

    assert Incident.objects.get().status == "SUSPECTED"
    assert Client().post(where, {"undo": "1"}).status_code == 409
    assert Client().post(where).status_code == 200
    with pytest.raises(Conflict):
        links.take_back(token=token, at=now + timedelta(hours=1))
    assert Incident.objects.get().status == "TRIPPED"


def test_one_click_on_the_note_takes_it_back_on_the_page_and_on_the_list(doubted, merchant):
    page, several = reverse("price_incident_answer", args=[doubted.pk]), reverse("price_incidents_bulk")

    for where, picked in ((page, {}), (several, {"pick": doubted.pk})):
        answered = merchant.client.post(where, {"move": "trip", **picked})
        *_, note = get_messages(answered.wsgi_request)
        undo = note.extra_tags.removeprefix("undo:")
        assert Incident.objects.get().status == "TRIPPED"
        assert merchant.client.post(undo).status_code == 302
        assert Incident.objects.get().status == "SUSPECTED"


PRICES = st.decimals("0.10", "99.90", places=2)


@given(prices=st.lists(PRICES, max_size=25), mistaken=PRICES)
def test_a_forgotten_price_leaves_the_memory_as_it_was(prices, mistaken):
    start = memory.Memory()
    moments = [memory.datetime(2026, 11, 1) + timedelta(hours=hours) for hours in range(len(prices) + 1)]
    for value, at in zip(prices, moments, strict=False):
        start = memory.learn(start, price=value, at=at)

    taught = memory.learn(start, price=mistaken, at=moments[-1], confirmed=True)

    assert memory.forget(taught, price=mistaken, at=moments[-1]) == start
    assert memory.forget(start, price=mistaken, at=moments[-1]) == start
