"""Appeals: once by each side, in time, and never to who decided before."""

from datetime import datetime, timedelta

import pytest

from claims.models import Appeal, Claim, Clock, Decision
from claims.services import appealing, deciding, taking
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")
PLATFORM = Actor(kind=Kind.PLATFORM, id=1, name="market", scopes=frozenset({"claims:write"}))
WORDS = {"ground": "FACTS_WRONG", "text": "The video shows it."}


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona) -> None:
    make.on_the_desk(reviewer.user)
    make.on_the_desk(senior.user)


@pytest.mark.case("CL-10")
def test_an_appeal_never_reaches_the_first_reviewer(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)
    appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=now, **WORDS)

    assert taking.take_next(actor=reviewer.actor, at=now) is None
    with pytest.raises(NotAllowed):
        taking.take(claim_id=claim.pk, actor=reviewer.actor, at=now)
    assert taking.take_next(actor=senior.actor, at=now) == claim
    with pytest.raises(Invalid):
        taking.hand_over(
            claim_id=claim.pk, to_user_id=reviewer.user.pk, actor=senior.actor, at=now, reason="You know it."
        )
    with pytest.raises(NotAllowed):
        deciding.decide(claim_id=claim.pk, actor=reviewer.actor, at=now, verdict=make.UPHOLD)

    deciding.decide(claim_id=claim.pk, actor=senior.actor, at=now, verdict=make.UPHOLD)
    appeal, answer = Appeal.objects.get(), Decision.objects.latest("pk")
    assert Claim.objects.get().status == "UPHELD"
    assert (answer.stage, answer.override_of_id, appeal.answer_id) == ("APPEAL", appeal.decision_id, answer.pk)


def test_the_second_appeal_reaches_neither_of_the_two(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)
    appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=now, **WORDS)
    taking.take_next(actor=senior.actor, at=now)
    deciding.decide(claim_id=claim.pk, actor=senior.actor, at=now, verdict=make.UPHOLD)
    appealing.appeal_for_buyer(claim_id=claim.pk, actor=PLATFORM, at=now, **WORDS)
    third = Persona(UserFactory(reviewer=True))
    make.on_the_desk(third.user)

    assert [taking.take_next(actor=person.actor, at=now) for person in (reviewer, senior, third)] == [None, None, claim]

    deciding.decide(claim_id=claim.pk, actor=third.actor, at=now, verdict=make.UPHOLD)
    assert appealing.finalise_due(now=now + timedelta(seconds=1)) == 1
    assert Claim.objects.get().status == "FINAL"


def test_each_side_appeals_once(merchant: Persona, reviewer: Persona, senior: Persona, now: datetime) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)
    appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=now, **WORDS)
    taking.take_next(actor=senior.actor, at=now)
    deciding.decide(claim_id=claim.pk, actor=senior.actor, at=now, verdict=make.REJECT)

    with pytest.raises(Conflict):
        appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=now, **WORDS)

    assert Appeal.objects.count() == 1


def test_an_appeal_too_late_is_refused_and_the_decision_becomes_final(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)
    late = now + timedelta(days=31)

    with pytest.raises(Conflict):
        appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=late, **WORDS)

    assert appealing.finalise_due(now=now + timedelta(days=29)) == 0
    assert appealing.finalise_due(now=late) == 1
    assert appealing.finalise_due(now=late) == 0
    assert Claim.objects.get().status == "FINAL"


@pytest.mark.parametrize(
    ("ground", "text"), [("NONE", "x"), ("FACTS_WRONG", " "), ("FACTS_WRONG", "x" * 4001)], ids=str
)
def test_an_appeal_without_ground_or_words_is_refused(
    merchant: Persona, reviewer: Persona, now: datetime, ground: str, text: str
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)

    with pytest.raises(Invalid):
        appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=now, ground=ground, text=text)

    assert not Appeal.objects.exists()


def test_nobody_appeals_against_a_decision_for_them(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    with pytest.raises(Conflict):
        appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=now, **WORDS)

    assert Claim.objects.get().status == "UPHELD"


def test_strangers_appeal_for_nobody(merchant: Persona, rival: Persona, reviewer: Persona, now: datetime) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)

    with pytest.raises(NotAllowed):
        appealing.appeal(claim_id=claim.pk, actor=rival.actor, at=now, **WORDS)
    with pytest.raises(NotAllowed):
        appealing.appeal_for_buyer(claim_id=claim.pk, actor=merchant.actor, at=now, **WORDS)


def test_an_appeal_has_clocks_of_its_own(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)

    appealing.appeal(claim_id=claim.pk, actor=merchant.actor, at=now + timedelta(days=3), **WORDS)

    running = Clock.objects.filter(stage=2, stopped_at=None)
    assert {clock.started_at for clock in running} == {now + timedelta(days=3)}
    assert Claim.objects.get().due_at == min(clock.due_at for clock in running)
