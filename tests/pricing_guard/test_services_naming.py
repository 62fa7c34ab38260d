"""Sold again where no good price is known: never at the price that is in doubt, only at one the guard lets pass."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from merchant_protection.foundation.errors import Invalid
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import doubts
from pricing_guard.models import Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.services import windows
from pricing_guard.services.incidents import answering, answering_many
from pricing_guard.services.watching import rechecking
from tests.pricing_guard.conftest import act, guarded, judge, listing, price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


@pytest.fixture
def unknown(tell, merchant, market, now):
    """A product whose last good price is itself below its floor: stopped, and no price to go back to."""
    tell(listing(), price("299.00", 1, at=now - timedelta(hours=2)))
    guarded(merchant.shop, merchant, at=now, floor_price="500", max_drop_last="10")
    tell(price("140.00", 2, at=now))
    act(now)
    return Incident.objects.get(status="TRIPPED", revert_price=None)


@pytest.fixture
def sell(merchant, now):
    return lambda incident, **more: answering.restore(incident_id=incident.pk, actor=merchant.actor, at=now, **more)


def later():
    return timezone.now() + timedelta(seconds=5)


def verbs(market):
    return {one["verb"] for one in market.effects}


def assert_still_stopped(merchant, incident):
    incident.refresh_from_db()
    assert (incident.status, incident.answered_at, incident.sale_asked_at) == ("TRIPPED", None, None)
    assert doubts.held_among(merchant.shop.pk, ["WM-1"]) == {"WM-1"}
    assert not PlatformAction.objects.filter(verb__in=("relist", "open_new_orders", "set_price")).exists()


def test_without_a_good_price_it_is_not_sold_at_the_wrong_one(unknown, sell, merchant):
    with translation.override("en"), pytest.raises(Invalid) as refused:
        sell(unknown)

    assert "No good price is known" in refused.value.fields["amount"][0]
    assert "¥500.00" in refused.value.fields["amount"][0]
    assert_still_stopped(merchant, unknown)


@pytest.mark.parametrize("amount", [None, Decimal(0), Decimal("-5"), Decimal("499.99"), Decimal("140.00")])
def test_a_price_the_guard_would_stop_is_not_taken(unknown, sell, merchant, amount):
    with pytest.raises(Invalid):
        sell(unknown, price="named", amount=amount)

    assert_still_stopped(merchant, unknown)
    assert Incident.objects.get().revert_price is None


def test_a_price_that_is_named_is_set_first_and_it_sells_then_by_itself(unknown, sell, merchant, market, now):
    waiting = sell(unknown, price="named", amount=Decimal("549.00"))
    assert (waiting.status, waiting.sale_asked_at) == ("TRIPPED", now)
    act(now)
    assert "relist" not in verbs(market)
    judge(now)
    act(later())

    unknown.refresh_from_db()
    assert (unknown.status, unknown.revert_price) == ("RESTORED", Decimal(549))
    assert market.state("LISTING", "WM-1", "price") == {"amount": "549.00", "currency": "CNY"}
    assert not doubts.held_among(merchant.shop.pk, ["WM-1"])
    assert [one.move for one in queries.history_of(unknown)][-3:] == ["price_named", "sale_asked", "restore"]


def test_another_price_may_be_named_while_the_first_is_not_set_yet(unknown, sell, market, now):
    sell(unknown, price="named", amount=Decimal("549.00"))

    sell(unknown, price="named", amount=Decimal("559.00"))
    act(now)
    judge(now)
    act(later())

    assert Incident.objects.get().status == "RESTORED"
    assert [one["value"]["amount"] for one in market.effects if one["verb"] == "set_price"] == ["559.00"]


def test_set_on_the_platform_first_it_sells_as_it_stands(unknown, sell, tell, now):
    tell(price("560.00", 3))

    assert sell(unknown).status == "RESTORED"
    assert not PlatformAction.objects.filter(verb="set_price").exists()


def test_a_low_price_that_was_accepted_for_a_time_is_not_good_once_the_time_is_over(tell, merchant, sell, market, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    began = now - timedelta(hours=1)
    wanted = windows.Ask("CLEARANCE", began, now + timedelta(hours=1), skus=["WM-1"], lowest_price=Decimal(500))
    windows.ask(merchant_id=merchant.shop.pk, wanted=wanted, actor=merchant.actor, at=began)
    tell(listing(), price("599.00", 1, at=now))
    rechecking.recheck(now=now + timedelta(minutes=65))
    incident = Incident.objects.get(status="TRIPPED", check_name="BELOW_FLOOR")

    with pytest.raises(Invalid):
        answering.restore(incident_id=incident.pk, actor=merchant.actor, at=now + timedelta(minutes=66))

    assert_still_stopped(merchant, incident)


def test_the_page_the_api_and_the_answer_to_many_say_what_to_do(unknown, merchant, now):
    where = f"/m/price-guard/incidents/{unknown.pk}/"
    asks = {"en": "No good price is known", "zh-hans": "没有已知的正常价"}
    for language, words in asks.items():
        merchant.user.language = language
        merchant.user.save(update_fields=["language"])
        spoken = {"headers": {"Accept-Language": language}}
        answer = f"{where}answer/"
        for page in (
            merchant.client.get(where, **spoken),
            merchant.client.post(answer, {"move": "restore"}, follow=True, **spoken),
        ):
            assert words in page.content.decode()
    assert 'value="good"' not in merchant.client.get(where).content.decode()

    restore = f"/api/v1/price-incidents/{unknown.pk}/restore"
    for body in ({}, {"price": "named", "amount": "140.00"}):
        answer = merchant.client.post(restore, body, content_type="application/json")
        assert answer.status_code == 422, answer.content
        assert "¥500.00" in answer.content.decode()

    report = answering_many.answer("restore", incident_ids=[unknown.pk], actor=merchant.actor, at=now)
    assert (report.done, list(report.left)) == ([], [unknown.pk])
    assert_still_stopped(merchant, unknown)

    for typed in ("5 4 9", "12,9x", "-1", "1e3"):
        merchant.client.post(f"{where}answer/", {"move": "restore", "price": "good", "amount": typed})
        assert_still_stopped(merchant, unknown)
    merchant.client.post(f"{where}answer/", {"move": "restore", "price": "named", "amount": "549.00"})
    assert Incident.objects.get().sale_asked_at is not None
