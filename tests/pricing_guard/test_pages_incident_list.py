"""The list of incidents: searched, narrowed by kind, taken away as a file, and answered together."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from merchant_protection.foundation import tenancy
from pricing_guard.models import Incident, Suspension
from pricing_guard.rules.findings import KINDS, Check
from pricing_guard.views import incident_list
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/m/price-guard/incidents/"
BULK = f"{PATH}bulk/"
SKUS = ("WM-1", "WM-2", "WM-3")


@pytest.fixture(autouse=True)
def _in_english(merchant, rival):
    for one in (merchant, rival):
        one.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def doubted(merchant, tell, now):
    """Two prices with the point moved, and one below the floor; the shop is asked first."""
    guarded(merchant.shop, merchant, at=now, mode="APPROVE", floor_price="800", decimal_shift=True)
    before = now - timedelta(days=9)
    tell(*[event for sku in SKUS for event in (listing(sku), price("1299.00", 1, sku=sku, at=before))])
    tell(*[price(wrong, 2, sku=sku) for sku, wrong in zip(SKUS, ("129.90", "12.99", "700.00"), strict=True)])
    return found()


def found():
    with tenancy.platform():
        return {one.listing.sku: one for one in Incident.objects.select_related("listing").order_by("pk")}


def shown(person, query=""):
    return [one.listing.sku for one in person.client.get(PATH + query).context["page"].rows]


def test_the_list_is_searched_and_narrowed_by_kind_and_view(merchant, doubted, now):
    with tenancy.platform():
        Incident.objects.filter(pk=doubted["WM-2"].pk).update(
            check_name="DECIMAL_SHIFT", status="TRIPPED", tripped_at=now
        )
        Incident.objects.filter(pk=doubted["WM-3"].pk).update(check_name="BELOW_FLOOR", status="CORRECTED")

    assert shown(merchant) == ["WM-2", "WM-1"]
    assert shown(merchant, "?q=wm-1") == ["WM-1"]
    assert shown(merchant, "?view=stopped") == ["WM-2"]
    assert shown(merchant, "?view=all&kind=limits&q=WM-3") == ["WM-3"]
    assert shown(merchant, "?view=orders") == []
    assert "No incident matches" in merchant.client.get(f"{PATH}?q=nothing").content.decode()
    assert shown(merchant, "?view=nonsense&kind=nonsense&q=%20") == ["WM-2", "WM-1"]


def test_every_check_belongs_to_one_kind_that_has_a_name():
    assert sorted(check for checks in KINDS.values() for check in checks) == sorted(Check)
    assert set(KINDS) == set(incident_list.KIND_WORDS)


def test_picked_incidents_are_stopped_together_and_the_others_wait(merchant, doubted):
    picked = [doubted["WM-1"].pk, doubted["WM-3"].pk]

    answer = merchant.client.post(BULK, {"move": "trip", "pick": picked}, follow=True)

    assert "2 incidents answered." in answer.content.decode()
    assert {sku: one.status for sku, one in found().items()} == {
        "WM-1": "TRIPPED",
        "WM-2": "SUSPECTED",
        "WM-3": "TRIPPED",
    }


def test_all_that_the_filter_shows_are_meant_for_one_reason(merchant, doubted):
    merchant.client.post(f"{BULK}?q=WM", {"move": "mean", "every": "1", "reason": "CLEARANCE"})

    assert {one.status for one in found().values()} == {"INTENDED"}
    with tenancy.platform():
        assert set(Suspension.objects.values_list("reason", "listing__sku")) == {("CLEARANCE", sku) for sku in SKUS}


def test_one_that_cannot_be_answered_holds_up_no_other_and_says_why(merchant, doubted, now):
    with tenancy.platform():
        Incident.objects.filter(pk=doubted["WM-1"].pk).update(status="TRIPPED", tripped_at=now)

    answer = merchant.client.post(f"{BULK}?view=open", {"move": "trip", "every": "1"}, follow=True)

    page = answer.content.decode()
    assert "2 incidents answered." in page
    assert "1 left: Cannot trip while tripped." in page


def test_nothing_picked_or_no_such_answer_changes_nothing(merchant, doubted):
    given = ({"move": "trip"}, {"move": "nonsense", "every": "1"}, {"every": "1"})

    assert [merchant.client.post(BULK, each).status_code for each in given] == [302, 302, 302]
    assert {one.status for one in found().values()} == {"SUSPECTED"}


def test_a_neighbour_answers_none_of_them(rival, doubted):
    rival.client.post(BULK, {"move": "trip", "pick": [one.pk for one in doubted.values()]})

    assert {one.status for one in found().values()} == {"SUSPECTED"}


def test_the_list_is_taken_away_as_it_is_shown(merchant, doubted):
    answer = merchant.client.post(reverse("exports"), {"kind": "price_incidents", "query": "q=WM-2"})

    text = b"".join(answer.streaming_content).decode()
    lines = text.splitlines()
    assert len(lines) == 2
    assert all(word in lines[1] for word in ("WM-2", "12.99", "Suspected"))


def test_the_list_asks_the_database_as_often_for_three_as_for_one(merchant, doubted):
    merchant.client.get(PATH)

    counts = []
    for query in ("?q=WM-1", "?q=WM"):
        with CaptureQueriesContext(connection) as asked:
            merchant.client.get(PATH + query)
        counts.append(len(asked))

    assert counts[0] == counts[1]
