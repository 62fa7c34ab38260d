"""A price incident's whole life in whatever order prices, people and the clock act: what must always be true, is."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from merchant_protection.accounts.models import Role
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Refusal
from merchant_protection.foundation.transactions import transaction
from merchant_protection.home.drains import GATES
from merchant_protection.marketplace import drains
from merchant_protection.marketplace.models import (
    ActionTarget,
    DoubtedListing,
    Listing,
    Order,
    Platform,
    PlatformAction,
)
from merchant_protection.marketplace.queries import doubts
from merchant_protection.marketplace.rules.wishes import held_skus, same_state
from merchant_protection.marketplace.services import actions
from pricing_guard import drains as guard
from pricing_guard.lifecycle import INCIDENT_MOVES, OPEN_INCIDENTS
from pricing_guard.models import AffectedOrder, Incident, IncidentStep
from pricing_guard.queries import incidents as queries
from pricing_guard.services import policies
from pricing_guard.services.incidents import answering, choosing, clocks, evidence, releasing, taking_back
from pricing_guard.services.watching import orders, prices, rechecking
from tests.factories.accounts import MembershipFactory, MerchantFactory, UserFactory
from tests.factories.marketplace import ListingFactory, OrderFactory
from tests.fixtures.people import Persona
from tests.lives import live
from tests.marketplace.fake_platform import FakePlatform

THRESHOLDS = {"floor_price": "800", "max_drop_last": "30", "decimal_shift": True, "units_per_order": "4"}
PRICES = ("1299.00", "1250.00", "750.00", "700.00", "129.90", "12.99", "0.00")
JUMPS = [timedelta(minutes=each) for each in (1, 6, 11, 20, 300, 1_500, 11_000)]
AFTER = {"PAID": ("SHIPPED", "CANCELLED"), "SHIPPED": ("DELIVERED", "REFUNDED"), "DELIVERED": ("REFUNDED",)}
MOVE_OF = {"stop": "trip", "restore": "restore", "restore as before": "restore", "close": "close"} | {
    "take back": "take_back"
}
VERBS_OF = {
    "HOLD_NEW_ORDERS": {"hold_new_orders"},
    "REVERT_PRICE": {"set_price"},
    "ZERO_STOCK": {"set_stock"},
    "DELIST": {"delist"},
    "HOLD_SHIPMENTS": {"hold_shipment"},
}
ANSWERS = st.sampled_from(("stop", "mean", "restore", "restore as before", "close", "take back"))
PEOPLE, ANY = st.integers(0, 2), st.integers(0, 50)


class IncidentLife(RuleBasedStateMachine):
    """A shop of two listings, its owner, operator and onlooker, two people of operations, a platform, and time."""

    start: datetime
    market: FakePlatform
    operations: list[Persona]

    def __init__(self) -> None:
        super().__init__()
        self.at = self.start
        self.shop = MerchantFactory()
        roles = (Role.OWNER, Role.OPERATOR, Role.READ_ONLY)
        self.people = [Persona(MembershipFactory(merchant=self.shop, role=role).user, self.shop) for role in roles]
        self.by_hand: set[int] = set()
        self.scope = tenancy.platform()
        self.scope.__enter__()

    @initialize(
        mode=st.sampled_from(("AUTO", "AUTO", "APPROVE")),
        grace=st.sampled_from((None, 10)),
        wrong=st.sampled_from((2, 0)),
    )
    def a_guarded_shop(self, mode: str, grace: int | None, wrong: int) -> None:
        """Some begin with a price that is wrong on both listings."""
        owner, before = self.people[0].actor, self.at - timedelta(days=8)
        draft = policies.Draft(name="All goods", scope="SHOP", thresholds=THRESHOLDS, grace_minutes=grace)
        saved = policies.save_version(merchant_id=self.shop.pk, draft=draft, actor=owner, at=before)
        policy: dict[str, Any] = {"policy_id": saved.policy_id, "actor": owner, "is_acknowledged": True}
        policies.publish(**policy, number=1, at=before)
        policies.set_mode(**policy, mode=mode, at=before, proved_again=True)
        known = {"merchant": self.shop, "price_changed_at": self.at - timedelta(days=2), "cost": None}
        self.listings = [ListingFactory(**known).pk for _ in range(2)]
        transaction(prices.judge)(self.shop.pk, self.listings, at=self.at - timedelta(days=2))
        for which in range(wrong):
            self._set_price(which, "12.99")

    def teardown(self) -> None:
        """Let this shop be out of the way of the next one."""
        PlatformAction.objects.filter(merchant=self.shop).update(due_at=None)
        ActionTarget.objects.filter(merchant=self.shop).update(release_at=None, reconcile_at=None)
        Incident.objects.filter(merchant=self.shop).update(due_at=None, remind_at=None, ledger_due_at=None)
        self.scope.__exit__(None, None, None)

    @rule(which=st.integers(0, 1), value=st.sampled_from(PRICES))
    def a_price_comes(self, which: int, value: str) -> None:
        self._set_price(which, value)

    def _set_price(self, which: int, value: str) -> None:
        row = Listing.objects.get(pk=self.listings[which])
        row.price, row.price_version, row.price_changed_at = Decimal(value), row.price_version + 1, self.at
        row.save()
        self._judge_price(row.pk)

    @rule(which=st.integers(0, 1), quantity=st.sampled_from((1, 1, 2, 6)), is_seen=st.booleans())
    def an_order_comes(self, which: int, quantity: int, is_seen: bool) -> None:
        """At what the listing asks; the guard may see it only later, with the next price."""
        row = Listing.objects.get(pk=self.listings[which])
        each = row.price or Decimal(0)
        lines = {"lines__listing": row, "lines__quantity": quantity, "lines__unit_price": each}
        order = OrderFactory(merchant=self.shop, placed_at=self.at, lines=1, lines__paid=each * quantity, **lines)
        if is_seen:
            transaction(orders.judge)(self.shop.pk, [order.pk], at=self.at)

    @rule(which=ANY, then=st.integers(0, 1))
    def an_order_goes_on(self, which: int, then: int) -> None:
        found = list(Order.objects.filter(merchant=self.shop, status__in=AFTER).order_by("pk"))
        if found:
            order = found[which % len(found)]
            order.status = AFTER[order.status][then % len(AFTER[order.status])]
            order.save()
            transaction(orders.judge)(self.shop.pk, [order.pk], at=self.at)

    @precondition(lambda self: self._all())
    @rule(which=ANY, who=PEOPLE, answer=ANSWERS)
    def somebody_answers(self, which: int, who: int, answer: str) -> None:
        incident = self._pick(which)
        done = self._try(lambda: self._answer(incident, answer, who))
        assert not (done and who == 2), "who may only look answers nothing"
        name = MOVE_OF.get(answer, "mean" if incident.status == "SUSPECTED" else "restore")
        assert not done or incident.status in INCIDENT_MOVES[name].sources

    @precondition(lambda self: self._open())
    @rule(which=ANY, who=st.integers(0, 1), answer=ANSWERS)
    def somebody_answers_what_is_open(self, which: int, who: int, answer: str) -> None:
        found = self._open()
        self._try(lambda: self._answer(found[which % len(found)], answer, who))

    @precondition(lambda self: self._all())
    @rule(which=ANY, choice=st.sampled_from(("HONOUR", "CANCEL", "CONTACT")), is_one=st.booleans())
    def the_orders_are_decided(self, which: int, choice: str, is_one: bool) -> None:
        incident = self._pick(which)
        ids = list(queries.orders_of(incident).values_list("pk", flat=True)[:1]) if is_one else None
        given = {"incident_id": incident.pk, "actor": self.people[1].actor, "at": self.at}
        self._try(lambda: choosing.choose(**given, choice=choice, order_ids=ids))

    @precondition(lambda self: AffectedOrder.objects.filter(merchant=self.shop, choice="CANCEL").exists())
    @rule()
    def the_evidence_is_handed_over(self) -> None:
        order = AffectedOrder.objects.filter(merchant=self.shop, choice="CANCEL").order_by("pk")[0]
        given: dict[str, Any] = {"incident_id": order.incident_id, "actor": self.people[0].actor, "at": self.at}
        pack = evidence.pack(**given)
        asked = evidence.exempt(**given, pack_id=pack.pk)
        chosen = AffectedOrder.objects.filter(incident_id=order.incident_id, choice="CANCEL")
        wanted = PlatformAction.objects.filter(pk__in=asked, verb="exempt_order").values_list("target__ref", flat=True)
        assert set(wanted) == set(chosen.values_list("order__number", flat=True))

    @precondition(lambda self: self._open())
    @rule(which=ANY, who=st.integers(0, 1))
    def operations_lift_a_stop(self, which: int, who: int) -> None:
        found = self._open()
        incident = found[which % len(found)]
        given = {"incident_id": incident.pk, "actor": self.operations[who].actor, "at": self.at}
        self._try(lambda: releasing.release(**given, reason="it harms the shop"))
        last = queries.history_of(incident).last()
        if last is not None and last.move == "restore" and last.actor_id == self.operations[who].user.pk:
            since = self.at - releasing.ASKED_FOR
            assert queries.release_asked_by(incident, move=releasing.ASKED, since=since) - {last.actor_id}

    @rule(which=ANY, what=st.sampled_from(("undo", "approve", "decline")))
    def a_person_decides_an_action(self, which: int, what: str) -> None:
        """By hand, on the page of actions: from then on that target is this person's."""
        found = list(PlatformAction.objects.filter(merchant=self.shop).order_by("pk"))
        if found:
            action = found[which % len(found)]
            command = getattr(actions, what)
            given = {"action_id": action.pk, "actor": self.people[0].actor, "at": self.at, "note": "why"}
            if self._try(lambda: command(**given)):
                self.by_hand.add(action.target_id)

    @rule(fault=st.sampled_from(("", "", "refused", "unavailable")))
    def the_platform_is_asked(self, fault: str) -> None:
        self.market.fault = lambda key, nth: fault
        drains.act(lambda: self.at, gates=GATES)
        guard.judge(lambda: self.at)

    @rule(jump=st.sampled_from(JUMPS))
    def time_passes(self, jump: timedelta) -> None:
        self.at += jump
        clocks.end_grace(now=self.at)
        clocks.remind(now=self.at)
        rechecking.recheck(now=self.at)
        clocks.write_ledgers(now=self.at)
        waiting = Incident.objects.filter(merchant=self.shop)
        assert not waiting.filter(due_at__lte=self.at).exclude(due_at=None).exists()
        assert not waiting.filter(remind_at__lte=self.at).exists()
        again = (clocks.end_grace, clocks.remind, clocks.write_ledgers)
        assert [sweep(now=self.at) for sweep in again] == [0] * 3, "a second sweep finds nothing"

    @precondition(lambda self: self._open())
    @rule(which=ANY, first=ANSWERS, second=st.sampled_from(("stop", "mean", "restore", "a look", "the clock")))
    def two_act_at_once(self, which: int, first: str, second: str) -> None:
        found = self._open()
        incident = found[which % len(found)]
        other: dict[str, Callable[[], object]] = {
            "a look": lambda: self._judge_price(incident.listing_id),
            "the clock": lambda: clocks.end_grace(now=self.at),
        }
        done = _at_once(
            lambda: self._answer(incident, first, 0),
            other.get(second, lambda: self._answer(incident, second, 1)),
        )
        assert first != second or sum(done) <= 1, "the same answer is taken once"

    @invariant()
    def one_incident_at_most_is_open_on_a_listing(self) -> None:
        listings = [each.listing_id for each in self._open()]
        assert len(listings) == len(set(listings))

    @invariant()
    def the_history_is_one_chain_through_the_table_of_moves(self) -> None:
        for incident in self._all():
            first, *lines = queries.history_of(incident)
            assert (first.move, first.status) == ("open", "SUSPECTED")
            status, at = first.status, first.at
            for line in lines:
                move = INCIDENT_MOVES.get(line.move)
                assert move is None or status in move.sources, line
                assert line.status == (move.target if move else status), line
                assert line.at >= at
                status, at = line.status, line.at
            assert incident.status == status
            assert (incident.finished_at is None) == (status in OPEN_INCIDENTS)

    @invariant()
    def the_ledger_is_what_the_orders_say(self) -> None:
        """From the stop on; what moved since is written by the next sweep."""
        for incident in self._all():
            if incident.tripped_at and incident.ledger_due_at is None:
                assert queries.totals(queries.ledger_of(incident)) == queries.costs_of(incident), incident

    @invariant()
    def what_is_asked_is_what_the_steps_say(self) -> None:
        for incident in self._all():
            for step in queries.steps_of(incident):
                assert (step.action is None) or step.action.verb in VERBS_OF[step.rung]
                assert (step.action is None) or step.action.merchant_id == incident.merchant_id
                assert step.status not in ("ASKED", "UNDONE") or step.action is not None
                assert step.status not in ("PROPOSED", "SKIPPED", "DRAFTED") or step.action is None
                stays = step.rung in ("HOLD_SHIPMENTS", "REVERT_PRICE")
                assert step.status != "ASKED" or stays or incident.status == "TRIPPED", step

    @invariant()
    def nothing_is_released_while_a_stop_stands(self) -> None:
        for incident in self._all():
            if incident.status != "TRIPPED":
                continue
            sku = incident.listing.sku
            assert doubts.held_among(self.shop.pk, [sku]) == {sku}
            for step in queries.steps_of(incident).filter(status=IncidentStep.Status.ASKED):
                assert step.action is not None
                target = step.action.target
                if target.pk in self.by_hand or step.rung == "HOLD_SHIPMENTS":
                    continue
                stands = same_state(target.desired, step.action.value)
                assert stands or sku in held_skus(target.desired), step

    @invariant()
    def parcels_stay_held_until_each_order_is_decided(self) -> None:
        wanted = dict(ActionTarget.objects.filter(merchant=self.shop, aspect="shipment").values_list("ref", "desired"))
        by_hand = ActionTarget.objects.filter(pk__in=self.by_hand).values_list("ref", flat=True)
        decided = AffectedOrder.objects.filter(merchant=self.shop).exclude(order__number__in=list(by_hand))
        for order in decided.select_related("order", "incident"):
            number, choice = order.order.number, order.choice
            if choice == "HONOUR":
                assert not order.is_held
                assert wanted.get(number) != "HELD", "what the shop honours goes its way"
            elif order.incident and (order.incident_id, number) in queries.parcels_held([order.incident]):
                assert order.is_held
                assert wanted[number] == "HELD"

    @invariant()
    def a_good_price_gone_back_to_is_still_asked_for(self) -> None:
        steps = IncidentStep.objects.filter(merchant=self.shop, rung="REVERT_PRICE", status="ASKED")
        for step in steps.filter(incident__status="RESTORED").exclude(action__target_id__in=self.by_hand):
            assert step.action is not None
            latest = PlatformAction.objects.filter(target=step.action.target).order_by("-desired_generation").first()
            assert latest != step.action or latest.status != "CANCELLED", "sold again at the wrong price"

    @invariant()
    def what_waits_for_its_good_price_is_stopped(self) -> None:
        for incident in self._all():
            moves = [line.move for line in queries.history_of(incident)]
            waits = incident.sale_asked_at is not None
            assert not (incident.sale_fault and not waits)
            assert not waits or (incident.status, "sale_asked" in moves) == ("TRIPPED", True)

    @invariant()
    def only_what_is_open_is_doubted(self) -> None:
        doubted = DoubtedListing.objects.filter(merchant=self.shop)
        assert set(doubted.values_list("subject_id", flat=True)) <= {each.pk for each in self._open()}

    def _answer(self, incident: Incident, answer: str, who: int) -> None:
        given: dict[str, Any] = {"incident_id": incident.pk, "actor": self.people[who].actor, "at": self.at}
        if answer == "mean":
            answering.mean(**given, reason="CLEARANCE")
        elif answer in ("restore", "restore as before"):
            answering.restore(**given, price="before" if answer != "restore" else "good")
        else:
            commands = {"stop": answering.stop, "close": answering.close, "take back": taking_back.take_back}
            commands[answer](**given)

    def _judge_price(self, listing_id: int) -> None:
        transaction(prices.judge)(self.shop.pk, [listing_id], at=self.at)

    def _all(self) -> list[Incident]:
        return list(Incident.objects.filter(merchant=self.shop).select_related("listing").order_by("pk"))

    def _open(self) -> list[Incident]:
        return [each for each in self._all() if each.status in OPEN_INCIDENTS]

    def _pick(self, which: int) -> Incident:
        found = self._all()
        return found[which % len(found)]

    def _try(self, command: Callable[[], object]) -> bool:
        """A refusal is an answer, and changes nothing; anything else is a fault. Return whether it was done."""
        before = self._facts()
        try:
            command()
        except Refusal:
            assert self._facts() == before, "who is refused changes nothing"
            return False
        return True

    def _facts(self) -> list[list[Any]]:
        rows = (Incident, IncidentStep, AffectedOrder, PlatformAction, ActionTarget, DoubtedListing)
        return [list(model.objects.filter(merchant=self.shop).order_by("pk").values()) for model in rows]


