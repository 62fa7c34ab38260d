"""Whatever is asked, decided and answered in whatever order: an action keeps to its table, and acts once."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Refusal
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import drains
from merchant_protection.marketplace.lifecycle import ACTION_MOVES, SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import ActionEvent, Platform, PlatformAction, Switch
from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions, switches
from tests.factories.accounts import MembershipFactory, MerchantFactory
from tests.fixtures.people import Persona
from tests.lives import live
from tests.marketplace.conftest import CLOCK
from tests.marketplace.fake_platform import FakePlatform

DECISIONS = {"approve": actions.approve, "decline": actions.decline, "retry": actions.retry, "undo": actions.undo}
REFS = ("SKU-1", "SKU-2")
VERBS = ("delist", "relist")
CONFIRMED = ActionStatus.CONFIRMED
FAULTS = ("", "unavailable", "throttled", "lost", "error", "refused")


class ActionLife(RuleBasedStateMachine):
    """A shop whose rules and people ask, whose platform fails, and whose time passes."""

    market: FakePlatform

    def __init__(self) -> None:
        super().__init__()
        self.shop = MerchantFactory()
        self.owner = Persona(MembershipFactory(merchant=self.shop).user, self.shop)
        self.at: datetime = timezone.now()
        self.scope = tenancy.platform()
        self.scope.__enter__()

    def teardown(self) -> None:
        self.scope.__exit__(None, None, None)

    @rule(ref=st.sampled_from(REFS), verb=st.sampled_from(VERBS), mode=st.sampled_from(("AUTO", "APPROVE")))
    def a_rule_asks(self, ref: str, verb: str, mode: str) -> None:
        @transaction
        def ask() -> None:
            wish = Wish(merchant_id=self.shop.pk, feature="toy", rule="floor", rule_version="1", verb=verb, ref=ref)
            actions.ask(wish, mode=mode, actor=CLOCK, at=self.at)

        self._try(ask)

    @rule(ref=st.sampled_from(REFS), value=st.integers(0, 3))
    def a_person_asks(self, ref: str, value: int) -> None:
        wish = Wish(merchant_id=self.shop.pk, feature="by_hand", verb="set_stock", ref=ref, value=value)
        self._try(lambda: actions.ask_by_person(wish, actor=self.owner.actor, at=self.at))

    @precondition(lambda self: self._all())
    @rule(which=st.integers(0, 50), move=st.sampled_from(sorted(DECISIONS)))
    def a_person_decides(self, which: int, move: str) -> None:
        found = self._all()
        chosen = found[which % len(found)]
        self._try(lambda: DECISIONS[move](action_id=chosen.pk, actor=self.owner.actor, at=self.at, note="why"))

    @rule(fault=st.sampled_from(FAULTS), later=st.sampled_from((0, 5, 90, 700)))
    def the_drain_works(self, fault: str, later: int) -> None:
        self.at += timedelta(seconds=later)
        self.market.fault = lambda key, nth: fault
        drains.act(lambda: self.at)
        self.market.fault = lambda key, nth: ""

    @rule(is_stopped=st.booleans())
    def a_person_turns_the_switch(self, is_stopped: bool) -> None:
        command: Any = switches.stop if is_stopped else partial(switches.resume, proved_again=True)
        given = {"scope": "MERCHANT", "merchant_id": self.shop.pk, "actor": self.owner.actor, "at": self.at}
        self._try(lambda: command(**given, reason="because"))

    @rule()
    def the_platform_is_well_for_a_while(self) -> None:
        """Nothing stays half done: in time each action is confirmed, refused, or waits for a person or a switch."""
        for _minutes in range(8):
            self.at += timedelta(minutes=11)
            drains.act(lambda: self.at)
        stopped = Switch.objects.filter(merchant=self.shop, is_stopped=True).exists()
        assert stopped or not [each for each in self._all() if each.status in SENDING_ACTIONS]

    @invariant()
    def what_was_confirmed_last_is_what_the_platform_has(self) -> None:
        """Nobody else changes this platform, so its state is the newest one that it was asked for and took."""
        newest = {each.target_id: each for each in self._all() if each.status in (*SENDING_ACTIONS, CONFIRMED)}
        for each in newest.values():
            if each.status == CONFIRMED:
                place = (self.shop.code, each.target.kind, each.target.ref, each.target.aspect)
                assert wishes.same_state(self.market.states[place][0], each.value), each
                assert wishes.same_state(each.target.actual, each.value), each

    @invariant()
    def every_move_stands_in_the_table(self) -> None:
        for line in ActionEvent.objects.filter(merchant=self.shop).exclude(move="ask"):
            assert line.from_status in ACTION_MOVES[line.move].sources, line
            assert line.to_status == ACTION_MOVES[line.move].target, line

    @invariant()
    def the_history_ends_where_the_action_stands(self) -> None:
        for each in self._all():
            last = ActionEvent.objects.filter(merchant=self.shop, action=each).order_by("-pk").first()
            assert last is not None
            assert last.to_status == each.status

    @invariant()
    def no_target_is_sent_two_actions_at_once(self) -> None:
        sending = Counter(each.target_id for each in self._all() if each.status in SENDING_ACTIONS)
        assert set(sending.values()) <= {1}

    @invariant()
    def each_wish_has_one_effect(self) -> None:
        ours = [each for each in self.market.effects if each["merchant"] == self.shop.code]
        assert len({(each["target"]["ref"], each["aspect"], each["generation"]) for each in ours}) == len(ours)
        assert self.market.reused == []

    def _all(self) -> list[PlatformAction]:
        return list(PlatformAction.objects.filter(merchant=self.shop).select_related("target").order_by("pk"))

    def _try(self, command: Any) -> None:
        """A refusal is an answer; anything else is a fault."""
        before = list(PlatformAction.objects.filter(merchant=self.shop).values_list("pk", "status").order_by("pk"))
        try:
            command()
        except Refusal:
            after = list(PlatformAction.objects.filter(merchant=self.shop).values_list("pk", "status").order_by("pk"))
            assert after == before, "who is refused changes nothing"


@pytest.fixture
def life(transactional_db: None, market: FakePlatform, platform: Platform) -> type[ActionLife]:
    return type("ActionLifeHere", (ActionLife,), {"market": market})


@pytest.mark.timeout(600)
def test_an_action_lives_by_its_table(life: type[ActionLife]) -> None:
    live(life, lives=12, steps=15, derandomize=True)


@pytest.mark.soak
@pytest.mark.case("T39")
@pytest.mark.timeout(3_600)
def test_many_long_lives_of_actions_keep_to_their_table(life: type[ActionLife]) -> None:
    live(life, lives=300, steps=50)
