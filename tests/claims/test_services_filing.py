"""A merchant files: the same again is the same, what is missing is told, and nothing is lost on the way."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from claims.models import Claim, ClaimLine, ClaimMove
from claims.services import drafting, filing
from claims.services.filing import AlreadyDecided, Stale
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import claims as make
from tests.factories.marketplace import AfterSaleFactory, OrderFactory
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona

STORY = "The buyer asks for 200 yuan in private, or leaves a bad review."


@pytest.fixture
def order(merchant: Persona, now: datetime):
    return OrderFactory(merchant=merchant.shop, lines=3, placed_at=now - timedelta(days=3))


@pytest.fixture
def draft(merchant: Persona, order, now: datetime) -> Claim:
    with tenancy.platform():
        claim = filing.draft(
            merchant_id=merchant.shop.pk, kind_code="EXTORTION", order_id=order.pk, actor=merchant.actor, at=now
        )
        return drafting.say(claim_id=claim.pk, actor=merchant.actor, at=now, story=STORY, amount=Decimal(300))


@pytest.mark.case("CL-02")
def test_the_same_order_and_kind_filed_again_is_the_same_complaint(
    merchant: Persona, operator: Persona, order, draft: Claim, now: datetime, platform_scope: None
) -> None:
    again = {"merchant_id": merchant.shop.pk, "kind_code": "EXTORTION", "order_id": order.pk}

    assert filing.draft(**again, actor=operator.actor, at=now).pk == draft.pk
    first = filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now)
    second = filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now + timedelta(minutes=1))
    third = filing.draft(**again, actor=merchant.actor, at=now)

    assert first.pk == second.pk == third.pk == draft.pk
    assert second.submitted_at == now
    assert ClaimMove.objects.filter(claim=draft, move="submit").count() == 1
    assert Claim.objects.count() == 1
    other_kind = filing.draft(**again | {"kind_code": "ABNORMAL_ORDER"}, actor=merchant.actor, at=now)
    assert other_kind.pk != draft.pk


def test_what_was_decided_for_good_is_not_filed_again(merchant: Persona, order, draft, now, platform_scope) -> None:
    Claim.objects.filter(pk=draft.pk).update(status="FINAL", submitted_at=now, opened_at=now)

    with pytest.raises(AlreadyDecided) as refused:
        filing.draft(
            merchant_id=merchant.shop.pk, kind_code="EXTORTION", order_id=order.pk, actor=merchant.actor, at=now
        )

    assert refused.value.claim.pk == draft.pk


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"story": ""}, "story"),
        ({"story": "short"}, "story"),
        ({"story": "x" * 2001}, "story"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount_demanded": Decimal("100000000")}, "amount_demanded"),
        ({"happened_at": datetime(1969, 12, 31, tzinfo=UTC)}, "happened_at"),
        ({"happened_at": datetime(2199, 1, 1, tzinfo=UTC)}, "happened_at"),
        ({"happened_at": datetime(2001, 1, 1, tzinfo=UTC)}, "happened_at"),
        ({"kind_code": "MALICIOUS_REFUND_ONLY"}, "kind"),
    ],
)
def test_what_cannot_be_right_is_told_by_field_and_the_draft_stays(
    merchant: Persona, draft: Claim, now: datetime, said, field, platform_scope: None
) -> None:
    drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, **said)

    with pytest.raises(Invalid) as refused:
        filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now)

    assert set(refused.value.fields) == {field}
    assert Claim.objects.get(pk=draft.pk).status == "DRAFT"
    assert not ClaimMove.objects.filter(claim=draft).exists()


def test_a_complaint_after_its_time_is_refused_and_the_draft_stays(merchant, draft, now, platform_scope) -> None:
    drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, happened_at=now - timedelta(hours=1))

    with pytest.raises(Invalid) as refused:
        filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now + timedelta(days=40))

    assert list(refused.value.fields) == ["kind"]
    assert Claim.objects.get(pk=draft.pk).story == STORY


def test_a_draft_left_for_a_week_is_gone_on_with(merchant: Persona, order, draft: Claim, now, platform_scope) -> None:
    later = now + timedelta(days=7)

    again = filing.draft_from_order(order_id=order.pk, actor=merchant.actor, at=later)

    assert (again.pk, again.story) == (draft.pk, STORY)
    assert filing.submit(claim_id=draft.pk, actor=merchant.actor, at=later).status == "SUBMITTED"


def test_what_was_typed_on_an_old_page_overwrites_nothing(merchant, draft: Claim, now, platform_scope) -> None:
    with pytest.raises(Stale) as refused:
        drafting.say(
            claim_id=draft.pk, actor=merchant.actor, at=now, version=draft.version - 1, story="Something else."
        )

    assert refused.value.claim.story == STORY
    assert Claim.objects.get(pk=draft.pk).story == STORY
    with pytest.raises(Stale):
        filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now, version=draft.version - 1)


def test_lines_are_left_out_and_taken_in_again(merchant: Persona, draft: Claim, now, platform_scope) -> None:
    ordinals = sorted(ClaimLine.objects.filter(claim=draft).values_list("ordinal", flat=True))

    drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, lines=ordinals[:1])
    assert list(ClaimLine.objects.filter(claim=draft).values_list("ordinal", flat=True)) == ordinals[:1]
    drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, lines=ordinals)
    assert ClaimLine.objects.filter(claim=draft).count() == len(ordinals)
    for nonsense in ([], [99]):
        with pytest.raises(Invalid):
            drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, lines=nonsense)


def test_a_kind_that_stands_about_the_order_cannot_be_changed_to(merchant, order, draft, now, platform_scope) -> None:
    other = filing.draft(
        merchant_id=merchant.shop.pk, kind_code="ABNORMAL_ORDER", order_id=order.pk, actor=merchant.actor, at=now
    )

    with pytest.raises(Invalid) as refused:
        drafting.say(claim_id=other.pk, actor=merchant.actor, at=now, kind_code="EXTORTION")

    assert draft.number in refused.value.fields["kind"][0]


def test_an_after_sale_fills_the_draft_and_twice_is_once(merchant: Persona, order, now, platform_scope) -> None:
    case = AfterSaleFactory(merchant=merchant.shop, order=order, kind="REFUND_ONLY", amount=Decimal("88.50"))

    first = filing.draft_from_after_sale(after_sale_id=case.pk, actor=merchant.actor, at=now)
    second = filing.draft_from_after_sale(after_sale_id=case.pk, actor=merchant.actor, at=now)

    assert first.pk == second.pk
    assert (first.kind_code, first.amount, first.after_sale_id) == ("MALICIOUS_REFUND_ONLY", Decimal("88.50"), case.pk)
    assert first.source == "AFTER_SALE"


def test_a_warning_fills_the_draft_and_twice_is_once(merchant: Persona, order, now, platform_scope) -> None:
    warning = WarningFactory(merchant=merchant.shop, order=order, kind="EXTORTION", level="HIGH")

    first = filing.draft_from_warning(warning_id=warning.pk, actor=merchant.actor, at=now)
    filing.withdraw(
        claim_id=filing.draft_from_order(order_id=order.pk, actor=merchant.actor, at=now).pk,
        actor=merchant.actor,
        at=now,
    )
    second = filing.draft_from_warning(warning_id=warning.pk, actor=merchant.actor, at=now)
    third = filing.draft_from_warning(warning_id=warning.pk, actor=merchant.actor, at=now)

    assert first.warning_id == warning.pk
    assert (first.kind_code, first.risk) == ("EXTORTION", "HIGH")
    assert second.pk == third.pk != first.pk
    loose = WarningFactory(merchant=merchant.shop)
    with pytest.raises(Conflict):
        filing.draft_from_warning(warning_id=loose.pk, actor=merchant.actor, at=now)


def test_a_stranger_finds_nothing_and_an_onlooker_may_not(merchant, onlooker, rival, order, draft, now) -> None:
    with tenancy.merchant(merchant.shop.pk):
        for act in (filing.submit, filing.withdraw, drafting.say):
            with pytest.raises(NotAllowed):
                act(claim_id=draft.pk, actor=onlooker.actor, at=now)
        with pytest.raises(NotAllowed):
            filing.draft_from_order(order_id=order.pk, actor=onlooker.actor, at=now)
    with tenancy.merchant(rival.shop.pk):
        for act in (filing.submit, filing.withdraw, drafting.say):
            with pytest.raises(NotFound):
                act(claim_id=draft.pk, actor=rival.actor, at=now)
        with pytest.raises(NotFound):
            filing.draft_from_order(order_id=order.pk, actor=rival.actor, at=now)


def test_what_is_handed_in_is_no_longer_typed_in_and_can_be_taken_back(merchant, draft, now, platform_scope) -> None:
    filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now)

    with pytest.raises(Conflict):
        drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, story="Too late to change.")
    gone = filing.withdraw(claim_id=draft.pk, actor=merchant.actor, at=now)
    assert (gone.status, gone.closed_at, gone.due_at) == ("WITHDRAWN", now, None)
    assert filing.withdraw(claim_id=draft.pk, actor=merchant.actor, at=now).status == "WITHDRAWN"
    assert ClaimMove.objects.filter(claim=draft, move="withdraw").count() == 1


def test_what_is_decided_cannot_be_taken_back(merchant: Persona, reviewer: Persona, now) -> None:
    make.on_the_desk(reviewer.user)
    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    with tenancy.platform(), pytest.raises(Conflict):
        filing.withdraw(claim_id=claim.pk, actor=merchant.actor, at=now + timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_six_windows_at_once_begin_one_complaint(merchant: Persona, order, now: datetime) -> None:
    assert len(_begin_at_once(merchant, order, now)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_race_without_the_lock_shows_the_fault(
    merchant: Persona, order, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the lock windows run into the unique key, or begin twice."""
    gate = threading.Barrier(6, timeout=20)
    known = filing.queries.standing

    def together(**fields):
        found = known(**fields)
        gate.wait()
        return found

    monkeypatch.setattr(filing.queries, "lock_filing_of", lambda _order: None)
    monkeypatch.setattr(filing.queries, "standing", together)

    assert "fault" in _begin_at_once(merchant, order, now)


def _begin_at_once(merchant: Persona, order, now: datetime) -> set[object]:
    actor, results = merchant.actor, []
    start = threading.Barrier(6, timeout=20)

    def run() -> None:
        try:
            with tenancy.platform():
                start.wait()
                claim = filing.draft(
                    merchant_id=order.merchant_id, kind_code="EXTORTION", order_id=order.pk, actor=actor, at=now
                )
                results.append(claim.pk)
        except Exception:
            results.append("fault")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return set(results)
