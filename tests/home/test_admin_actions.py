"""What staff do in the admin goes through services: with a reason, by who may, written down."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Budget, PlatformAction, RulePause, Switch
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions, switches
from tests.factories.accounts import UserFactory
from tests.factories.marketplace import SellingPlatformFactory
from tests.fixtures.people import Persona
from tests.fixtures.proofs import BY_PASSWORD, give_password

pytestmark = pytest.mark.usefixtures("platform_scope", "second_factor")
REASON = "wrong prices from the feed"


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff of these tests have set up their second factor."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


@pytest.fixture
def colleague(db: None) -> Persona:
    """A second person of operations."""
    return Persona(UserFactory(operations=True, email="second@portal.example", display_name="Second Person"))


@pytest.fixture
def waiting(merchant: Persona, now: datetime) -> PlatformAction:
    """An action that waits for a person."""
    SellingPlatformFactory(code="market")

    @transaction
    def asked() -> PlatformAction:
        wish = Wish(
            merchant_id=merchant.shop.pk, feature="toy", rule="floor", rule_version="1", verb="delist", ref="SKU-1"
        )
        return actions.ask(wish, mode="APPROVE", actor=merchant.actor, at=now)

    return asked()


def press(client: Client, model: str, name: str, pk: int | None = None, **fields: Any) -> Any:
    address = reverse(f"admin:marketplace_{model}_{name}", args=[pk] if pk else [])
    return client.post(address, {"_form_submitted": "True", **fields})


def stop(client: Client, **fields: Any) -> None:
    press(client, "switch", "stop_platform", reason=REASON, **fields)


def test_the_platform_is_stopped_with_a_reason_and_written_down(staff: Persona) -> None:
    stop(staff.client)

    switch = Switch.objects.get(scope="PLATFORM")
    assert (switch.is_stopped, switch.reason) == (True, REASON)
    entry = Entry.objects.get(action="switch.stopped")
    assert (entry.actor_name, entry.reason) == (staff.user.display_name, REASON)


def test_without_a_reason_nothing_stops(staff: Persona) -> None:
    answer = press(staff.client, "switch", "stop_platform", reason=" ")

    assert answer.status_code == 200
    assert not Switch.objects.exists()


def test_a_look_at_the_question_stops_nothing(staff: Persona) -> None:
    answer = staff.client.get(reverse("admin:marketplace_switch_stop_platform"))

    assert answer.status_code == 200
    assert not Switch.objects.exists()


def test_the_whole_platform_goes_on_by_two_people(staff: Persona, colleague: Persona) -> None:
    stop(staff.client)
    switch = Switch.objects.get(scope="PLATFORM")

    for person in (staff, colleague):
        asked = press(person.client, "switch", "resume", switch.pk, reason="repaired")
        assert asked["HX-Redirect"].startswith(f"{BY_PASSWORD}?next=%2Fadmin%2Fmarketplace%2Fswitch%2F{switch.pk}%2F")
        give_password(person)
    assert not Entry.objects.filter(action="switch.resume_asked").exists()
    for client in (staff.client, staff.client):
        press(client, "switch", "resume", switch.pk, reason="repaired")
        switch.refresh_from_db()
        assert switch.is_stopped
    press(colleague.client, "switch", "resume", switch.pk, reason="repaired")

    switch.refresh_from_db()
    assert not switch.is_stopped
    assert Entry.objects.filter(action="switch.resumed").count() == 1


def test_a_shop_or_a_rule_is_stopped_by_name(staff: Persona, merchant: Persona) -> None:
    press(staff.client, "switch", "stop_part", merchant=merchant.shop.pk, reason=REASON)
    press(staff.client, "switch", "stop_part", rule="pricing_guard:floor", reason=REASON)
    press(staff.client, "switch", "stop_part", reason=REASON)

    stopped = set(Switch.objects.filter(is_stopped=True).values_list("scope", "merchant_id", "rule"))
    assert stopped == {("MERCHANT", merchant.shop.pk, ""), ("RULE", None, "pricing_guard:floor")}


@pytest.mark.parametrize("name", ["reviewer", "senior", "trainer"])
def test_others_press_nothing(name: str, request: pytest.FixtureRequest, waiting: PlatformAction) -> None:
    client = request.getfixturevalue(name).client

    answers = [
        press(client, "switch", "stop_platform", reason=REASON),
        press(client, "switch", "stop_part", rule="toy:floor", reason=REASON),
        press(client, "platformaction", "approve", waiting.pk),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not Switch.objects.exists()
    waiting.refresh_from_db()
    assert waiting.status == "NEEDS_REVIEW"


@pytest.mark.parametrize(("name", "status"), [("approve", "AUTHORISED"), ("decline", "CANCELLED")])
def test_a_waiting_action_is_decided(name: str, status: str, waiting: PlatformAction, staff: Persona) -> None:
    press(staff.client, "platformaction", name, waiting.pk, note="looked at")

    waiting.refresh_from_db()
    assert waiting.status == status


def test_what_cannot_be_done_now_is_said(waiting: PlatformAction, staff: Persona) -> None:
    press(staff.client, "platformaction", "decline", waiting.pk)

    press(staff.client, "platformaction", "approve", waiting.pk)

    page = staff.client.get(reverse("admin:marketplace_platformaction_change", args=[waiting.pk]))
    assert any("annot" in str(message) or "不能" in str(message) for message in page.context["messages"])
    waiting.refresh_from_db()
    assert waiting.status == "CANCELLED"


def test_only_what_fits_the_state_is_offered(
    waiting: PlatformAction, staff: Persona, offered: Callable[[str, int], set[str]]
) -> None:
    before = offered("platformaction", waiting.pk)
    press(staff.client, "platformaction", "decline", waiting.pk)

    assert before == {"approve", "decline"}
    assert offered("platformaction", waiting.pk) == set()


@pytest.fixture
def offered(staff: Persona) -> Callable[[str, int], set[str]]:
    """Return the names of the actions that a row's page offers."""

    def names(model: str, pk: int) -> set[str]:
        page = staff.client.get(reverse(f"admin:marketplace_{model}_change", args=[pk]))
        paths = [line["path"] for line in page.context["actions_detail"]]
        return {path.rstrip("/").rsplit("/", 1)[-1] for path in paths}

    return names


