"""The editor of guard policies: what is saved, what is asked before it holds, which one holds for a product."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from merchant_protection.foundation import tenancy
from pricing_guard.models import GuardPolicy, PolicyVersion
from tests.factories.marketplace import ListingFactory
from tests.fixtures.proofs import give_password
from tests.pricing_guard.conftest import guarded

pytestmark = pytest.mark.django_db
NEW = {"name": "Washing machines", "scope": "SHOP", "floor_price": "800", "max_drop_last": "30"}


@pytest.fixture(autouse=True)
def _in_english(merchant):
    merchant.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def rows(model):
    with tenancy.platform():
        return list(model.objects.order_by("pk"))


def test_a_new_policy_is_a_draft_and_blank_fields_are_not_set(merchant):
    answer = merchant.client.post(reverse("price_policy_new"), NEW)

    version = rows(PolicyVersion)[0]
    assert answer.status_code == 302
    assert version.thresholds == {"currency": "CNY", "floor_price": "800", "max_drop_last": "30"}
    assert rows(GuardPolicy)[0].mode == "OFF"


def test_a_fault_stands_beside_its_field_and_nothing_is_saved(merchant):
    answer = merchant.client.post(reverse("price_policy_new"), NEW | {"floor_price": "0"})

    assert answer.status_code == 422
    assert "floor_price" in answer.context["form"].errors
    assert answer.context["form"]["max_drop_last"].value() == "30"
    assert rows(GuardPolicy) == []


def test_every_fault_is_told_at_once(merchant):
    answer = merchant.client.post(reverse("price_policy_new"), NEW | {"name": "", "floor_price": "abc", "cost": "-1"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "floor_price", "cost"}
    assert answer.context["form"]["floor_price"].value() == "abc"


def test_a_colleagues_version_is_shown_beside_ones_own_and_either_may_be_kept(merchant, now):
    policy = guarded(merchant.shop, merchant, at=now, floor_price="800", max_drop_last="30")
    mine = NEW | {"name": policy.name, "version": str(policy.version - 1), "floor_price": "900", "max_drop_last": "20"}

    first = merchant.client.post(reverse("price_policy_edit", args=[policy.pk]), mine)

    clash = {row["name"]: (row["mine"], row["theirs"]) for row in first.context["clash"]}
    assert first.status_code == 409
    assert clash["floor_price"] == ("900", "800")
    assert len(rows(PolicyVersion)) == 1

    again = mine | {"version": str(policy.version), "keep_floor_price": "theirs", "keep_max_drop_last": "mine"}
    second = merchant.client.post(reverse("price_policy_edit", args=[policy.pk]), again)

    saved = rows(PolicyVersion)[-1].thresholds
    assert second.status_code == 302
    assert (saved["floor_price"], saved["max_drop_last"]) == ("800", "20")


def test_publishing_watches_in_shadow_first_and_promoting_needs_a_word(merchant):
    merchant.client.post(reverse("price_policy_new"), NEW)
    policy = rows(GuardPolicy)[0]
    path = reverse("price_policy_move", args=[policy.pk])

    merchant.client.post(path, {"move": "publish", "number": "1"})
    assert rows(GuardPolicy)[0].mode == "SHADOW"

    refused = merchant.client.post(path, {"move": "mode", "mode": "AUTO"}, follow=True)
    assert rows(GuardPolicy)[0].mode == "SHADOW"
    assert "backtest" in " ".join(str(each) for each in refused.context["messages"]).lower()

    give_password(merchant)
    merchant.client.post(path, {"move": "mode", "mode": "AUTO", "acknowledged": "on"})
    assert rows(GuardPolicy)[0].mode == "AUTO"


def test_a_reader_sees_policies_and_changes_none(merchant, onlooker, now):
    policy = guarded(merchant.shop, merchant, at=now)

    assert onlooker.client.get(reverse("price_policy", args=[policy.pk])).status_code == 200
    assert onlooker.client.get(reverse("price_policy_edit", args=[policy.pk])).status_code == 403
    onlooker.client.post(reverse("price_policy_move", args=[policy.pk]), {"move": "mode", "mode": "OFF"})
    assert rows(GuardPolicy)[0].mode == "AUTO"


def test_a_strangers_policy_is_not_found(merchant, rival, now):
    policy = guarded(merchant.shop, merchant, at=now)

    for name in ("price_policy", "price_policy_edit", "price_policy_compare"):
        assert rival.client.get(reverse(name, args=[policy.pk])).status_code == 404


def test_the_page_says_which_policy_holds_and_where_each_number_comes_from(merchant, now):
    ListingFactory(merchant=merchant.shop, sku="WM-1", category="washers")
    guarded(merchant.shop, merchant, at=now - timedelta(days=1), mode="APPROVE", max_drop_last="30", floor_price="5")
    guarded(merchant.shop, merchant, at=now, mode="AUTO", scope="SHOP", floor_price="800")
    guarded(merchant.shop, merchant, at=now + timedelta(hours=1), mode="SHADOW", floor_price="9000")

    answer = merchant.client.get(reverse("price_policies"), {"sku": "WM-1"})

    lines = {str(line["label"]): (line["value"], line["source"]) for line in answer.context["holds"]["lines"]}
    assert lines["Floor price"] == ("¥800.00", "Policy AUTO")
    assert lines["Largest drop in one step"] == ("30%", "Policy APPROVE")
    assert answer.context["holds"]["leading"] == "Policy AUTO"
    assert answer.context["holds"]["watching"] == ("Policy SHADOW",)
    assert "These only watch it, in shadow, and change nothing: Policy SHADOW." in answer.content.decode()


def test_versions_are_compared_number_by_number(merchant, now):
    policy = guarded(merchant.shop, merchant, at=now, floor_price="800", max_drop_last="30")
    form = {"name": policy.name, "scope": "SHOP", "version": policy.version, "floor_price": "700"}
    merchant.client.post(reverse("price_policy_edit", args=[policy.pk]), form)

    answer = merchant.client.get(reverse("price_policy_compare", args=[policy.pk]))

    changes = {each["name"]: (each["before"], each["after"]) for each in answer.context["changes"]}
    assert changes == {"floor_price": ("¥800.00", "¥700.00"), "max_drop_last": ("30%", "not set")}
    assert answer.context["is_looser"] is True


def test_the_list_costs_the_same_for_one_policy_and_for_many(merchant):
    def add(number):
        merchant.client.post(reverse("price_policy_new"), NEW | {"name": f"Policy {number}"})

    def cost():
        with CaptureQueriesContext(connection) as caught:
            assert merchant.client.get(reverse("price_policies")).status_code == 200
        return len(caught)

    add(0)
    cost()
    one = cost()
    for number in range(1, 12):
        add(number)

    assert cost() == one
