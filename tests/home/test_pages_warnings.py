"""The warnings pages: what waits, why, and the answers, for who may see and answer them."""

import re
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Order, PlatformAction
from merchant_protection.risk.models import BuyerCluster, Label, Snooze, Warning
from merchant_protection.risk.services import warnings
from tests.factories.marketplace import BuyerFactory, OrderFactory, SellingPlatformFactory
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
NUMBERS = count(4821)
FACTS = {
    "sku": "SKU-9",
    "units": 30,
    "percent": 60,
    "unpaid_orders": 2,
    "limits": {"unpaid_share": 10, "unpaid_share_high": 30, "unpaid_orders": 3, "unpaid_for": 15},
}


@pytest.fixture(autouse=True)
def _english(merchant: Persona, onlooker: Persona) -> None:
    for person in (merchant, onlooker):
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def warning_of(persona: Persona, **fields: object) -> Warning:
    """A warning about an order of 30 unpaid units."""
    buyer = BuyerFactory(merchant=persona.shop, ref=f"buyer-{next(NUMBERS):04}")
    order = OrderFactory(merchant=persona.shop, buyer=buyer, status="PLACED")
    told = {"kind": "HOARDING", "facts": FACTS, "order": order, "buyer": buyer, "amount": 1299, "currency": "CNY"}
    return WarningFactory(merchant=persona.shop, **{**told, **fields})


def status_of(warning: Warning) -> str:
    with tenancy.platform():
        return Warning.objects.values_list("status", flat=True).get(pk=warning.pk)


def test_the_list_shows_kind_reason_and_masked_buyer(merchant: Persona) -> None:
    warning = warning_of(merchant)

    page = merchant.client.get("/m/warnings/").content.decode()

    assert "Stock held without paying" in page
    assert "30 units of SKU-9 in 2 unpaid orders: 60% of the stock." in page
    assert warning.order.number in page
    assert "buyer-" not in page
    assert "b***" in page


@pytest.mark.parametrize(
    ("view", "shown"), [("open", "ac"), ("high", "ab"), ("acknowledged", "b"), ("all", "abcd"), ("nonsense", "ac")]
)
def test_each_view_holds_its_own(merchant: Persona, now: datetime, view: str, shown: str) -> None:
    rows = {
        "a": warning_of(merchant, level="HIGH"),
        "b": warning_of(merchant, level="HIGH", status="ACKNOWLEDGED"),
        "c": warning_of(merchant, level="LOW"),
        "d": warning_of(merchant, level="HIGH", status="EXPIRED", answered_at=now),
    }

    page = merchant.client.get("/m/warnings/", {"view": view}).content.decode()

    assert {name for name, row in rows.items() if f"/m/warnings/{row.pk}/" in page} == set(shown)


def test_filters_narrow_by_kind_and_order(merchant: Persona) -> None:
    one, other = warning_of(merchant), warning_of(merchant, kind="ARBITRAGE")

    page = merchant.client.get("/m/warnings/", {"kind": "ARBITRAGE"}).content.decode()
    assert f"/m/warnings/{other.pk}/" in page
    assert f"/m/warnings/{one.pk}/" not in page

    page = merchant.client.get("/m/warnings/", {"q": one.order.number}).content.decode()
    assert f"/m/warnings/{one.pk}/" in page
    assert f"/m/warnings/{other.pk}/" not in page

    assert "No warning matches" in merchant.client.get("/m/warnings/", {"q": "nothing"}).content.decode()


def test_nothing_waiting_says_all_clear(merchant: Persona) -> None:
    assert "All clear" in merchant.client.get("/m/warnings/").content.decode()


def test_the_detail_shows_values_against_limits(merchant: Persona) -> None:
    page = merchant.client.get(f"/m/warnings/{warning_of(merchant).pk}/").content.decode()

    assert "Share of the stock in unpaid orders" in page
    assert "60%" in page
    assert "from 10%" in page


def test_answers_are_given_on_the_page(merchant: Persona) -> None:
    warning = warning_of(merchant)
    path = f"/m/warnings/{warning.pk}/answer/"

    merchant.client.post(path, {"answer": "acknowledge"})
    assert status_of(warning) == "ACKNOWLEDGED"

    merchant.client.post(path, {"answer": "nonsense"})
    assert status_of(warning) == "ACKNOWLEDGED"

    merchant.client.post(path, {"answer": "mark_normal", "note": "a school"})
    assert status_of(warning) == "NORMAL"

    answer = merchant.client.post(path, {"answer": "mark_normal"}, follow=True)
    assert "the state is “Verified normal”" in answer.content.decode()


