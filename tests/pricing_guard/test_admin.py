"""The staff page of price incidents: every shop's, for operations alone, and nothing changed by hand."""

import pytest
from django.urls import reverse

from merchant_protection.foundation import tenancy
from pricing_guard.models import Incident
from tests.factories.marketplace import ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _second_factor(monkeypatch):
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


@pytest.fixture
def incident(now):
    with tenancy.platform():
        listing = ListingFactory(sku="SKU-OF-A-SHOP")
        return Incident.objects.create(
            merchant=listing.merchant, listing=listing, severity=2, source="PRICE", cause="price",
            check_name="BELOW_FLOOR", mode="APPROVE", price=1, currency="CNY", since=now, opened_at=now,
            findings=[], plan={"done": [], "proposed": [], "shadowed": []},
        )  # fmt: skip


def test_operations_sees_the_incidents_of_every_shop(staff, incident):
    page = staff.client.get(reverse("admin:pricing_guard_incident_changelist"))
    one = staff.client.get(reverse("admin:pricing_guard_incident_change", args=[incident.pk]))

    assert "SKU-OF-A-SHOP" in page.content.decode()
    assert (page.status_code, one.status_code) == (200, 200)


def test_trainers_and_reviewers_do_not_open_it_and_nobody_adds_a_row(staff, reviewer, trainer, incident):
    path = reverse("admin:pricing_guard_incident_changelist")

    assert reviewer.client.get(path).status_code == 403
    assert trainer.client.get(path).status_code == 403
    assert staff.client.get(reverse("admin:pricing_guard_incident_add")).status_code == 403
