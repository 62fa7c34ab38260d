"""Decisions: whole, line by line, by two people, put right; and what each brings and takes back."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from claims.models import Claim, ClaimMove, Clock, Decision, DeskSettings, Exemption, Filer, Remedy
from claims.queries import claims as queries
from claims.queries import desk
from claims.services import deciding, remedies, taking
from claims.services.writing import Verdict
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.notices.models import Notice
from merchant_protection.risk.models import Outcome
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.factories.marketplace import AfterSaleFactory, OrderFactory, SellingPlatformFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")
PARTLY = Verdict("PARTLY_UPHELD", ["PARTLY_PROVEN"], note="The first was swapped.", lines={1: "UPHELD"})


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona) -> None:
    make.on_the_desk(reviewer.user)
    make.on_the_desk(senior.user)
    SellingPlatformFactory()


def test_a_complaint_is_filed_taken_and_upheld(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    assert (claim.status, claim.reviewer_id, claim.amount_upheld) == ("UPHELD", None, claim.amount)
    assert list(ClaimMove.objects.values_list("move", flat=True).order_by("pk")) == ["submit", "take", "uphold"]
    assert all(clock.stopped_at for clock in Clock.objects.all())
    assert {count for lanes in desk.counts().values() for count in lanes.values()} == {0}
    assert not queries.reasons_of(claim).exists()
    assert Notice.objects.get(kind="claim.decided").params == {"number": claim.number, "result": "UPHELD"}
    assert Outcome.objects.get().prevented == claim.amount
    assert (Filer.objects.get().upheld, Filer.objects.get().rejected) == (1, 0)


def test_a_rejection_is_told_with_its_reasons_and_brings_nothing(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)

    decision = Decision.objects.get()
    assert (claim.status, decision.amount_upheld) == ("REJECTED", 0)
    assert decision.reasons[0]["clause_en"].startswith("Rules on malicious claims")
    assert not Outcome.objects.exists()
    assert claim.appeal_until == now + timedelta(days=30, minutes=5)


@pytest.mark.parametrize(
    ("verdict", "field"),
    [
        (replace(make.UPHOLD, result="MAYBE"), "result"),
        (replace(make.UPHOLD, reason_codes=[]), "reason_codes"),
        (replace(make.UPHOLD, reason_codes=["NO_SUCH"]), "reason_codes"),
        (replace(make.UPHOLD, reason_codes=["EVIDENCE_TOO_THIN"]), "reason_codes"),
        (replace(make.UPHOLD, remedies=["HIDE_REVIEW"]), "remedies"),
        (replace(make.REJECT, remedies=["COMPENSATION"]), "remedies"),
        (replace(PARTLY, lines={}), "lines"),
        (replace(make.UPHOLD, note="x" * 4001), "note"),
    ],
)
def test_an_incomplete_decision_is_refused_and_changes_nothing(
    merchant: Persona, reviewer: Persona, now: datetime, verdict: Verdict, field: str
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)

    with pytest.raises(Invalid) as refused:
        deciding.decide(claim_id=claim.pk, actor=reviewer.actor, at=now, verdict=verdict)

    assert list(refused.value.fields) == [field]
    assert not Decision.objects.exists()
    assert Claim.objects.get().status == "IN_REVIEW"


def test_only_who_has_the_case_decides_it(merchant: Persona, reviewer: Persona, senior: Persona, now: datetime) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)

    with pytest.raises(NotAllowed):
        deciding.decide(claim_id=claim.pk, actor=senior.actor, at=now, verdict=make.UPHOLD)

    assert Claim.objects.get().status == "IN_REVIEW"


def test_a_decision_from_a_stale_page_is_told_and_overwrites_nothing(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)

    with pytest.raises(Conflict):
        deciding.decide(claim_id=claim.pk, actor=reviewer.actor, at=now, verdict=make.UPHOLD, version=claim.version - 1)

    assert not Decision.objects.exists()


@pytest.mark.case("CL-03")
def test_a_partial_decision_is_made_line_by_line(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    order = OrderFactory(merchant=merchant.shop, lines=3, placed_at=now)
    with make.tenancy.platform():
        claim = make.filing.draft(
            merchant_id=merchant.shop.pk,
            kind_code="ABNORMAL_ORDER",
            order_id=order.pk,
            actor=make.FILER,
            at=now,
            amount=Decimal("3897"),
            story="Three orders in a minute to an address that is not there.",
        )
        make.filing.submit(claim_id=claim.pk, actor=make.FILER, at=now)
    taking.take_next(actor=reviewer.actor, at=now)

    decided = deciding.decide(claim_id=claim.pk, actor=reviewer.actor, at=now, verdict=PARTLY)

    decision = Decision.objects.get()
    assert (decided.status, decided.amount_upheld) == ("PARTLY_UPHELD", Decimal("1299"))
    assert list(decision.lines.order_by("ordinal").values_list("ordinal", "result")) == [
        (1, "UPHELD"),
        (2, "REJECTED"),
        (3, "REJECTED"),
    ]
    assert list(queries.lines_of(claim).values_list("result", flat=True)) == ["UPHELD", "REJECTED", "REJECTED"]


def test_much_money_waits_for_a_second_person(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now, amount="9000")
    assert (claim.status, claim.deciders) == ("HELD", [reviewer.user.pk])
    assert not Remedy.objects.exists()
    with pytest.raises(NotAllowed):
        taking.take(claim_id=claim.pk, actor=reviewer.actor, at=now)

    taken = taking.take_next(actor=senior.actor, at=now)
    assert taken == claim
    deciding.approve(claim_id=claim.pk, actor=senior.actor, at=now)

    claim.refresh_from_db()
    proposal, decision = Decision.objects.order_by("pk")
    assert claim.status == "UPHELD"
    assert (decision.stage, decision.approves_id) == ("SECOND_APPROVAL", proposal.pk)


def test_a_buyer_named_in_many_complaints_needs_a_second_person(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    DeskSettings.objects.update(second_approval_orders=1)

    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    assert claim.status == "HELD"


def test_a_plain_reviewer_is_no_second_person(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now, amount="9000")
    other = Persona(UserFactory(reviewer=True))
    make.on_the_desk(other.user)

    assert taking.take_next(actor=other.actor, at=now) is None
    with pytest.raises(NotAllowed):
        taking.take(claim_id=claim.pk, actor=other.actor, at=now)


def test_the_second_person_sends_it_back_and_somebody_else_looks_anew(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now, amount="9000")
    taking.take_next(actor=senior.actor, at=now)

    deciding.send_back(claim_id=claim.pk, actor=senior.actor, at=now, reason="The chat is cut.")

    claim.refresh_from_db()
    assert (claim.status, claim.reviewer_id) == ("SUBMITTED", None)
    assert taking.take_next(actor=reviewer.actor, at=now) is None


@pytest.mark.case("CL-04")
def test_upheld_removes_review_metric_and_refund_and_overturned_restores_all(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)
    Claim.objects.update(
        review_ref="R-1", after_sale=AfterSaleFactory(merchant=merchant.shop, order=claim.order, number="AS-1")
    )
    wanted = ["STOP_REFUND", "HIDE_REVIEW", "EXEMPT_ORDER"]

    deciding.decide(claim_id=claim.pk, actor=reviewer.actor, at=now, verdict=replace(make.UPHOLD, remedies=wanted))
    remedies.carry_out_due(now=now)
    confirm(now)
    upheld = dict(Remedy.objects.values_list("kind", "status"))
    deciding.override(claim_id=claim.pk, actor=senior.actor, at=now + timedelta(hours=1), verdict=make.REJECT)
    remedies.carry_out_due(now=now + timedelta(hours=1))
    confirm(now + timedelta(hours=1))

    assert upheld == dict.fromkeys(wanted, "DONE")
    assert dict(Remedy.objects.values_list("kind", "status")) == dict.fromkeys(wanted, "RESTORED")
    assert {(verb, value) for verb, value in last_wishes() if verb != "exempt_order"} == {
        ("allow_refund", "OPEN"),
        ("show_review", "SHOWN"),
        ("count_order", "COUNTED"),
    }
    assert list(Exemption.objects.order_by("pk").values_list("entry", flat=True)) == ["EXEMPTED", "RESTORED"]
    assert sum(Outcome.objects.values_list("prevented", flat=True)) == 0
    filer = Filer.objects.get()
    assert (filer.upheld, filer.rejected, filer.overturned) == (0, 1, 1)


def test_an_override_points_to_what_it_replaces(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    with pytest.raises(NotAllowed):
        deciding.override(claim_id=claim.pk, actor=reviewer.actor, at=now, verdict=make.REJECT)
    deciding.override(claim_id=claim.pk, actor=senior.actor, at=now, verdict=make.REJECT)

    old, new = Decision.objects.order_by("pk")
    assert (new.stage, new.override_of_id, old.result) == ("OVERRIDE", old.pk, "UPHELD")
    assert Claim.objects.get().status == "REJECTED"


def test_a_remedy_waits_while_a_kill_switch_is_on_and_fails_aloud(
    merchant: Persona, reviewer: Persona, staff: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)
    verdict = replace(make.UPHOLD, remedies=["EXEMPT_ORDER"])
    deciding.decide(claim_id=claim.pk, actor=reviewer.actor, at=now, verdict=verdict)
    make.switches.stop(
        scope="MERCHANT", merchant_id=merchant.shop.pk, actor=staff.actor, at=now, reason="Looking into it."
    )

    assert remedies.carry_out_due(now=now) == 0
    assert Remedy.objects.get().last_error == "a kill switch is on"

    make.switches.resume(scope="MERCHANT", merchant_id=merchant.shop.pk, actor=staff.actor, at=now, proved_again=True)
    assert remedies.carry_out_due(now=now + timedelta(minutes=6)) == 1
    PlatformAction.objects.update(status="FAILED", due_at=None)
    assert remedies.carry_out_due(now=now + timedelta(minutes=7)) == 1
    assert Remedy.objects.get().status == "FAILED"


def confirm(now: datetime) -> None:
    """The platform has done all that was asked of it."""
    PlatformAction.objects.filter(status="AUTHORISED").update(status="CONFIRMED", due_at=None)
    remedies.carry_out_due(now=now + timedelta(minutes=1))


def last_wishes() -> list[tuple[str, object]]:
    newest: dict[int, PlatformAction] = {}
    for action in PlatformAction.objects.order_by("pk"):
        newest[action.target_id] = action
    return [(action.verb, action.value) for action in newest.values()]