def test_several_are_acknowledged_at_once_and_taken_back(merchant: Persona, now: datetime) -> None:
    two = [warning_of(merchant) for _ in range(2)]

    answer = merchant.client.post(
        "/m/warnings/bulk/", {"answer": "acknowledge", "pick": [row.pk for row in two]}, follow=True
    ).content.decode()

    assert "2 warnings acknowledged" in answer
    assert [status_of(row) for row in two] == ["ACKNOWLEDGED"] * 2

    (undo,) = re.findall(r"/m/warnings/jobs/\d+/undo/", answer)
    merchant.client.post(undo)
    assert [status_of(row) for row in two] == ["OPEN"] * 2


def test_rows_that_cannot_be_answered_are_told_with_why(merchant: Persona, now: datetime) -> None:
    fresh = warning_of(merchant)
    over = warning_of(merchant, status="EXPIRED", answered_at=now)

    page = merchant.client.post(
        "/m/warnings/bulk/", {"answer": "acknowledge", "pick": [fresh.pk, over.pk]}, follow=True
    ).content.decode()

    assert "1 of 2 done, 1 left as they are." in page
    assert "It cannot be done any more: the state is “Expired”." in page
    assert status_of(fresh) == "ACKNOWLEDGED"


def test_all_rows_of_the_filter_are_meant_when_asked_for(merchant: Persona) -> None:
    meant = [warning_of(merchant, kind="ARBITRAGE") for _ in range(30)]
    other = warning_of(merchant)

    merchant.client.post("/m/warnings/bulk/?kind=ARBITRAGE", {"answer": "acknowledge", "every": "1", "pick": []})

    assert {status_of(row) for row in meant} == {"ACKNOWLEDGED"}
    assert status_of(other) == "OPEN"


def test_who_only_looks_sees_no_buttons_and_answers_nothing(merchant: Persona, onlooker: Persona) -> None:
    warning = warning_of(merchant)

    page = onlooker.client.get(f"/m/warnings/{warning.pk}/").content.decode()
    answer = onlooker.client.post(f"/m/warnings/{warning.pk}/answer/", {"answer": "acknowledge"})

    assert "Verified normal</button>" not in page
    assert answer.status_code == 403
    assert status_of(warning) == "OPEN"


def test_the_export_holds_the_filter_with_masked_buyers(merchant: Persona) -> None:
    warning_of(merchant)
    warning_of(merchant, kind="ARBITRAGE", facts={})

    answer = merchant.client.post("/m/exports/", {"kind": "warnings", "query": "kind=HOARDING"})
    body = b"".join(answer.streaming_content).decode()

    assert len(body.strip().splitlines()) == 2
    assert "b***" in body
    assert "buyer-" not in body


def test_the_side_bar_counts_what_waits(merchant: Persona) -> None:
    warning_of(merchant)
    warning_of(merchant, status="ACKNOWLEDGED")

    page = merchant.client.get("/m/orders/").content.decode()

    assert '<span class="count" id="count-warnings">1<' in page


def test_a_page_of_25_costs_as_many_queries_as_one_row(merchant: Persona) -> None:
    costs = []
    merchant.client.get("/m/warnings/", {"view": "all"})
    for many in (1, 30):
        for _ in range(many):
            warning_of(merchant)
        with CaptureQueriesContext(connection) as queries:
            merchant.client.get("/m/warnings/", {"view": "all"})
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_expired_ones_say_why(merchant: Persona, now: datetime) -> None:
    warning = WarningFactory(merchant=merchant.shop, kind="HOARDING", expires_at=now - timedelta(minutes=1))
    with tenancy.platform():
        warnings.expire_due(now=now)

    page = merchant.client.get(f"/m/warnings/{warning.pk}/").content.decode()

    assert "Its time ran out without an answer." in page


