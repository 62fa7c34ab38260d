"""A buyer is restricted in one shop: at once, reviewed within a day, let go on appeal, never for ever."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.notices.models import Notice
from merchant_protection.risk.models import Restriction, RestrictionMove
from merchant_protection.risk.services import restricting
from tests.factories.marketplace import BuyerFactory
from tests.factories.risk import RestrictionFactory
from tests.fixtures.people import Persona

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope", "selling_platform")]
WANTED: dict[str, Any] = {"limits": ["NO_ORDERS"], "reason": "hoards stock", "days": 30}


def restrict(persona: Persona, at: datetime, **changed: Any) -> Restriction:
    buyer_id = changed.pop("buyer_id", None) or BuyerFactory(merchant=persona.shop, ref="u-1").pk
    return restricting.restrict(
        merchant_id=persona.shop.pk, buyer_id=buyer_id, actor=persona.actor, at=at, **{**WANTED, **changed}
    )


def test_a_restriction_asks_the_platform_at_once_and_waits_for_review(merchant: Persona, now: datetime) -> None:
    made = restrict(merchant, now, limits=["SHORT_PAYMENT", "NO_CASH_ON_DELIVERY"], payment_minutes=15)

    assert (made.status, made.review_due_at) == ("IN_REVIEW", now + timedelta(hours=24))
    action = PlatformAction.objects.select_related("target").get()
    assert (action.verb, action.target.kind, action.target.ref) == ("restrict_buyer", "BUYER", "u-1")
    assert action.value == {"restricted": ["NO_CASH_ON_DELIVERY", "SHORT_PAYMENT:15"]}
    assert Entry.objects.filter(action="buyer.restricted").count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"limits": []}, "limits"),
        ({"limits": ["EVERYTHING"]}, "limits"),
        ({"limits": ["SHORT_PAYMENT"]}, "payment_minutes"),
        ({"limits": ["SHORT_PAYMENT"], "payment_minutes": 600}, "payment_minutes"),
        ({"reason": "  "}, "reason"),
        ({"days": 0}, "days"),
        ({"days": 181}, "days"),
    ],
)
def test_what_is_not_sound_is_refused_and_nothing_changes(
    merchant: Persona, now: datetime, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        restrict(merchant, now, **changed)

    assert set(refusal.value.fields) == {field}
    assert (Restriction.objects.count(), PlatformAction.objects.count()) == (0, 0)


def test_a_buyer_is_restricted_once_at_a_time(merchant: Persona, now: datetime) -> None:
    made = restrict(merchant, now)

    with pytest.raises(Conflict):
        restrict(merchant, now, buyer_id=made.buyer_id)


def test_another_shops_buyer_is_not_found(merchant: Persona, rival: Persona, now: datetime) -> None:
    with pytest.raises(NotFound):
        restrict(merchant, now, buyer_id=BuyerFactory(merchant=rival.shop).pk)


def test_who_only_looks_restricts_nobody(onlooker: Persona, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        restrict(onlooker, now)

    assert not Restriction.objects.exists()


def test_a_reviewer_confirms_or_lets_go_with_a_reason(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    kept, let_go = RestrictionFactory(merchant=merchant.shop), RestrictionFactory(merchant=merchant.shop)

    restricting.confirm(restriction_id=kept.pk, actor=reviewer.actor, at=now)
    restricting.reject(restriction_id=let_go.pk, actor=reviewer.actor, at=now, note="one late payment is no hoarding")

    kept.refresh_from_db()
    let_go.refresh_from_db()
    assert (kept.status, kept.reviewed_by, kept.ended_at) == ("CONFIRMED", "Rita Reviewer", None)
    assert (let_go.status, let_go.ended_at) == ("REJECTED", now)
    assert list(PlatformAction.objects.values_list("verb", flat=True)) == ["allow_buyer"]
    assert Notice.objects.get(kind="restriction.ended").params["note"] == "one late payment is no hoarding"


def test_the_shop_itself_does_not_review(merchant: Persona, now: datetime) -> None:
    made = RestrictionFactory(merchant=merchant.shop)

    with pytest.raises(NotAllowed):
        restricting.confirm(restriction_id=made.pk, actor=merchant.actor, at=now)

    made.refresh_from_db()
    assert (made.status, RestrictionMove.objects.count()) == ("IN_REVIEW", 0)


def test_the_shop_lets_go_and_cannot_twice(merchant: Persona, now: datetime) -> None:
    made = RestrictionFactory(merchant=merchant.shop)

    restricting.lift(restriction_id=made.pk, actor=merchant.actor, at=now)

    with pytest.raises(Conflict):
        restricting.lift(restriction_id=made.pk, actor=merchant.actor, at=now)


def test_a_rival_lets_nobody_go(merchant: Persona, rival: Persona, now: datetime) -> None:
    made = RestrictionFactory(merchant=merchant.shop)

    with pytest.raises(NotAllowed):
        restricting.lift(restriction_id=made.pk, actor=rival.actor, at=now)


def test_what_nobody_reviewed_and_what_is_over_ends_by_itself_once(merchant: Persona, now: datetime) -> None:
    unreviewed = RestrictionFactory(merchant=merchant.shop, review_due_at=now)
    over = RestrictionFactory(merchant=merchant.shop, status="CONFIRMED", ends_at=now)
    running = RestrictionFactory(merchant=merchant.shop)
    confirmed = RestrictionFactory(merchant=merchant.shop, status="CONFIRMED", review_due_at=now)

    assert restricting.lapse_due(now=now) == 2
    assert restricting.lapse_due(now=now) == 0

    ended = dict(Restriction.objects.filter(status="LAPSED").values_list("pk", "note"))
    assert ended == {unreviewed.pk: "UNREVIEWED", over.pk: "OVER"}
    assert Notice.objects.filter(kind="restriction.ended").count() == 2
    for row in (running, confirmed):
        row.refresh_from_db()
        assert row.is_in_force


def test_one_that_cannot_be_ended_holds_up_no_other(
    merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (RestrictionFactory(merchant=merchant.shop, review_due_at=now) for _ in range(2))
    real = restricting.let_go

    def broken(restriction: Restriction, **more: Any) -> None:
        if restriction.pk == bad.pk:
            raise RuntimeError("no")
        real(restriction, **more)

    monkeypatch.setattr(restricting, "let_go", broken)

    assert restricting.lapse_due(now=now) == 1
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, bad.status) == ("LAPSED", "IN_REVIEW")


def test_four_workers_end_each_restriction_once(
    transactional_db: None, platform_scope: None, selling_platform: None, merchant: Persona, now: datetime
) -> None:
    for _ in range(6):
        RestrictionFactory(merchant=merchant.shop, review_due_at=now)
    gate, ended = threading.Barrier(4), []

    def work() -> None:
        with tenancy.platform():
            try:
                gate.wait()
                ended.append(restricting.lapse_due(now=now))
            finally:
                connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(ended) == 6
    assert RestrictionMove.objects.count() == 6
