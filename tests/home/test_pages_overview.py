"""The overview and what keeps it up to date: with nothing, with an old history, with a shop that lives."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.foundation import tenancy
from merchant_protection.home import context
from merchant_protection.marketplace.models import ActionTarget, PlatformAction
from merchant_protection.risk.models import Outcome
from tests.factories.marketplace import AfterSaleFactory, InboundSourceFactory, OrderFactory
from tests.factories.notices import NoticeFactory
from tests.factories.risk import WarningFactory

pytestmark = pytest.mark.django_db
CHEAP = 7  # beside one for each count of the side bar


def waiting_action(shop, at):
    platform = InboundSourceFactory(merchant=shop).platform
    target = ActionTarget.objects.create(
        merchant=shop, platform=platform, kind="LISTING", ref="W-1", aspect="availability", updated_at=at
    )
    return PlatformAction.objects.create(
        merchant=shop,
        target=target,
        verb="delist",
        value="DELISTED",
        desired_generation=1,
        idempotency_key="-",
        status="NEEDS_REVIEW",
        feature="test",
        reason="-",
        decided_at=at,
        judged_at=at,
        actor_name="-",
    )


@pytest.fixture
def overview(merchant):
    def get(query=""):
        answer = merchant.client.get(f"/m/{query}")
        assert answer.status_code == 200
        return answer

    return get


@pytest.fixture
def live(merchant):
    def get(tag=""):
        headers = {"If-None-Match": tag} if tag else {}
        return merchant.client.get("/m/live/", {"page": "overview", "days": 30}, headers=headers)

    return get


def test_a_shop_without_anything_has_zeros_and_no_empty_chart(overview):
    shown = overview().context

    assert (shown["figures"].orders, shown["figures"].sales, shown["chart"]) == (0, 0, None)
    assert (shown["orders_change"], shown["urgent"]) == ("", None)


def test_a_shop_with_an_old_history_shows_the_days_before_its_end_and_says_so(overview, merchant, now):
    for days in (400, 403, 431):
        OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=days))

    shown = overview().context

    assert (shown["is_past"], shown["until"]) == (True, now - timedelta(days=400))
    assert (shown["figures"].orders, shown["figures"].orders_before) == (2, 1)


def test_a_living_shop_is_compared_with_the_days_before(overview, merchant, rival, now):
    for days in (1, 2, 3, 9, 20):
        OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=days), total=Decimal(100))
    OrderFactory(merchant=rival.shop)
    AfterSaleFactory(merchant=merchant.shop)

    shown = overview("?days=7").context

    assert not shown["is_past"]
    assert (shown["figures"].orders, shown["figures"].orders_before, shown["orders_change"]) == (4, 1, "+300%")
    assert shown["figures"].open_after_sales == 1


def test_a_day_without_orders_stands_in_the_chart_as_zero(overview, merchant, now):
    for days in (1, 4):
        OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=days))

    assert overview().context["chart"]["series"][0]["data"] == [1, 0, 0, 1]


@pytest.mark.parametrize("days", ["8", "-1", "x", "9" * 30, "²"])
def test_a_period_that_is_not_offered_is_thirty_days(overview, days):
    assert overview(f"?days={days}").context["days"] == 30


def test_the_most_urgent_unread_notice_stands_on_top(overview, merchant):
    NoticeFactory(merchant=merchant.shop)
    urgent = NoticeFactory(merchant=merchant.shop, urgency="CRITICAL", kind="inbox.parked", params={"type": "x"})

    assert overview().context["urgent"] == urgent


def test_an_open_page_is_told_only_what_is_new(live, merchant):
    first = live()
    tag = first["ETag"]
    assert (first.status_code, live(tag).status_code, live(tag).content) == (200, 304, b"")

    NoticeFactory(merchant=merchant.shop)
    told = live(tag)
    assert (told.status_code, b'id="count-inbox"' in told.content) == (200, True)
    assert told.context["counts"]["count-inbox"] == 1

    assert live(told["ETag"]).status_code == 304
    OrderFactory(merchant=merchant.shop)
    assert live(told["ETag"]).status_code == 200


def test_a_compressed_page_keeps_its_tag(merchant):
    """Compression makes the tag weak, and the page sends it back as it got it."""
    NoticeFactory.create_batch(3, merchant=merchant.shop)
    page = merchant.client.get("/m/live/?page=overview", headers={"Accept-Encoding": "gzip"})

    assert (page["Content-Encoding"], page["ETag"][:2]) == ("gzip", "W/")
    again = {"Accept-Encoding": "gzip", "If-None-Match": page["ETag"]}
    assert merchant.client.get("/m/live/?page=overview", headers=again).status_code == 304


def test_what_another_shop_does_is_not_news(live, rival):
    tag = live()["ETag"]
    OrderFactory(merchant=rival.shop)
    NoticeFactory(merchant=rival.shop)

    assert live(tag).status_code == 304


def test_asking_whether_something_is_new_is_cheap_however_much_there_is(live, merchant):
    def cost():
        tag = live()["ETag"]
        with CaptureQueriesContext(connection) as queries:
            assert live(tag).status_code == 304
        return len(queries)

    NoticeFactory(merchant=merchant.shop)
    few = cost()
    OrderFactory.create_batch(20, merchant=merchant.shop)
    NoticeFactory.create_batch(20, merchant=merchant.shop)

    assert cost() == few <= CHEAP + len(settings.SIDE_BAR_COUNTS)


def test_every_count_has_its_place_in_the_side_bar_and_is_told_by_the_poll(overview, live, merchant):
    places = {line[3] for _title, lines in context.GROUPS for line in lines}
    page, poll = overview().content.decode(), live().content.decode()

    assert set(settings.SIDE_BAR_COUNTS) <= places
    for name in settings.SIDE_BAR_COUNTS:
        assert f'id="{name}"' in page
        assert f'id="{name}"' in poll


@pytest.mark.parametrize("waiting", [0, 1])
def test_an_action_that_waits_for_a_person_is_counted_beside_its_page(live, merchant, now, waiting):
    tag = live()["ETag"]
    for _index in range(waiting):
        with tenancy.platform():
            waiting_action(merchant.shop, now)

    told = live(tag)

    assert (told.status_code == 304) is not bool(waiting)
    if waiting:
        assert told.context["counts"]["count-actions"] == 1


def test_the_overview_costs_the_same_for_one_order_and_for_fifty(overview, merchant):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            overview()
        return len(queries)

    OrderFactory(merchant=merchant.shop)
    NoticeFactory(merchant=merchant.shop)
    overview()
    one = cost()
    OrderFactory.create_batch(49, merchant=merchant.shop)
    NoticeFactory.create_batch(9, merchant=merchant.shop)

    assert cost() == one


def test_savings_are_added_up_beside_the_days_before_and_lead_to_their_lines(overview, merchant, now):
    OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=70))
    OrderFactory(merchant=merchant.shop, placed_at=now)
    with tenancy.platform():
        for days, prevented, recovered in ((1, 100, 20), (40, 60, 0), (90, 999, 0)):
            Outcome.objects.create(
                merchant=merchant.shop,
                feature="claims",
                kind="extortion",
                subject_id=f"MC-{days}",
                at=now - timedelta(days=days),
                currency="CNY",
                prevented=prevented,
                recovered=recovered,
            )

    shown = overview().context

    assert (shown["figures"].prevented, shown["figures"].prevented_before) == (120, 60)
    assert shown["prevented_change"] == "+100%"
    page = merchant.client.get("/m/outcomes/").content.decode()
    assert "MC-40" in page
    assert "¥60.00" in page


def test_open_warnings_are_a_figure(overview, merchant):
    WarningFactory(merchant=merchant.shop)
    WarningFactory(merchant=merchant.shop, status="ACKNOWLEDGED")

    assert overview().context["figures"].open_warnings == 1


def test_the_count_of_open_after_sales_leads_to_their_orders(merchant):
    waiting, answered, quiet = OrderFactory.create_batch(3, merchant=merchant.shop)
    AfterSaleFactory(merchant=merchant.shop, order=waiting)
    AfterSaleFactory(merchant=merchant.shop, order=answered, status="CLOSED")

    overview = merchant.client.get("/m/").content.decode()
    listed = merchant.client.get("/m/orders/?after_sale=OPEN").content.decode()

    assert 'href="/m/orders/?after_sale=OPEN"' in overview
    assert waiting.number in listed
    assert answered.number not in listed
    assert quiet.number not in listed
