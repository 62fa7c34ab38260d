"""Mis-hit appeals: opened by the shop or the platform, answered by a person, and upheld they release and teach."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.marketplace.models import ActionTarget, Platform, PlatformAction
from merchant_protection.notices.models import Notice
from merchant_protection.risk import wording
from merchant_protection.risk.models import Appeal, Label, Snooze
from merchant_protection.risk.services import appealing
from merchant_protection.risk.services.appealing import Complaint
from tests.factories.marketplace import BuyerFactory, OrderFactory
from tests.factories.risk import AppealFactory, RestrictionFactory
from tests.fixtures.people import Persona

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope", "selling_platform")]


@pytest.fixture
def complaint(merchant: Persona) -> Complaint:
    order = OrderFactory(merchant=merchant.shop)
    return Complaint(
        merchant_id=merchant.shop.pk, reference="AP-1", words="I buy for a school", order_number=order.number
    )


def test_the_platform_appeals_in_the_buyers_name_and_a_clock_runs(
    speaker: Actor, complaint: Complaint, now: datetime
) -> None:
    made = appealing.appeal(complaint, actor=speaker, at=now)

    assert (made.source, made.status, made.due_at) == ("PLATFORM", "OPEN", now + timedelta(hours=8))
    assert made.buyer_id == made.order.buyer_id
    assert appealing.appeal(complaint, actor=speaker, at=now).pk == made.pk


def test_the_shop_appeals_for_its_own_buyers_only(
    merchant: Persona, rival: Persona, complaint: Complaint, now: datetime
) -> None:
    assert appealing.appeal(complaint, actor=merchant.actor, at=now).source == "MERCHANT"

    with pytest.raises(NotAllowed):
        appealing.appeal(replace(complaint, reference="AP-2"), actor=rival.actor, at=now)
    stranger = BuyerFactory(merchant=rival.shop)
    with pytest.raises(NotFound):
        appealing.appeal(replace(complaint, reference="AP-3", buyer_ref=stranger.ref), actor=merchant.actor, at=now)
    assert Appeal.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"reference": ""}, "reference"), ({"words": " "}, "words"), ({"order_number": ""}, "order_number")],
)
def test_an_empty_appeal_is_refused(
    speaker: Actor, complaint: Complaint, now: datetime, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        appealing.appeal(replace(complaint, **changed), actor=speaker, at=now)

    assert set(refusal.value.fields) == {field}


def test_upheld_it_releases_the_order_and_the_buyer_labels_and_silences(
    merchant: Persona, reviewer: Persona, complaint: Complaint, speaker: Actor, now: datetime
) -> None:
    order_buyer = OrderFactory(merchant=merchant.shop)
    restriction = RestrictionFactory(merchant=merchant.shop, buyer=order_buyer.buyer)
    ActionTarget.objects.create(
        merchant=merchant.shop,
        platform=Platform.objects.get(),
        kind="ORDER",
        ref=order_buyer.number,
        aspect="fulfilment",
        desired="HELD",
        updated_at=now,
    )
    made = appealing.appeal(replace(complaint, order_number=order_buyer.number), actor=speaker, at=now)

    appealing.uphold(appeal_id=made.pk, actor=reviewer.actor, at=now, note="a school, verified", snooze_days=30)

    restriction.refresh_from_db()
    assert restriction.status == "LIFTED"
    assert set(PlatformAction.objects.values_list("verb", flat=True)) == {"allow_buyer", "release_order"}
    assert Label.objects.get().value == "ORDINARY"
    assert set(Snooze.objects.filter(buyer=order_buyer.buyer).values_list("kind", flat=True)) == set(wording.KINDS)
    assert Notice.objects.get(kind="appeal.answered").params["status"] == "UPHELD"


def test_dismissed_nothing_is_released(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    restriction = RestrictionFactory(merchant=merchant.shop)
    made = AppealFactory(merchant=merchant.shop, restriction=restriction, buyer=restriction.buyer)

    appealing.dismiss(appeal_id=made.pk, actor=reviewer.actor, at=now, note="seven unpaid orders stand")

    restriction.refresh_from_db()
    assert restriction.is_in_force
    assert not PlatformAction.objects.exists()
    with pytest.raises(Conflict):
        appealing.uphold(appeal_id=made.pk, actor=reviewer.actor, at=now, note="after all")


def test_only_reviewers_answer_and_only_with_a_reason(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    made = AppealFactory(merchant=merchant.shop)

    with pytest.raises(NotAllowed):
        appealing.uphold(appeal_id=made.pk, actor=merchant.actor, at=now, note="mine")
    with pytest.raises(Invalid):
        appealing.dismiss(appeal_id=made.pk, actor=reviewer.actor, at=now, note=" ")
    made.refresh_from_db()
    assert made.status == "OPEN"


def test_an_overdue_appeal_is_told_once(merchant: Persona, now: datetime) -> None:
    AppealFactory(merchant=merchant.shop, due_at=now)
    AppealFactory(merchant=merchant.shop)

    assert appealing.tell_overdue(now=now) == 1
    assert appealing.tell_overdue(now=now) == 0
    assert Notice.objects.filter(kind="appeal.overdue").count() == 1
