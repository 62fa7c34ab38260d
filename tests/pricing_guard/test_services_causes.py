"""One cause, one alert: whatever the clock shows, however many look at once; and no cause goes on for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing
from merchant_protection.notices.models import Notice
from pricing_guard.models import Incident, IncidentCause
from pricing_guard.queries import causes as queries
from pricing_guard.services.incidents import answering, causes, clocks, taking_back
from pricing_guard.services.watching import prices
from tests.pricing_guard.conftest import guarded, listing, price
from tests.pricing_guard.test_disasters import order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]
ALERTS = ("price.incident", "price.incidents")
SKUS = [f"W-{n}" for n in range(8)]


@pytest.fixture
def goods(tell, now):
    tell(*(listing(sku) for sku in SKUS))
    tell(*(price("1299.00", 1, sku=sku, at=now - timedelta(hours=2)) for sku in SKUS))


def alerts():
    return sorted(Notice.objects.filter(kind__in=ALERTS, archived_at=None).values_list("kind", flat=True))


def named():
    return set(Incident.objects.values_list("cause", flat=True))


def slip(tell, sku, seconds, version=2):
    tell(price("12.99", version, sku=sku, by="feed"), later=seconds)


def test_a_wave_over_the_turn_of_ten_minutes_and_of_the_hour_is_one_cause_and_one_alert(goods, tell, merchant, now):
    guarded(merchant.shop, merchant, at=now)
    turn = 3600 - now.timestamp() % 3600  # the hour turns, and with it the ten minutes
    for place, seconds in enumerate((-599, -301, -1, 0, 1, 300, 899)):
        slip(tell, SKUS[place], turn + seconds + 600)

    assert Incident.objects.count() == 7
    assert named() == {"price:feed:1"}
    assert alerts() == ["price.incidents"]


def test_after_ten_quiet_minutes_it_is_another_cause_and_another_alert(goods, tell, now):
    slip(tell, SKUS[0], 0)
    slip(tell, SKUS[1], 540)
    slip(tell, SKUS[2], 1080)
    slip(tell, SKUS[3], 1080 + 601)

    assert named() == {"price:feed:1", "price:feed:2"}
    assert queries.of_cause(Incident.objects.all()[0].merchant_id, "price:feed:2").get().listing.sku == SKUS[3]
    assert alerts() == ["price.incident", "price.incidents"]


def test_what_comes_after_every_answer_is_told_again(goods, tell, merchant, now):
    slip(tell, SKUS[0], 0)
    answering.stop(incident_id=Incident.objects.get().pk, actor=merchant.actor, at=now)
    slip(tell, SKUS[1], 5)
    assert named() == {"price:feed:1"}  # it is still stopped: the same story

    for one in Incident.objects.all():
        answering.mean(incident_id=one.pk, actor=merchant.actor, at=now, reason="CLEARANCE")
    assert alerts() == []
    slip(tell, SKUS[2], 10)

    assert Incident.objects.get(listing__sku=SKUS[2]).cause == "price:feed:2"
    assert alerts() == ["price.incident"]


def test_a_further_wrong_price_keeps_its_cause_going(goods, tell, now):
    slip(tell, SKUS[0], 0)
    tell(price("1.29", 3, sku=SKUS[0], by="feed"), later=550)
    slip(tell, SKUS[1], 1_100)

    assert named() == {"price:feed:1"}


def test_orders_that_run_away_again_are_told_again(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, units_per_order="5")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    for turn in range(3):
        day = timedelta(hours=1) * turn
        tell(order(f"O-{turn}", at=now + day, quantity=9, each="900"), later=day.total_seconds())
        one = Incident.objects.get(status="TRIPPED")
        answering.restore(incident_id=one.pk, actor=merchant.actor, at=now + day, price="before")

    assert sorted(named()) == [f"orders:WM-1:{n}" for n in (1, 2, 3)]
    assert Notice.objects.filter(kind="price.incident").count() == 3


def test_reminders_of_one_cause_are_one(goods, tell, now):
    for sku in SKUS[:4]:
        slip(tell, sku, 0)
    Incident.objects.update(remind_at=now)

    assert clocks.remind(now=now) == 4

    notice = Notice.objects.get(kind="price.unanswered")
    assert notice.params["count"] == 4
    assert "cause=price%3Afeed%3A1" in notice.path


def test_an_answer_that_is_taken_back_is_reminded_of_again(goods, tell, merchant, now):
    slip(tell, SKUS[0], 0)
    one = {"incident_id": Incident.objects.get().pk, "actor": merchant.actor}
    minute = timedelta(minutes=1)
    assert clocks.remind(now=now + 20 * minute) == 1
    answering.mean(**one, at=now + 21 * minute, reason="CLEARANCE")
    assert not Notice.objects.filter(kind__startswith="price.", archived_at=None).exists()

    taking_back.take_back(**one, at=now + 22 * minute)
    assert clocks.remind(now=now + 40 * minute) == 1

    assert Notice.objects.filter(kind="price.unanswered", archived_at=None).count() == 1


def test_eight_who_find_something_at_once_name_one_cause(goods, merchant, now):
    wrong()

    assert at_once(lambda sku: transaction(prices.judge)(merchant.shop.pk, ids(sku), at=now)) == []

    assert Incident.objects.count() == 8
    assert named() == {"price::1"}
    assert alerts() == ["price.incidents"]
    assert IncidentCause.objects.count() == 1


def test_the_control_that_only_looks_names_several(goods, merchant, now, monkeypatch):
    """The same race where whoever finds no cause going on names one of its own."""
    wrong()
    barrier = threading.Barrier(3, timeout=30)

    def own(merchant_id, kinds, *, at):
        assert not queries.latest(merchant_id, kinds)
        barrier.wait()
        return {kind: f"{kind}:{threading.get_ident()}" for kind in kinds}

    monkeypatch.setattr(causes, "names", own)

    at_once(lambda sku: transaction(prices.judge)(merchant.shop.pk, ids(sku), at=now), SKUS[:3])

    assert len(named()) == 3


def wrong():
    Listing.objects.update(price="12.99", price_version=2)


def ids(sku):
    return [Listing.objects.get(sku=sku).pk]


def at_once(work, skus=SKUS):
    raised = []

    def run(sku):
        try:
            with tenancy.platform():
                work(sku)
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[sku]) for sku in skus]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
