"""What people decide about a shop's policies and draws leaves its record in the same transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.audit.pressing import pressed
from tests.factories.scalper_policies import DrawFactory, VersionFactory
from tests.fixtures.people import Persona
from tests.scalper_policies.baseline_rules import second, watching

__all__ = ["second"]
pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def _second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff of these tests have set one up."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def dialog(person: Persona, name: str, pk: int, *, of: str = "policyversion", **given: Any) -> Callable[[], Any]:
    where = reverse(f"admin:scalper_policies_{of}_{name}", args=[pk])
    client = person.client
    return lambda: client.post(where, {"_form_submitted": "on", **given}, headers={"HX-Request": "true"})


@pytest.mark.parametrize(
    ("name", "status", "given"),
    [
        ("approve", "SUBMITTED", {"note": "good"}),
        ("send_back", "SUBMITTED", {"reason": "too strict"}),
        ("enforce", "SHADOW", {"reason": "bots at the gate"}),
        ("stop", "ENFORCING", {"reason": "wrong list"}),
    ],
)
def test_staff_move_a_version(staff: Persona, merchant: Persona, name: str, status: str, given: dict[str, str]) -> None:
    version = VersionFactory(merchant=merchant.shop, status=status)

    pressed(f"admin:scalper_policies_policyversion_{name}", dialog(staff, name, version.pk, **given))


def test_a_version_of_the_baseline_rules_comes_into_force(staff: Persona, second: Persona, now: datetime) -> None:
    version = watching(staff.actor, second.actor, at=now - timedelta(days=8))

    pressed(
        "admin:scalper_policies_baselineversion_enforce", dialog(second, "enforce", version.pk, of="baselineversion")
    )


def test_an_owner_sends_a_version_back_over_the_api(merchant: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop, status="SUBMITTED")
    path = f"/api/v1/scalper-policy-versions/{version.pk}/send-back"

    pressed(
        "api_scalper_version-send-back",
        lambda client=merchant.client: client.post(path, {"note": "Too strict."}, **JSON),
    )


def test_a_draw_is_called_off_on_its_page(merchant: Persona) -> None:
    draw = DrawFactory(merchant=merchant.shop)

    pressed(
        "scalper_draw_cancel",
        lambda client=merchant.client: client.post(reverse("scalper_draw_cancel", args=[draw.pk])),
    )
