"""A complaint's whole life in whatever order people and the clock act: what must always be true of it, is."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from claims import lifecycle
from claims.models import Claim, Clock, Decision, Escalation, Exemption, LaneCount, Remedy, ReviewLease
from claims.queries import claims as queries
from claims.queries import clocks as clock_queries
from claims.queries import desk
from claims.rules import sla
from claims.services import appealing, breaching, clocks, conversing, deciding, filing, remedies, taking
from claims.services.writing import Verdict
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Role
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.business_time import working_time_between
from merchant_protection.foundation.errors import Refusal
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.risk.models import Outcome
from tests.factories import claims as make
from tests.factories.accounts import MembershipFactory, MerchantFactory, UserFactory
from tests.factories.marketplace import OrderFactory, SellingPlatformFactory
from tests.fixtures.people import Persona
from tests.lives import live

BUYERS_VOICE = Actor(kind="PLATFORM", name="the platform", scopes=frozenset({"claims:write"}))
PARTLY = Verdict("PARTLY_UPHELD", ["PARTLY_PROVEN"], note="The first was swapped.", lines={1: "UPHELD"})
BROUGHT = ("EXEMPT_ORDER", "COMPENSATION", "RESTRICT_BUYER")
VERDICTS = (
    *(replace(make.UPHOLD, remedies=list(kinds)) for kinds in ((), BROUGHT[:1], BROUGHT)),
    replace(PARTLY, remedies=list(BROUGHT[1:2])),
    make.REJECT,
)
APPEAL = {"ground": "FACTS_WRONG", "text": "The second line was swapped too."}
JUMPS = [timedelta(minutes=each) for each in (1, 1, 5, 11, 600, 1_440, 6_000, 45_000)]
LONG_AFTER = timedelta(days=4_000)
PEOPLE = st.integers(0, 3)


class Life(RuleBasedStateMachine):
    """One shop, its buyer, two reviewers and two seniors; an order of one complaint; and time that passes."""

    people: list[Persona]
    start: datetime

    def __init__(self) -> None:
        super().__init__()
        self.at, self.written, self.fired = self.start, {}, {}
        self.shop = MembershipFactory(merchant=MerchantFactory(), role=Role.OWNER)
        self.merchant = Persona(self.shop.user, self.shop.merchant)
        self.scope = tenancy.platform()
        self.scope.__enter__()

    @initialize(amount=st.sampled_from(("80", "9000")), lines=st.integers(2, 3), at_once=st.sampled_from((0, 20)))
    def a_complaint(self, amount: str, lines: int, at_once: int) -> None:
        """Filed, by itself or in a flood, in which its clocks start later."""
        make.limits(bulk_at_once=at_once)
        order = OrderFactory(merchant=self.merchant.shop, lines=lines, placed_at=self.at - timedelta(days=1))
        self.pk = filing.draft(
            merchant_id=self.merchant.shop.pk,
            kind_code="EXTORTION",
            order_id=order.pk,
            actor=self.merchant.actor,
            at=self.at,
            amount=Decimal(amount),
            story=make.STORY,
        ).pk
        assert self._try(filing.submit, actor=self.merchant.actor)
        assert self._try(filing.submit, actor=self.merchant.actor), "handing it in twice is handing it in once"

    def teardown(self) -> None:
        """Let this complaint be out of the way of the next one."""
        mine: dict[str, Any] = {"claim_id": self.pk}
        LaneCount.objects.all().delete()
        ReviewLease.objects.filter(**mine, released_at=None).update(released_at=self.at, release="PUT_BACK")
        Clock.objects.filter(**mine, stopped_at=None).update(stopped_at=self.at)
        Escalation.objects.filter(**mine, fired_at=None).delete()
        Remedy.objects.filter(**mine).update(due_at=None)
        Claim.objects.filter(pk=self.pk).update(queue=None, reviewer=None)
        Claim.objects.filter(pk=self.pk, evidence_due_at__isnull=False).update(evidence_due_at=self.at + LONG_AFTER)
        Claim.objects.filter(pk=self.pk, appeal_until__isnull=False).update(appeal_until=self.at + LONG_AFTER)
        self.scope.__exit__(None, None, None)

    @precondition(lambda self: self._claim().status in lifecycle.UNTAKEN)
    @rule(who=PEOPLE, by_name=st.booleans())
    def somebody_takes_it(self, who: int, by_name: bool) -> None:
        if by_name:
            self._try(taking.take, actor=self.people[who].actor)
        else:
            self._try(lambda claim_id, **given: taking.take_next(**given), actor=self.people[who].actor)

    @precondition(lambda self: self._claim().reviewer_id)
    @rule(what=st.sampled_from(("ask", "ask", "put back", "keep", "write", "hand over", "send back", "approve")))
    def who_has_it_acts(self, what: str) -> None:
        actor = self._who_has_it().actor
        if what == "ask":
            self._try(conversing.ask_for_evidence, actor=actor, body="The receipt, please.", asks_for=["POLICE_REPORT"])
        elif what == "put back":
            self._try(taking.put_back, actor=actor, reason="Not my field.")
        elif what == "keep":
            self._try(taking.keep, actor=actor)
        elif what == "write":
            self._try(conversing.write_to_merchant, actor=actor, body="We are looking into it.")
        elif what == "hand over":
            self._try(taking.hand_over, actor=actor, to_user_id=self.people[3].user.pk, reason="Yours.")
        elif what == "send back":
            self._try(deciding.send_back, actor=actor, reason="The chat is cut.")
        else:
            self._try(deciding.approve, actor=actor)

    @precondition(lambda self: self._claim().reviewer_id)
    @rule(verdict=st.sampled_from(VERDICTS))
    def who_has_it_decides(self, verdict: Verdict) -> None:
        self._try(deciding.decide, actor=self._who_has_it().actor, verdict=verdict)

    @rule(who=PEOPLE, verdict=st.sampled_from(VERDICTS[:1]))
    def somebody_else_tries_to_decide(self, who: int, verdict: Verdict) -> None:
        if self._claim().reviewer_id != self.people[who].user.pk:
            assert not self._try(deciding.decide, actor=self.people[who].actor, verdict=verdict)

    @precondition(lambda self: self._claim().status in lifecycle.DECIDED)
    @rule(verdict=st.sampled_from(VERDICTS), who=st.integers(1, 3))
    def somebody_overrides(self, verdict: Verdict, who: int) -> None:
        done = self._try(deciding.override, actor=self.people[who].actor, verdict=verdict)
        assert not (done and who < 2), "only seniors override"

    @precondition(lambda self: self._claim().status == lifecycle.AWAITING_EVIDENCE)
    @rule()
    def the_shop_answers(self) -> None:
        self._try(conversing.receive_evidence, actor=self.merchant.actor, body="Here it is.")

    @precondition(lambda self: self._claim().status in lifecycle.DECIDED)
    @rule(is_buyer=st.booleans())
    def a_side_appeals(self, is_buyer: bool) -> None:
        command = appealing.appeal_for_buyer if is_buyer else appealing.appeal
        self._try(command, actor=BUYERS_VOICE if is_buyer else self.merchant.actor, **APPEAL)

    @rule(what=st.sampled_from(("answer", "appeal", "take it back", "override", "approve")))
    def somebody_tries_what_may_not_be_open(self, what: str) -> None:
        status = self._claim().status
        if what == "answer":
            done = self._try(conversing.receive_evidence, actor=self.merchant.actor, body="Here it is.")
            assert done == (status == lifecycle.AWAITING_EVIDENCE)
        elif what == "appeal":
            done = self._try(appealing.appeal, actor=self.merchant.actor, **APPEAL)
            assert not done or status in lifecycle.DECIDED
        elif what == "take it back" and status not in lifecycle.UNDECIDED - lifecycle.PAUSED:
            done = self._try(filing.withdraw, actor=self.merchant.actor)
            assert done == (status in (lifecycle.WITHDRAWN, lifecycle.AWAITING_EVIDENCE))
        elif what == "override":
            assert not self._try(deciding.override, actor=self.people[0].actor, verdict=make.REJECT)
        elif what == "approve":
            assert not self._try(deciding.approve, actor=self.people[1].actor), "only a senior is a second person"

    @rule(jump=st.sampled_from(JUMPS), goes_well=st.booleans())
    def time_passes(self, jump: timedelta, goes_well: bool) -> None:
        self.at += jump
        taking.release_run_out(now=self.at)
        conversing.expire_due(now=self.at)
        breaching.breach_overdue(now=self.at)
        breaching.fire_escalations(now=self.at)
        appealing.finalise_due(now=self.at)
        remedies.carry_out_due(now=self.at)
        PlatformAction.objects.filter(status="AUTHORISED").update(
            status="CONFIRMED" if goes_well else "FAILED", due_at=None
        )
        self._nothing_due_is_left()
        again = (taking.release_run_out, conversing.expire_due, breaching.breach_overdue, appealing.finalise_due)
        assert [sweep(now=self.at) for sweep in again] == [0] * 4, "a second sweep finds nothing"

    def _nothing_due_is_left(self) -> None:
        """Time-outs are states, not flags: after the sweeps nothing that was due is still waiting."""
        claim, open_clocks = self._claim(), Clock.objects.filter(claim_id=self.pk, stopped_at=None, breached_at=None)
        assert not (claim.status == lifecycle.AWAITING_EVIDENCE and claim.evidence_due_at <= self.at)
        assert not (claim.status in lifecycle.DECIDED and claim.appeal_until < self.at)
        assert not open_clocks.filter(due_at__lt=self.at).exists()
        assert not Escalation.objects.filter(claim_id=self.pk, fired_at=None, due_at__lte=self.at).exists()

    @invariant()
    def the_history_is_one_chain_through_the_table_of_moves(self) -> None:
        status, at = lifecycle.DRAFT, self.start
        for line in queries.history_of(self._claim()):
            assert line.from_status == status
            assert status in lifecycle.MOVES[line.move].sources
            assert line.status == lifecycle.MOVES[line.move].target
            assert line.at >= at
            status, at = line.status, line.at
        assert status == self._claim().status

    @invariant()
    def one_person_at_most_has_it_and_never_who_decided_it(self) -> None:
        claim = self._claim()
        held = list(
            ReviewLease.objects.filter(claim_id=self.pk, released_at=None).values_list("reviewer_id", flat=True)
        )
        assert held == ([claim.reviewer_id] if claim.reviewer_id else [])
        assert claim.reviewer_id not in claim.deciders
        deciders = Decision.objects.filter(claim_id=self.pk, decided_by__isnull=False).exclude(stage="OVERRIDE")
        counted = Counter(deciders.values_list("decided_by_id", flat=True))
        assert set(counted.values()) <= {1}, "nobody judges the same complaint twice"

    @invariant()
    def no_decision_is_ever_edited_and_each_later_one_points_back(self) -> None:
        before = None
        for row in Decision.objects.filter(claim_id=self.pk).order_by("pk"):
            facts = (row.result, row.stage, row.amount_upheld, list(row.reason_codes), row.note, row.at)
            assert self.written.setdefault(row.pk, facts) == facts
            if row.stage in ("APPEAL", "OVERRIDE"):
                assert row.override_of_id == before
            before = before if row.stage == "PROPOSAL" else row.pk

    @invariant()
    def much_money_is_decided_by_two(self) -> None:
        claim = self._claim()
        first = Decision.objects.filter(claim_id=self.pk).order_by("pk").first()
        if claim.amount > desk.limits().second_approval_amount and first is not None:
            assert first.stage == "PROPOSAL"

    @invariant()
    def what_stands_is_what_the_decision_in_force_brings(self) -> None:
        claim = self._claim()
        decision = queries.decision_in_force(claim)
        standing = set(
            Remedy.objects.filter(claim_id=self.pk)
            .exclude(status__in=("RESTORING", "RESTORED"))
            .values_list("kind", flat=True)
        )
        assert standing == set(decision.remedies if decision else ())
        entries = Counter(Exemption.objects.filter(claim_id=self.pk).values_list("entry", flat=True))
        assert entries["EXEMPTED"] - entries["RESTORED"] == ("EXEMPT_ORDER" in standing)
        told = Outcome.objects.filter(merchant_id=claim.merchant_id, subject_id=claim.number)
        spared = sum((each.prevented + each.recovered for each in told), Decimal(0))
        assert spared == (decision.amount_upheld if decision else 0)

    @invariant()
    def the_deadline_is_what_the_history_says(self) -> None:
        claim = self._claim()
        if claim.opened_at is None:
            return
        stage = clock_queries.stage_of(claim)
        terms = clock_queries.terms_of(clock_queries.clocks_of(claim, stage=stage)[0].policy)
        history = clock_queries.history_of(claim, stage=stage, since=clocks.since(claim, stage))
        following = sla.next_deadline(sla.clocks(terms, history))
        assert claim.due_at == (following.due_at if following else None)
        stood = (working_time_between(terms.calendar, *span) for span in sla.capped_pauses(terms, history))
        assert sum(stood, timedelta()) <= terms.pause_cap
        is_open = claim.status in lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL
        assert (claim.due_at is not None) == is_open

    @invariant()
    def each_warning_fires_once(self) -> None:
        for pk, fired_at in Escalation.objects.filter(claim_id=self.pk, fired_at__isnull=False).values_list(
            "pk", "fired_at"
        ):
            assert self.fired.setdefault(pk, fired_at) == fired_at

    @invariant()
    def the_counts_of_the_queue_are_what_lies_there(self) -> None:
        claim = self._claim()
        counted = {(queue, lane) for queue, lanes in desk.counts().items() for lane, count in lanes.items() if count}
        assert counted == {(claim.queue_id, lane) for lane in desk.lanes(claim)}

    def _claim(self) -> Claim:
        return Claim.objects.get(pk=self.pk)

    def _who_has_it(self) -> Persona:
        return next(each for each in self.people if each.user.pk == self._claim().reviewer_id)

    def _try(self, command: Any, **given: Any) -> bool:
        """A refusal is an answer, and changes nothing; anything else is a fault. Return whether it was done."""
        before = self._facts()
        try:
            command(claim_id=self.pk, at=self.at, **given)
        except Refusal:
            assert self._facts() == before, "who is refused changes nothing"
            return False
        return True

    def _facts(self) -> tuple[Any, ...]:
        claim = Claim.objects.values().get(pk=self.pk)
        return claim, Decision.objects.filter(claim_id=self.pk).count(), Remedy.objects.filter(claim_id=self.pk).count()


@pytest.fixture
def life(reviewer: Persona, senior: Persona, now: datetime) -> type[Life]:
    people = [reviewer, Persona(UserFactory(reviewer=True)), senior, Persona(UserFactory(senior=True))]
    for person in people:
        make.on_the_desk(person.user)
    SellingPlatformFactory()
    return type("LifeHere", (Life,), {"people": people, "start": now})


@pytest.mark.timeout(600)
def test_a_few_lives_keep_to_what_must_always_be_true(life: type[Life]) -> None:
    live(life, lives=8, steps=25, derandomize=True)


@pytest.mark.soak
@pytest.mark.case("T39")
@pytest.mark.timeout(3_600)
def test_many_long_lives_keep_to_what_must_always_be_true(life: type[Life]) -> None:
    live(life, lives=300, steps=50)
