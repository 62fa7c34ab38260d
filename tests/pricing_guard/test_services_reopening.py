"""Sold again at the good price: the price comes first, and what keeps it from being set keeps the product off sale."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import actions as asked
from merchant_protection.marketplace.queries import doubts
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions, switches
from merchant_protection.marketplace.services.actions import sending
from merchant_protection.notices.models import Notice
from pricing_guard.models import Incident, IncidentMove
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import answering, reopening
from tests.pricing_guard.conftest import act, guarded, judge, listing, price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


@pytest.fixture
def stopped(tell, merchant, market, now):
    """A product that was taken off sale at a hundredth of its price."""
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("12.99", 2, at=now))
    act(now)
    return Incident.objects.get(status="TRIPPED")


@pytest.fixture
def sell(merchant, now):
    return lambda incident, **more: answering.restore(incident_id=incident.pk, actor=merchant.actor, at=now, **more)


def later():
    return timezone.now() + timedelta(seconds=5)


def done(market):
    return [one["verb"] for one in market.effects]


def test_it_stays_stopped_until_the_platform_has_set_the_price_and_sells_then_by_itself(
    stopped, sell, merchant, market, now
):
    waiting = sell(stopped)
    act(now)

    assert (waiting.status, waiting.sale_asked_at, waiting.sale_fault) == ("TRIPPED", now, "")
    assert doubts.held_among(merchant.shop.pk, ["WM-1"]) == {"WM-1"}
    assert not {"relist", "open_new_orders"} & {*done(market)}
    assert not PlatformAction.objects.filter(verb="relist").exists()

    judge(now)
    act(later())
    stopped.refresh_from_db()
    assert (stopped.status, stopped.sale_asked_at) == ("RESTORED", None)
    assert done(market)[2:] in (["set_price", "relist", "open_new_orders"], ["set_price", "open_new_orders", "relist"])
    assert not doubts.held_among(merchant.shop.pk, ["WM-1"])
    assert [one.move for one in queries.history_of(stopped)][-2:] == ["sale_asked", "restore"]


def refuse(market, stopped, now, merchant):
    market.fault = lambda key, nth: "refused"
    act(now)


def park(market, stopped, now, merchant):
    @transaction
    def give_up() -> None:
        sending.give_up(asked.lock(PlatformAction.objects.get(verb="set_price").pk), at=now, why="never finished")

    give_up()


def replace(market, stopped, now, merchant):
    value = {"amount": "900.00", "currency": "CNY"}
    wish = Wish(merchant_id=merchant.shop.pk, verb="set_price", ref="WM-1", feature="by_hand", value=value)
    actions.ask_by_person(wish, actor=merchant.actor, at=now)


def decline(market, stopped, now, merchant):
    park(market, stopped, now, merchant)
    actions.decline(action_id=PlatformAction.objects.get(verb="set_price").pk, actor=merchant.actor, at=now)


@pytest.mark.parametrize(
    ("befalls", "fault", "english", "chinese"),
    [
        (refuse, "REFUSED", "The platform refused the price.", "平台拒绝了这个价格。"),
        (park, "TRIES", "five tries", "五次"),
        (replace, "REPLACED", "Another price took its place.", "另一个价格"),
        (decline, "REPLACED", "Another price took its place.", "另一个价格"),
    ],
)
def test_a_price_that_was_not_set_keeps_it_stopped_and_the_shop_is_told_what_to_do(
    stopped, sell, merchant, market, now, befalls, fault, english, chinese
):
    sell(stopped)
    befalls(market, stopped, now, merchant)
    judge(now)
    market.fault = lambda key, nth: ""
    act(later())

    stopped.refresh_from_db()
    assert (stopped.status, stopped.sale_fault) == ("TRIPPED", fault)
    assert not {"relist", "open_new_orders"} & {*done(market)}
    notice = Notice.objects.get(kind="price.not_set")
    assert (notice.urgency, notice.path) == ("CRITICAL", f"/m/price-guard/incidents/{stopped.pk}/")
    assert not Notice.objects.filter(kind="action.failed", archived_at=None).exists()
    what_to_do = {"en": "Set ¥1,299.00 on the platform yourself", "zh-hans": "请在平台上自行设为 ¥1,299.00"}
    for language, words in (("en", english), ("zh-hans", chinese)):
        merchant.user.language = language
        merchant.user.save(update_fields=["language"])
        for path in (notice.path, "/m/inbox/"):
            page = merchant.client.get(path, headers={"Accept-Language": language}).content.decode()
            assert words in page, path
            assert what_to_do[language] in page, path


def test_once_the_shop_sets_the_good_price_itself_it_sells_again(stopped, sell, tell, market, now):
    sell(stopped)
    refuse(market, stopped, now, None)
    judge(now)
    market.fault = lambda key, nth: ""

    tell(price("1299.00", 3))
    act(later())

    stopped.refresh_from_db()
    assert (stopped.status, stopped.sale_fault) == ("RESTORED", "")
    assert "relist" in done(market)
    assert not Notice.objects.filter(kind="price.not_set", archived_at=None).exists()


def test_pressed_again_after_a_refusal_the_price_is_asked_for_once_more(stopped, sell, market, now):
    sell(stopped)
    with pytest.raises(Conflict):
        sell(stopped)
    refuse(market, stopped, now, None)
    judge(now)
    market.fault = lambda key, nth: ""

    sell(stopped)
    act(later())
    judge(later())
    act(later())

    stopped.refresh_from_db()
    assert stopped.status == "RESTORED"
    assert PlatformAction.objects.filter(verb="set_price").count() == 2
    assert done(market).index("set_price") < done(market).index("relist")


def test_a_good_price_that_was_refused_at_the_stop_is_asked_for_before_it_sells_again(
    tell, merchant, sell, market, now
):
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    market.fault = lambda key, nth: "refused"
    tell(price("700.00", 2, at=now))
    act(now)
    market.fault = lambda key, nth: ""
    incident = Incident.objects.get()
    assert PlatformAction.objects.get(verb="set_price").status == "FAILED"

    sell(incident)
    act(later())
    judge(later())

    assert Incident.objects.get().status == "RESTORED"
    assert PlatformAction.objects.filter(verb="set_price", status="CONFIRMED").exists()


def test_a_kill_switch_keeps_it_stopped_although_its_price_stands(stopped, sell, tell, merchant, market, now):
    sell(stopped)
    switch = {"scope": "MERCHANT", "merchant_id": merchant.shop.pk, "actor": merchant.actor, "at": now}
    switches.stop(**switch, reason="a fair")
    tell(price("1299.00", 3))
    assert Incident.objects.get().sale_fault == "SWITCH"

    switches.resume(**switch, reason="over", proved_again=True)
    sell(stopped)

    assert Incident.objects.get().status == "RESTORED"


def test_a_wrong_price_set_after_the_good_one_is_not_sold_at(stopped, sell, tell, market, now):
    sell(stopped)
    act(now)
    tell(price("11.99", 3, at=timezone.now() + timedelta(seconds=1)), later=5)

    stopped.refresh_from_db()
    assert (stopped.status, stopped.sale_fault) == ("TRIPPED", "REPLACED")
    with pytest.raises(Conflict):
        sell(stopped)
    assert "relist" not in done(market)


def test_as_it_was_before_the_stop_waits_for_nothing(stopped, sell, now):
    sell(stopped)

    assert sell(stopped, price="before").status == "RESTORED"
    assert Incident.objects.get().sale_asked_at is None


def test_eight_who_learn_of_the_price_at_once_sell_it_once(stopped, sell, merchant, market, now):
    sell(stopped)
    act(now)
    ids = [PlatformAction.objects.get(verb="set_price").pk]

    assert at_once(8, lambda: transaction(reopening.go_on)(merchant.shop.pk, ids, at=now)) == []

    assert IncidentMove.objects.filter(move="restore").count() == 1
    assert PlatformAction.objects.filter(verb="relist").count() == 1


def test_without_the_lock_it_would_be_sold_twice(stopped, sell, merchant, market, now):
    """The control: the same race with the look under the incident's lock left out."""
    sell(stopped)
    act(now)
    barrier = threading.Barrier(3, timeout=30)

    @transaction
    def unlocked() -> None:
        incident = Incident.objects.select_related("listing").get(sale_asked_at__isnull=False)
        barrier.wait()
        reopening.sell_by_itself(incident, at=now)

    at_once(3, unlocked)

    assert IncidentMove.objects.filter(move="restore").count() > 1


def at_once(count, work) -> list[Exception]:
    raised: list[Exception] = []

    def run() -> None:
        try:
            with tenancy.platform():
                work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