def _at_once(*commands: Callable[[], object]) -> list[bool]:
    """Let several act in the same moment; return which were done. Only a refusal is taken for an answer."""
    barrier, done, faults = threading.Barrier(len(commands), timeout=30), [], []

    def run(command: Callable[[], object]) -> None:
        try:
            with tenancy.platform():
                barrier.wait()
                command()
            done.append(True)
        except Refusal:
            done.append(False)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults
    return done


@pytest.fixture
def life(
    transactional_db: None, market: FakePlatform, platform: Platform, now: datetime, settings: Any, tmp_path: Path
) -> type[IncidentLife]:
    settings.STATE_DIR = tmp_path
    operations = [Persona(UserFactory(operations=True)) for _ in range(2)]
    return type("IncidentLifeHere", (IncidentLife,), {"market": market, "start": now, "operations": operations})


@pytest.mark.timeout(600)
def test_a_few_incidents_keep_to_what_must_always_be_true(life: type[IncidentLife]) -> None:
    live(life, lives=10, steps=25, derandomize=True)


@pytest.mark.soak
@pytest.mark.case("T39")
@pytest.mark.timeout(3_600)
def test_many_long_incidents_keep_to_what_must_always_be_true(life: type[IncidentLife]) -> None:
    live(life, lives=300, steps=50)
