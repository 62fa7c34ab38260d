"""Each answer, window and policy of the guard, over the API or from its page, leaves its record with the change."""

import pytest
from django.urls import reverse

from merchant_protection.foundation import tenancy
from pricing_guard.models import AffectedOrder, ApprovedWindow, EvidencePack, FloorImport
from tests.audit.pressing import pressed
from tests.factories.marketplace import ListingFactory
from tests.pricing_guard import test_pages_guard, test_pages_hits
from tests.pricing_guard.conftest import guarded
from tests.pricing_guard.test_pages_guard import affected, rows

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"content_type": "application/json"}
doubted = test_pages_guard.doubted


def test_an_incident_is_stopped_decided_evidenced_restored_and_closed(merchant, doubted, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    affected(doubted, 2)
    where = f"/api/v1/price-incidents/{doubted.pk}"

    def answer(verb, **body):
        pressed(
            f"api_price_incident-{verb}", lambda client=merchant.client: client.post(f"{where}/{verb}", body, **JSON)
        )

    answer("stop")
    answer("choose", choice="CANCEL")
    answer("pack")
    pack = rows(EvidencePack)[0]
    answer("exempt", pack=pack.pk, orders=[rows(AffectedOrder)[0].pk])
    pressed(
        "price_pack_exempt", lambda client=merchant.client: client.post(reverse("price_pack_exempt", args=[pack.pk]))
    )
    answer("restore", price="before")
    answer("close")


def test_a_price_that_is_meant_is_said_on_the_page(merchant, doubted):
    form = {"move": "mean", "reason": "CLEARANCE"}

    pressed(
        "price_incident_answer",
        lambda client=merchant.client: client.post(reverse("price_incident_answer", args=[doubted.pk]), form),
    )


def test_a_price_that_is_meant_is_said_by_a_program(merchant, doubted):
    path = f"/api/v1/price-incidents/{doubted.pk}/mean"

    pressed(
        "api_price_incident-mean", lambda client=merchant.client: client.post(path, {"reason": "CLEARANCE"}, **JSON)
    )


@pytest.mark.django_db
def test_policies_hits_windows_and_floors(merchant, now):
    ListingFactory(merchant=merchant.shop, sku="WM-1")
    policy = guarded(merchant.shop, merchant, at=now, mode="SHADOW", max_drop_last="30")
    (hit,) = test_pages_hits.hits_of(merchant, policy, now, 1)
    with tenancy.platform():
        window = ApprovedWindow.objects.create(
            merchant=merchant.shop, reason="CLEARANCE", skus=["WM-1"], starts_at=now, ends_at=now.replace(year=2100),
            status="ASKED", asked_at=now, asked_by="Otto",
        )  # fmt: skip

    def send(path, **body):
        return lambda client=merchant.client: client.post(f"/api/v1/{path}", body, **JSON)

    version = {"name": "Floors", "scope": "SHOP", "thresholds": {"floor_price": "100"}}
    pressed("api_guard_hit-review", send(f"guard-hits/{hit.pk}/review", verdict="RIGHT"))
    pressed("api_guard_policy-versions", send(f"guard-policies/{policy.pk}/versions", **version))
    pressed("api_guard_policy-retire", send(f"guard-policies/{policy.pk}/retire"))
    pressed("api_price_window-approve", send(f"price-windows/{window.pk}/approve"))
    pressed("api_price_window-revoke", send(f"price-windows/{window.pk}/revoke"))
    pressed("api_floor_prices-list", send("floor-prices", rows=[{"sku": "WM-1", "floor_price": "900"}]))
    pressed("api_floor_prices-undo", send(f"floor-prices/{rows(FloorImport)[0].pk}/undo"))
