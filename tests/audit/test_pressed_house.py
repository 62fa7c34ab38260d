"""Pages and addresses about people, files, senders, actions and objections, each pressed once: a record is left."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from merchant_protection.accounts.models import Invitation
from merchant_protection.accounts.services import members
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.lifecycle import ActionStatus
from merchant_protection.marketplace.models import Import, InboundSecret, PlatformAction, Switch
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions
from tests.audit.pressing import pressed
from tests.factories.marketplace import BuyerFactory, InboundSourceFactory, OrderFactory, SellingPlatformFactory
from tests.factories.risk import AppealFactory, BuyerSignalFactory, SignalDisputeFactory
from tests.fixtures.people import Persona
from tests.fixtures.proofs import give_password
from tests.marketplace.test_services_parked import InboxEventFactory

pytestmark = pytest.mark.django_db
ORDERS = b"order_number,placed_at,sku,quantity,unit_price,buyer\nN-1,2026-01-02 10:00,SKU-1,1,10.00,ann\n"
REASON = "the feed sent wrong prices"


@pytest.fixture(autouse=True)
def _who_acts_proved_who_they_are(
    merchant: Persona, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.STATE_DIR = tmp_path
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    give_password(merchant)
    merchant.client.get("/m/")


def invited(merchant: Persona, email: str, *, at: datetime) -> Invitation:
    with tenancy.platform():
        return members.invite(actor=merchant.actor, merchant_id=merchant.shop.pk, email=email, role="OPERATOR", at=at)


def asked(merchant: Persona, now: datetime, status: str) -> PlatformAction:
    """An action of the shop in a status."""
    SellingPlatformFactory(code="market")

    @transaction
    def ask() -> PlatformAction:
        wish = Wish(
            merchant_id=merchant.shop.pk, feature="toy", rule="floor", rule_version="1", verb="set_price", ref="SKU-1",
            value={"amount": "129.00", "currency": "CNY"}, undo={"amount": "99.00", "currency": "CNY"},
        )  # fmt: skip
        return actions.ask(wish, mode="APPROVE", actor=merchant.actor, at=now)

    with tenancy.platform():
        action = ask()
        if status != ActionStatus.NEEDS_REVIEW:
            actions.approve(action_id=action.pk, actor=merchant.actor, at=now)
            PlatformAction.objects.filter(pk=action.pk).update(status=status, due_at=None)
    return action


def admin(person: Persona, name: str, pk: int, **fields: Any) -> Callable[[], Any]:
    where = reverse(f"admin:{name}", args=[pk])
    client = person.client
    return lambda: client.post(where, {"_form_submitted": "True", **fields})


def test_people(merchant: Persona, now: datetime) -> None:
    client = merchant.client
    shop = {"name": "A 店", "category": "", "time_zone": "Asia/Shanghai", "language": "en", "contact_email": ""}
    key = {"name": "Warehouse", "scopes": ["orders:read"], "lasts": "90"}
    token = crypto.unseal(invited(merchant, "new@a.example", at=now).token_sealed)
    other = invited(merchant, "other@a.example", at=now)
    newcomer = {"display_name": "Nina New", "password": "long enough 42!", "language": "en"}

    pressed("settings", lambda: client.post(reverse("settings"), shop | {"version": merchant.shop.version}))
    pressed("key_new", lambda: client.post(reverse("key_new"), key))
    pressed("invitation", lambda: Client().post(reverse("invitation", args=[token]), newcomer))
    pressed("team_revoke_invitation", lambda: client.post(reverse("team_revoke_invitation", args=[other.pk])))


def test_files(merchant: Persona) -> None:
    client, file = merchant.client, SimpleUploadedFile("orders.csv", ORDERS)

    pressed("import_new", lambda: client.post(reverse("import_new"), {"file": file}))
    with tenancy.platform():
        job = Import.objects.get()
    pressed("import_cancel", lambda: client.post(reverse("import_cancel", args=[job.pk])))
    pressed("import_resume", lambda: client.post(reverse("import_resume", args=[job.pk])))


def test_senders_of_events(merchant: Persona) -> None:
    client = merchant.client
    SellingPlatformFactory(code="market")

    pressed("source_new", lambda: client.post(reverse("source_new"), {"name": "Warehouse"}))
    with tenancy.platform():
        secret = InboundSecret.objects.get()
    source = secret.source_id
    pressed("source_add_secret", lambda: client.post(reverse("source_add_secret", args=[source])))
    pressed("source_revoke_secret", lambda: client.post(reverse("source_revoke_secret", args=[source, secret.pk])))
    pressed("source_switch", lambda: client.post(reverse("source_switch", args=[source]), {"active": "0"}))


def test_what_a_shop_decides_of_an_action(merchant: Persona, now: datetime) -> None:
    action = asked(merchant, now, ActionStatus.NEEDS_REVIEW)

    pressed(
        "action_decide",
        lambda client=merchant.client: client.post(reverse("action_decide", args=[action.pk]), {"move": "approve"}),
    )


def test_a_failed_action_is_tried_again(merchant: Persona, staff: Persona, now: datetime) -> None:
    action = asked(merchant, now, ActionStatus.FAILED)
    path = f"/api/v1/actions/{action.pk}/retry"

    pressed("api_action-retry", lambda client=merchant.client: client.post(path, {}, content_type="application/json"))
    with tenancy.platform():
        PlatformAction.objects.update(status=ActionStatus.FAILED, due_at=None)
    pressed("admin:marketplace_platformaction_retry", admin(staff, "marketplace_platformaction_retry", action.pk))


def test_operations_undo_and_take_up_again(merchant: Persona, staff: Persona, now: datetime) -> None:
    action = asked(merchant, now, ActionStatus.CONFIRMED)
    source = InboundSourceFactory(merchant=merchant.shop, platform__code="market")
    event = InboxEventFactory(merchant=merchant.shop, source=source, occurred_at=now, received_at=now)

    pressed(
        "admin:marketplace_platformaction_undo_action",
        admin(staff, "marketplace_platformaction_undo_action", action.pk, note=REASON),
    )
    pressed("admin:marketplace_inboxevent_try_again", admin(staff, "marketplace_inboxevent_try_again", event.pk))


def test_operations_stop_what_went_on(merchant: Persona, staff: Persona, now: datetime) -> None:
    with tenancy.platform():
        switch = Switch.objects.create(scope="MERCHANT", merchant=merchant.shop, changed_at=now, changed_by="Ann")

    pressed("admin:marketplace_switch_stop", admin(staff, "marketplace_switch_stop", switch.pk, reason=REASON))


def test_reviewers_answer_what_is_objected_to(merchant: Persona, reviewer: Persona) -> None:
    SellingPlatformFactory(code="market")
    appeal = AppealFactory(merchant=merchant.shop, buyer=BuyerFactory(merchant=merchant.shop))
    BuyerSignalFactory(key="k")
    dispute = SignalDisputeFactory(key="k")

    pressed("admin:risk_appeal_dismiss", admin(reviewer, "risk_appeal_dismiss", appeal.pk, reason=REASON))
    pressed("admin:risk_signaldispute_uphold", admin(reviewer, "risk_signaldispute_uphold", dispute.pk, reason=REASON))


def test_personal_data_is_held_and_erased(merchant: Persona) -> None:
    order = OrderFactory(merchant=merchant.shop, recipient_sealed=crypto.seal("{}"), legal_hold=True)
    where, body = f"/api/v1/orders/{order.pk}", {"reason": REASON}
    json = {"content_type": "application/json"}

    pressed("api_order-release-hold", lambda client=merchant.client: client.post(f"{where}/release-hold", body, **json))
    pressed("api_order-erase", lambda client=merchant.client: client.post(f"{where}/erase", body, **json))