def test_a_shipment_is_held_and_released_by_a_person(merchant: Persona) -> None:
    SellingPlatformFactory()
    warning = warning_of(merchant)

    page = merchant.client.post(
        f"/m/warnings/{warning.pk}/answer/", {"answer": "hold_shipment"}, follow=True
    ).content.decode()
    assert "1 shipment is being held" in page
    assert "Release shipment" in page
    with tenancy.platform():
        action = PlatformAction.objects.select_related("target").get()
    assert (action.verb, action.target.ref, action.is_automatic) == ("hold_shipment", warning.order.number, False)

    merchant.client.post(f"/m/warnings/{warning.pk}/undo/")
    with tenancy.platform():
        assert list(PlatformAction.objects.order_by("pk").values_list("verb", flat=True)) == [
            "hold_shipment",
            "release_shipment",
        ]


def test_a_shipped_order_cannot_be_held(merchant: Persona) -> None:
    SellingPlatformFactory()
    warning = warning_of(merchant)
    with tenancy.platform():
        Order.objects.filter(pk=warning.order_id).update(status="SHIPPED")

    page = merchant.client.post(
        f"/m/warnings/{warning.pk}/answer/", {"answer": "hold_shipment"}, follow=True
    ).content.decode()

    assert "no longer waiting to be shipped" in page


def test_verified_normal_teaches_and_snoozes(merchant: Persona, now: datetime) -> None:
    warning = warning_of(merchant)

    merchant.client.post(f"/m/warnings/{warning.pk}/answer/", {"answer": "mark_normal", "snooze": "30"})

    with tenancy.platform():
        snooze, label = Snooze.objects.get(), Label.objects.get()
    assert (snooze.kind, snooze.buyer_id) == ("HOARDING", warning.buyer_id)
    assert timedelta(days=29) < snooze.until - now <= timedelta(days=30, minutes=1)
    assert (label.value, label.order_id) == ("ORDINARY", warning.order_id)


@pytest.fixture
def ring(merchant: Persona) -> list[Warning]:
    """Three warnings of tied accounts, two of them of one account, and the most urgent of them the second."""
    with tenancy.platform():
        cluster = BuyerCluster.objects.create(
            merchant=merchant.shop, key="r" * 64, size=2, created_at=timezone.now(), updated_at=timezone.now()
        )
    first = warning_of(merchant, cluster=cluster)
    return [
        first,
        warning_of(merchant, cluster=cluster, level="HIGH"),
        warning_of(merchant, cluster=cluster, buyer=first.buyer),
    ]


def links(page: str) -> set[int]:
    return {int(pk) for pk in re.findall(r"/m/warnings/(\d+)/", page)}


def test_the_warnings_of_a_ring_are_one_row_until_something_is_looked_for(
    merchant: Persona, ring: list[Warning]
) -> None:
    alone = warning_of(merchant)

    page = merchant.client.get("/m/warnings/").content.decode()
    inside = merchant.client.get("/m/warnings/", {"ring": ring[0].cluster_id}).content.decode()
    of_kind = merchant.client.get("/m/warnings/", {"kind": "HOARDING"}).content.decode()

    assert links(page) == {alone.pk, ring[1].pk}
    assert "3 warnings of a ring of 2 accounts" in page
    assert links(inside) == {each.pk for each in ring}
    assert "One ring of accounts" in inside
    assert links(of_kind) == {alone.pk, *(each.pk for each in ring)}


def test_one_answer_to_a_ring_answers_each_of_its_warnings_and_no_other(
    merchant: Persona, rival: Persona, ring: list[Warning]
) -> None:
    alone = warning_of(merchant)
    answer = {"answer": "acknowledge", "pick": [f"ring-{ring[0].cluster_id}", "ring-", "ring-x"]}

    rival.client.post("/m/warnings/bulk/", answer)
    by_rival = {status_of(each) for each in ring}
    merchant.client.post("/m/warnings/bulk/?view=open", answer)

    assert by_rival == {"OPEN"}
    assert {status_of(each) for each in ring} == {"ACKNOWLEDGED"}
    assert status_of(alone) == "OPEN"


def test_a_ring_costs_one_question_however_many_there_are(merchant: Persona, ring: list[Warning]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as taken:
            merchant.client.get("/m/warnings/")
        return len(taken)

    asked()
    one = asked()
    with tenancy.platform():
        for index in range(5):
            cluster = BuyerCluster.objects.create(
                merchant=merchant.shop,
                key=f"{index}" * 64,
                size=2,
                created_at=timezone.now(),
                updated_at=timezone.now(),
            )
            for _ in range(2):
                warning_of(merchant, cluster=cluster)

    assert asked() == one
