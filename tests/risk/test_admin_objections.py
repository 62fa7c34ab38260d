"""Reviewers answer restrictions, appeals and disputes in the admin, by the same commands and with a reason."""

from typing import Any

import pytest
from django.urls import reverse

from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.risk.models import Appeal, Restriction, SignalDispute
from tests.factories.marketplace import BuyerFactory
from tests.factories.risk import AppealFactory, BuyerSignalFactory, RestrictionFactory, SignalDisputeFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope", "second_factor", "selling_platform")


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff of these tests have set up their second factor."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def press(persona: Persona, model: str, name: str, pk: int, **fields: Any) -> Any:
    return persona.client.post(reverse(f"admin:risk_{model}_{name}", args=[pk]), {"_form_submitted": "True", **fields})


def test_a_restriction_is_confirmed_or_not(merchant: Persona, reviewer: Persona) -> None:
    kept, let_go = RestrictionFactory(merchant=merchant.shop), RestrictionFactory(merchant=merchant.shop)

    press(reviewer, "restriction", "confirm", kept.pk)
    press(reviewer, "restriction", "reject", let_go.pk, reason="no hoarding at all")

    assert dict(Restriction.objects.values_list("pk", "status")) == {kept.pk: "CONFIRMED", let_go.pk: "REJECTED"}
    assert PlatformAction.objects.get().verb == "allow_buyer"


def test_an_appeal_is_upheld_with_a_reason_only(merchant: Persona, reviewer: Persona) -> None:
    appeal = AppealFactory(merchant=merchant.shop, buyer=BuyerFactory(merchant=merchant.shop))

    press(reviewer, "appeal", "uphold", appeal.pk, reason=" ", snooze_days=0)
    assert Appeal.objects.get().status == "OPEN"
    press(reviewer, "appeal", "uphold", appeal.pk, reason="a school", snooze_days=30)

    appeal.refresh_from_db()
    assert (appeal.status, appeal.answered_by) == ("UPHELD", "Rita Reviewer")


def test_a_dispute_is_answered(reviewer: Persona) -> None:
    BuyerSignalFactory(key="k")
    dispute = SignalDisputeFactory(key="k")

    page = reviewer.client.get(reverse("admin:risk_signaldispute_change", args=[dispute.pk])).content.decode()
    press(reviewer, "signaldispute", "dismiss", dispute.pk, reason="the same device")

    assert "12" in page
    assert SignalDispute.objects.get().status == "DISMISSED"


@pytest.mark.parametrize("model", ["warning", "appeal", "restriction", "signaldispute", "buyercluster"])
def test_the_queues_open_for_reviewers_and_not_for_trainers(
    model: str, merchant: Persona, reviewer: Persona, trainer: Persona
) -> None:
    AppealFactory(merchant=merchant.shop)
    RestrictionFactory(merchant=merchant.shop)
    address = reverse(f"admin:risk_{model}_changelist")

    assert reviewer.client.get(address).status_code == 200
    assert trainer.client.get(address).status_code == 403


def test_trainers_answer_nothing(merchant: Persona, trainer: Persona) -> None:
    appeal = AppealFactory(merchant=merchant.shop)

    assert press(trainer, "appeal", "dismiss", appeal.pk, reason="no").status_code == 403
    assert Appeal.objects.get().status == "OPEN"