def test_a_paused_rule_goes_on_by_two_people(
    staff: Persona, colleague: Persona, merchant: Persona, now: datetime
) -> None:
    pause = switches.pause_rule(
        merchant_id=merchant.shop.pk, feature="toy", rule="floor", actor=staff.actor, at=now, reason=REASON
    )

    press(staff.client, "rulepause", "resume_rule", pause.pk)
    assert RulePause.objects.get(pk=pause.pk).resumed_at is None
    press(colleague.client, "rulepause", "resume_rule", pause.pk)

    assert RulePause.objects.get(pk=pause.pk).resumed_by == colleague.user.display_name


def test_a_budget_is_lowered_at_once_and_raised_by_two_people(staff: Persona, colleague: Persona) -> None:
    budget = Budget.objects.filter(merchant=None).order_by("pk").first()
    assert budget is not None
    low, high = budget.cap - 1, budget.cap + 1

    press(staff.client, "budget", "change_cap", budget.pk, cap=low, reason=REASON)
    budget.refresh_from_db()
    assert budget.cap == low
    asked = press(staff.client, "budget", "change_cap", budget.pk, cap=high, reason=REASON)
    assert asked["HX-Redirect"].startswith(BY_PASSWORD)
    for person in (staff, colleague):
        give_password(person)
    press(staff.client, "budget", "change_cap", budget.pk, cap=high, reason=REASON)
    budget.refresh_from_db()
    assert budget.cap == low
    press(colleague.client, "budget", "change_cap", budget.pk, cap=high, reason=REASON)

    budget.refresh_from_db()
    assert budget.cap == high


def test_staff_roles_are_set_with_a_reason(staff: Persona, trainer: Persona) -> None:
    address = reverse("admin:accounts_user_set_staff_roles", args=[trainer.user.pk])

    staff.client.post(address, {"_form_submitted": "True", "roles": ["REVIEWER"], "reason": "moves teams"})

    trainer.user.refresh_from_db()
    assert trainer.user.staff_roles == ["REVIEWER"]
    assert Entry.objects.get(action="staff.roles_changed").reason == "moves teams"
