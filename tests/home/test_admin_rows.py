"""The lists and pages of the staff admin: they show no secret, mask buyers, and cost the same for one row and fifty."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from merchant_protection.accounts.models import Invitation
from merchant_protection.marketplace.models import ActionTarget, Import, InboxEvent, PlatformAction, RulePause, Switch
from merchant_protection.notices.models import Delivery, Notice
from tests.factories.accounts import ApiKeyFactory, MembershipFactory, MerchantFactory, UserFactory
from tests.factories.marketplace import (
    AfterSaleFactory,
    BuyerFactory,
    InboundSourceFactory,
    ListingFactory,
    OrderFactory,
    PromotionFactory,
    SellingPlatformFactory,
)
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope", "second_factor")
SECRET = "sealed-secret-words"


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff of these tests have set up their second factor."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def invitation(number: int, at: datetime) -> Any:
    return Invitation.objects.create(
        merchant=MerchantFactory(),
        email=f"new-{number}@example.com",
        role="OPERATOR",
        invited_by=UserFactory(),
        token_digest=SECRET,
        token_sealed=SECRET,
        created_at=at,
        expires_at=at,
    )


def target(number: int, at: datetime) -> Any:
    return ActionTarget.objects.create(
        merchant=MerchantFactory(),
        platform=SellingPlatformFactory(),
        kind="BUYER",
        ref=f"buyer-secret-{number:04}",
        aspect="purchasing",
        updated_at=at,
    )


def action(number: int, at: datetime) -> Any:
    wanted = target(number, at)
    return PlatformAction.objects.create(
        merchant=wanted.merchant,
        target=wanted,
        verb="restrict_buyer",
        value="ALLOWED",
        desired_generation=1,
        idempotency_key=str(number),
        status="NEEDS_REVIEW",
        feature="toy",
        decided_at=at,
        judged_at=at,
        actor_name="toy",
    )


def event(number: int, at: datetime) -> Any:
    source = InboundSourceFactory(public_id=f"src_event_{number}")
    return InboxEvent.objects.create(
        merchant=MerchantFactory(),
        source=source,
        event_id=f"e-{number}",
        type="order.changed",
        object_key="k",
        object_version=1,
        occurred_at=at,
        received_at=at,
        body={"sealed": SECRET},
        digest=SECRET,
        status="PARKED",
    )


def load(number: int, at: datetime) -> Any:
    return Import.objects.create(
        merchant=MerchantFactory(),
        file_name="orders.csv",
        path=SECRET,
        file_digest=SECRET,
        mapping={},
        currency="CNY",
        time_zone="Asia/Shanghai",
        created_at=at,
        created_by="x",
    )


def pause(number: int, at: datetime) -> Any:
    return RulePause.objects.create(
        merchant=MerchantFactory(), feature="toy", rule="floor", reason="x", paused_at=at, paused_by="x"
    )


def switch(number: int, at: datetime) -> Any:
    return Switch.objects.create(scope="MERCHANT", merchant=MerchantFactory(), changed_at=at, changed_by="x")


def notice(number: int, at: datetime) -> Any:
    return Notice.objects.create(merchant=MerchantFactory(), kind="inbox.parked", created_at=at)


def delivery(number: int, at: datetime) -> Any:
    return Delivery.objects.create(
        merchant=MerchantFactory(),
        channel="EMAIL",
        recipient="a@example.com",
        body_sealed=SECRET,
        created_at=at,
    )


MAKERS: dict[str, Callable[[int, datetime], Any]] = {
    "accounts_apikey": lambda number, at: ApiKeyFactory(),
    "accounts_invitation": invitation,
    "accounts_merchant": lambda number, at: MembershipFactory().merchant,
    "accounts_user": lambda number, at: MembershipFactory().user,
    "marketplace_actiontarget": target,
    "marketplace_aftersale": lambda number, at: AfterSaleFactory(),
    "marketplace_buyer": lambda number, at: BuyerFactory(ref=f"buyer-secret-{number:04}"),
    "marketplace_import": load,
    "marketplace_inboundsource": lambda number, at: InboundSourceFactory(
        public_id=f"src_{number}", merchant=MerchantFactory(), secret=SECRET
    ),
    "marketplace_inboxevent": event,
    "marketplace_listing": lambda number, at: ListingFactory(),
    "marketplace_order": lambda number, at: OrderFactory(recipient_sealed=SECRET, phone_key=SECRET),
    "marketplace_platform": lambda number, at: SellingPlatformFactory(code=f"p-{number}", secret_sealed=SECRET),
    "marketplace_platformaction": action,
    "marketplace_promotion": lambda number, at: PromotionFactory(),
    "marketplace_rulepause": pause,
    "marketplace_switch": switch,
    "notices_delivery": delivery,
    "notices_notice": notice,
    "risk_warning": lambda number, at: WarningFactory(),
}


def cost_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as told:
        assert client.get(address).status_code == 200
    return len(told)


@pytest.mark.parametrize("page", sorted(MAKERS))
def test_fifty_rows_cost_as_many_queries_as_one_and_show_no_secret(page: str, staff: Persona, now: datetime) -> None:
    address = reverse(f"admin:{page}_changelist")
    row = MAKERS[page](0, now)
    cost_of(staff.client, address)  # the first look after signing in writes the session
    one = cost_of(staff.client, address)

    for number in range(1, 50):
        MAKERS[page](number, now + timedelta(seconds=number))

    assert cost_of(staff.client, address) <= one
    shown = staff.client.get(address).content.decode()
    shown += staff.client.get(reverse(f"admin:{page}_change", args=[row.pk])).content.decode()
    assert SECRET not in shown
    assert "buyer-secret" not in shown


@pytest.mark.parametrize("page", sorted(MAKERS))
def test_a_row_opens_and_offers_nothing_to_type_in(page: str, staff: Persona, now: datetime) -> None:
    row = MAKERS[page](0, now)
    address = reverse(f"admin:{page}_change", args=[row.pk])

    answer = staff.client.get(address)

    assert answer.status_code == 200
    assert answer.context["has_change_permission"] is False
    assert not answer.context["adminform"].form.fields
    assert staff.client.post(address, {}).status_code == 403


def test_a_listed_page_of_another_role_stays_closed_in_detail_too(reviewer: Persona, now: datetime) -> None:
    row = event(0, now)

    address = reverse("admin:marketplace_inboxevent_change", args=[row.pk])

    assert reviewer.client.get(address).status_code == 403


def test_the_palette_finds_only_what_the_role_opens(reviewer: Persona, staff: Persona, now: datetime) -> None:
    OrderFactory(number="FINDME-1")
    load(0, now)
    address = reverse("admin:search")

    theirs = reviewer.client.get(address, {"s": "orders.csv"}).content.decode()
    operations = staff.client.get(address, {"s": "orders.csv"}).content.decode()

    assert "orders.csv" in operations.replace("&quot;orders.csv&quot;", "")
    assert "marketplace/import" not in theirs
    assert "FINDME-1" in reviewer.client.get(address, {"s": "findme-1"}).content.decode()


def test_secret_columns_are_named_by_no_page() -> None:
    hidden = {"sealed", "digest", "password", "body", "cells", "token"}
    pages = [page for page in _pages() if page.model._meta.label != "audit.Checkpoint"]

    shown = {(page.model._meta.label, name) for page in pages for name in _columns(page)}

    assert [each for each in shown if any(part in hidden for part in each[1].split("_"))] == []


def _pages() -> list[Any]:
    site = apps.get_app_config("admin").module.site
    return [page for page in site._registry.values() if page.model.__module__.startswith("merchant_protection.")]


def _columns(page: Any) -> set[str]:
    inline = {name for each in page.inlines for name in each.fields}
    return {*page.list_display, *page.fields, *inline}
