"""What the system recognises of after-sale requests: warned of, paused, drafted; never by a likeness alone."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from claims.models import Claim, Recognition
from claims.services import recognising
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import AfterSale, Change, PlatformAction
from merchant_protection.risk.models import Warning
from tests.factories import claims as make
from tests.factories.marketplace import AfterSaleFactory, OrderFactory, SellingPlatformFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")
THREAT = "不私了就投诉，转账200元就撤，否则差评"


@pytest.fixture(autouse=True)
def _platform(db: None) -> None:
    SellingPlatformFactory()


def look(*requests: AfterSale, at: datetime) -> int:
    changes = [Change(subject_id=request.pk, merchant_id=request.merchant_id) for request in requests]
    return transaction(recognising.look)(changes, at=at)


def asked(merchant: Persona, now: datetime, **fields: Any) -> AfterSale:
    order = OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2))
    return AfterSaleFactory(merchant=merchant.shop, order=order, opened_at=now, **fields)


def test_a_threat_over_much_money_is_warned_of_paused_and_drafted(merchant: Persona, now: datetime) -> None:
    request = asked(merchant, now, wording=THREAT)
    make_greedy(request, now)

    assert look(request, at=now) == 1

    row = Recognition.objects.get()
    assert (row.level, row.draft.status, row.draft.kind_code) == ("HIGH", "DRAFT", "EXTORTION")
    assert row.draft.after_sale_id == request.pk
    assert Warning.objects.get().kind == "MALICIOUS_AFTER_SALE"
    action = PlatformAction.objects.get()
    assert (action.verb, action.status) == ("stop_refund", "NEEDS_REVIEW")
    assert row.pause_ends_at == now + timedelta(hours=24)


def test_looking_twice_warns_pauses_and_drafts_once(merchant: Persona, now: datetime) -> None:
    request = asked(merchant, now, wording=THREAT)
    make_greedy(request, now)

    look(request, at=now)
    look(request, at=now + timedelta(minutes=1))

    assert [model.objects.count() for model in (Recognition, Warning, PlatformAction, Claim)] == [1, 1, 1, 1]


def test_an_honest_request_is_left_alone(merchant: Persona, now: datetime) -> None:
    request = asked(merchant, now, wording="尺码不合适，想换大一号")

    assert look(request, at=now) == 0

    assert Recognition.objects.get().level == "NONE"
    assert not Warning.objects.exists()
    assert not Claim.objects.exists()


def test_the_same_words_in_another_shop_are_a_flag_and_no_verdict(
    merchant: Persona, rival: Persona, now: datetime
) -> None:
    words = "收到的商品有划痕，包装也破了，请尽快处理退款给我"
    first = asked(rival, now, wording=words)
    second = asked(merchant, now, wording=words + "，谢谢")
    look(first, at=now)

    look(second, at=now)

    row = Recognition.objects.get(after_sale=second)
    assert [reason["code"] for reason in row.reasons] == ["SAME_WORDING"]
    assert row.level in ("NONE", "LOW")
    assert first.order_number not in str(row.reasons)


def test_a_pause_ends_by_itself_unless_a_complaint_is_open(merchant: Persona, now: datetime) -> None:
    make.limits(refund_pause="AUTO")
    request = asked(merchant, now, wording=THREAT)
    make_greedy(request, now)
    look(request, at=now)
    over = now + timedelta(hours=24)
    claim = Recognition.objects.get().draft
    Claim.objects.filter(pk=claim.pk).update(status="SUBMITTED", submitted_at=now, opened_at=now)

    assert recognising.end_pauses(now=over) == 0
    assert Recognition.objects.get().pause_ends_at == over + timedelta(hours=24)

    Claim.objects.filter(pk=claim.pk).update(status="WITHDRAWN")
    assert recognising.end_pauses(now=over + timedelta(hours=24)) == 1
    assert recognising.end_pauses(now=over + timedelta(hours=24)) == 0
    assert list(PlatformAction.objects.order_by("pk").values_list("verb", flat=True)) == ["stop_refund", "allow_refund"]


def test_nothing_is_paused_when_pausing_is_off(merchant: Persona, now: datetime) -> None:
    make.limits(refund_pause="OFF")
    request = asked(merchant, now, wording=THREAT)
    make_greedy(request, now)

    look(request, at=now)

    assert Recognition.objects.get().level == "HIGH"
    assert not PlatformAction.objects.exists()


def make_greedy(request: AfterSale, now: datetime) -> None:
    """The same buyer has asked for refunds without return, again and again."""
    for _ in range(6):
        order = OrderFactory(merchant=request.merchant, buyer=request.buyer, placed_at=now - timedelta(days=5))
        AfterSaleFactory(
            merchant=request.merchant, order=order, opened_at=now - timedelta(days=4), amount=Decimal("50")
        )
