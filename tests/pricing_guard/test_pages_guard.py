"""The pages of incidents, floors, trials, windows and the calendar: what they show and what they change."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from merchant_protection.foundation import tenancy
from pricing_guard.models import (
    AffectedOrder,
    ApprovedWindow,
    Backtest,
    EvidencePack,
    FloorImport,
    Incident,
    ListingGuard,
)
from pricing_guard.services import backtests, floors
from tests.factories.marketplace import OrderFactory, PromotionFactory
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _in_english(merchant):
    merchant.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def doubted(merchant, tell, now):
    """A washing machine of 2,299 yuan whose price lost its last digit."""
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(listing(), price("2399.00", 1, at=now - timedelta(days=40)))
    tell(price("2299.00", 2, at=now - timedelta(days=9)))
    tell(price("239.90", 3))
    return rows(Incident)[0]


def rows(model):
    with tenancy.platform():
        return list(model.objects.order_by("pk"))


def affected(incident, count):
    """Orders that bought at the wrong price."""
    with tenancy.platform():
        for _ in range(count):
            order = OrderFactory(merchant=incident.merchant)
            AffectedOrder.objects.create(
                merchant=incident.merchant,
                incident=incident,
                listing=incident.listing,
                order=order,
                buyer=order.buyer,
                quantity=2,
                unit_paid=incident.price,
                reference=2299,
                currency="CNY",
                placed_at=timezone.now(),
            )


def test_an_incident_says_why_and_how_long_orders_may_be_voided(merchant, doubted):
    answer = merchant.client.get(reverse("price_incident", args=[doubted.pk]))
    page = answer.content.decode()

    assert "¥239.90" in page
    assert answer.context["void_days"] in (89, 90)
    assert answer.context["chart"]["chart"]["threshold"]["beyond"] == "below"
    assert answer.context["moves"] == ["mean", "trip"] or set(answer.context["moves"]) == {"mean", "trip"}


def test_the_first_page_says_what_is_at_stake_in_orders_that_nothing_holds(merchant, doubted):
    affected(doubted, 3)
    with tenancy.platform():
        AffectedOrder.objects.filter(pk=rows(AffectedOrder)[0].pk).update(is_held=True)

    page = merchant.client.get(reverse("price_guard"))

    each = (2299 - doubted.price) * 2
    assert page.context["at_stake"] == {"orders": 2, "exposed": 2 * each}
    assert "in 2 orders that nothing holds yet" in page.content.decode()


def test_picked_orders_are_decided_and_the_others_wait(merchant, doubted):
    affected(doubted, 3)
    first, second, third = rows(AffectedOrder)
    path = reverse("price_incident_orders", args=[doubted.pk])

    merchant.client.post(path, {"choice": "CANCEL", "pick": [first.pk, second.pk]})

    assert [each.choice for each in rows(AffectedOrder)] == ["CANCEL", "CANCEL", "UNDECIDED"]
    assert rows(AffectedOrder)[0].draft
    assert rows(AffectedOrder)[0].order_id == first.order_id

    merchant.client.post(path, {"choice": "HONOUR", "every": "yes"})
    assert [each.choice for each in rows(AffectedOrder)] == ["CANCEL", "CANCEL", "HONOUR"]
    assert third.pk == rows(AffectedOrder)[2].pk


def test_nothing_picked_decides_nothing_and_says_so(merchant, doubted):
    affected(doubted, 1)

    path = reverse("price_incident_orders", args=[doubted.pk])
    answer = merchant.client.post(path, {"choice": "HONOUR"}, follow=True)

    assert rows(AffectedOrder)[0].choice == "UNDECIDED"
    assert any("Name the orders" in str(each) for each in answer.context["messages"])


def test_the_evidence_is_made_and_taken_away_as_one_file(merchant, rival, doubted):
    affected(doubted, 1)

    merchant.client.post(reverse("price_incident_pack", args=[doubted.pk]))

    row = rows(EvidencePack)[0]
    file = merchant.client.get(reverse("price_pack", args=[row.pk]))
    assert file.content[:2] == b"PK"
    assert rival.client.get(reverse("price_pack", args=[row.pk])).status_code == 404


def test_an_onlooker_sees_no_button_and_decides_nothing(onlooker, doubted):
    affected(doubted, 1)

    page = onlooker.client.get(reverse("price_incident", args=[doubted.pk]))
    onlooker.client.post(reverse("price_incident_orders", args=[doubted.pk]), {"choice": "HONOUR", "every": "yes"})

    assert page.context["moves"] == []
    assert rows(AffectedOrder)[0].choice == "UNDECIDED"


def test_an_incident_costs_the_same_for_one_order_and_for_twenty(merchant, doubted):
    def cost():
        with CaptureQueriesContext(connection) as caught:
            assert merchant.client.get(reverse("price_incident", args=[doubted.pk])).status_code == 200
        return len(caught)

    affected(doubted, 1)
    cost()
    one = cost()
    affected(doubted, 19)

    assert cost() == one


def test_floors_are_previewed_then_applied_and_taken_back(merchant, doubted):
    path, name = reverse("price_floors"), f"floor_{doubted.listing_id}"

    seen = merchant.client.post(path, {name: "1800", "preview": "1"})
    assert (seen.context["changed"], rows(ListingGuard)[0].floor_price) == (1, None)

    merchant.client.post(path, {name: "1800", "apply": "1"})
    assert rows(ListingGuard)[0].floor_price == 1800

    job = rows(FloorImport)[-1]
    merchant.client.post(reverse("price_floor_job_move", args=[job.pk]), {"move": "undo"})
    assert rows(ListingGuard)[0].floor_price is None


def test_a_percentage_fills_the_table_and_applies_nothing(merchant, doubted):
    seen = merchant.client.post(reverse("price_floors"), {"percent": "10", "percent_apply": "1"})

    assert seen.context["rows"][0]["typed"] == "215.91"
    assert rows(ListingGuard)[0].floor_price is None


def test_a_faulty_floor_stands_beside_its_row_and_nothing_is_applied(merchant, doubted):
    answer = merchant.client.post(reverse("price_floors"), {f"floor_{doubted.listing_id}": "cheap", "apply": "1"})

    assert answer.status_code == 422
    assert answer.context["rows"][0]["fault"]
    assert rows(ListingGuard)[0].floor_price is None


def test_a_file_is_checked_first_and_applied_by_a_second_word(merchant, doubted):
    file = SimpleUploadedFile("floors.csv", b"sku,floor\nWM-1,1700\n")
    merchant.client.post(reverse("price_floors_file"), {"file": file})
    work_off()
    checked = rows(FloorImport)[-1]
    page = merchant.client.get(reverse("price_floor_job", args=[checked.pk]))
    assert (page.context["may_apply"], rows(ListingGuard)[0].floor_price) == (True, None)

    merchant.client.post(reverse("price_floor_job_move", args=[checked.pk]), {"move": "apply"})
    work_off()

    assert rows(ListingGuard)[0].floor_price == 1700


def test_a_trial_of_these_values_is_run_and_read(merchant, doubted):
    policy_id = doubted.policy_id
    merchant.client.post(reverse("price_backtest_start", args=[policy_id]), {"number": "1", "span": "90"})
    run = rows(Backtest)[0]
    address, part = reverse("price_backtest", args=[run.pk]), {"HX-Request": "true"}
    assert merchant.client.get(address).context["running"] is True
    assert "HX-Refresh" not in merchant.client.get(address, headers=part)

    work_off()

    assert merchant.client.get(address, headers=part)["HX-Refresh"] == "true", "head and facts stand outside the part"
    page = merchant.client.get(address)
    assert all(row["title"] for row in page.context["rows"]), "products are called by their names"
    assert page.context["run"].status == "DONE"
    assert page.context["result"]["A"]["hits"] == 1
    assert page.context["chart"]["series"][1]["data"][-1] == 239.9
    assert merchant.client.get(reverse("price_policy", args=[policy_id])).context["trial"].pk == run.pk


def test_recommended_thresholds_lead_into_the_editor(merchant, doubted):
    merchant.client.post(reverse("price_recommend"))
    work_off()

    page = merchant.client.get(reverse("price_backtest", args=[rows(Backtest)[0].pk]))
    editor = merchant.client.get(page.context["begin"])

    assert editor.context["form"]["decimal_shift"].value() == "true"


def test_a_window_is_asked_for_and_ended(merchant, now):
    start, end = (timezone.localtime(now) + timedelta(hours=hours) for hours in (1, 49))
    form = {
        "reason": "CLEARANCE",
        "starts_at": start.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": end.strftime("%Y-%m-%dT%H:%M"),
        "skus": "WM-1",
        "lowest_price": "99",
    }

    merchant.client.post(reverse("price_windows"), form)
    window = rows(ApprovedWindow)[0]
    assert (window.skus, window.status) == (["WM-1"], "APPROVED")

    merchant.client.post(reverse("price_window_move", args=[window.pk]), {"move": "revoke"})
    assert rows(ApprovedWindow)[0].status == "REVOKED"


def test_a_window_without_products_is_refused_beside_its_field(merchant):
    answer = merchant.client.post(reverse("price_windows"), {"reason": "GIFT"})

    assert answer.status_code == 422
    assert rows(ApprovedWindow) == []


def test_the_calendar_marks_a_promotion_that_would_break_the_floor(merchant, tell, now):
    guarded(merchant.shop, merchant, at=now, floor_price="2000", stack_below_floor=True)
    tell(listing(), price("2299.00", 1, at=now - timedelta(days=9)))
    with tenancy.platform():
        soon = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=9)}
        bad = PromotionFactory(merchant=merchant.shop, skus=["WM-1"], kind="COUPON", value=900, threshold=None, **soon)

    month = timezone.localtime(bad.starts_at).strftime("%Y-%m")
    answer = merchant.client.get(reverse("price_calendar"), {"month": month})

    assert answer.context["count"] == 1
    assert "2,000" in answer.context["rows"][0]["breaks"][0] or "2000" in answer.context["rows"][0]["breaks"][0]


def work_off():
    with tenancy.platform():
        floors.run_due(now=timezone.now())
        backtests.run_due(now=timezone.now())
