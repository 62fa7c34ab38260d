"""Asking for many at once leaves exactly what asking one by one leaves, up to the first that has to wait."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import (
    ActionEvent,
    ActionTarget,
    Budget,
    BudgetUse,
    PlatformAction,
    RulePause,
    Switch,
)
from merchant_protection.marketplace.rules.wishes import VERBS, Wish
from merchant_protection.marketplace.services import actions
from merchant_protection.notices.models import Message, Notice
from tests.factories.accounts import MerchantFactory
from tests.marketplace.conftest import CLOCK

pytestmark = pytest.mark.usefixtures("platform_scope", "platform")
HOUR = timedelta(hours=1)
SHOPS = itertools.count(1)
SCOPES = ("PLATFORM", "MERCHANT", "RULE")
PLENTY = {scope: 50 for scope in SCOPES}


@dataclass(frozen=True)
class Case:
    """What stood before, what is asked for, and what may be spent or is stopped."""

    before: Sequence[tuple[str, str, Any, str, bool, bool]]
    wanted: Sequence[tuple[str, str, Any, bool]]
    caps: dict[str, int | None]
    stopped: str = ""
    pause: str = ""


def states(refs: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str, Any]]:
    """A state of one listing: its stock, or whether it is on sale."""
    stock = st.tuples(st.just("set_stock"), refs, st.sampled_from((0, 7)))
    return stock | st.tuples(st.sampled_from(("delist", "relist")), refs, st.none())


refs = st.sampled_from([f"SKU-{number}" for number in range(4)])
cases = st.builds(
    Case,
    before=st.lists(
        st.tuples(states(refs), st.sampled_from(("AUTO", "APPROVE")), st.booleans(), st.booleans()).map(
            lambda one: (*one[0], *one[1:])
        ),
        max_size=5,
    ),
    wanted=st.lists(st.tuples(states(refs), st.booleans()).map(lambda one: (*one[0], one[1])), min_size=1, max_size=7),
    caps=st.fixed_dictionaries({scope: st.sampled_from((50, 50, 3, 1, 0, None)) for scope in SCOPES}),
    stopped=st.sampled_from(("", "", "", "", "MERCHANT", "RULE")),
    pause=st.sampled_from(("", "", "", "", "budget", "Ann Owner")),
)
LATCHED = ("delist", "SKU-1", None, "AUTO", True, True)
FOUR = [("set_stock", f"SKU-{number}", 0, False) for number in range(4)]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@example(case=Case([], FOUR, PLENTY | {"RULE": 2}))
@example(case=Case([LATCHED], [("relist", "SKU-1", None, False), *FOUR], PLENTY | {"MERCHANT": None}))
@example(case=Case([], [("delist", "SKU-1", None, True), ("relist", "SKU-1", None, False), *FOUR], PLENTY))
@example(case=Case([], FOUR, PLENTY, pause="budget"))
@given(case=cases)
def test_many_at_once_are_what_one_after_another_are(now: datetime, case: Case) -> None:
    at = now + 2 * next(SHOPS) * HOUR
    one_by_one = _played(case, _one_by_one, at=at)
    together = _played(case, actions.ask_many, at=at + HOUR)

    assert together == one_by_one


@pytest.mark.parametrize("other", [{"rule": "ceiling"}, {"verb": "hold_shipment"}, {"merchant_id": 0}])
def test_what_does_not_belong_together_is_refused_and_nothing_is_written(merchant, now, other) -> None:
    first = _wish(merchant.shop, "delist", "SKU-1")
    second = Wish(**vars(first) | {"ref": "SKU-2"} | other)

    with pytest.raises(Invalid):
        transaction(actions.ask_many)([first, second], actor=CLOCK, at=now)
    assert not ActionTarget.objects.exists()


def _one_by_one(wanted: Sequence[Wish], *, actor: Any, at: datetime) -> list[PlatformAction | None]:
    """The slow, obvious way: each by itself; a target's second wish is its first one's; after a stop nobody asks."""
    answers: list[PlatformAction | None] = []
    first_of: dict[tuple[str, str], PlatformAction] = {}
    is_over = False
    for wish in wanted:
        target = (VERBS[wish.verb].aspect, wish.ref)
        if is_over:
            answers.append(None)
        elif target in first_of:
            answers.append(first_of[target])
        else:
            known = set(PlatformAction.objects.filter(merchant_id=wish.merchant_id).values_list("pk", flat=True))
            action = actions.ask(wish, mode="AUTO", actor=actor, at=at)
            first_of[target] = action
            answers.append(action)
            is_over = action.pk not in known and action.review_reason not in ("", "LATCH")
    return answers


def _played(case: Case, ask: Callable[..., list[PlatformAction | None]], *, at: datetime) -> dict[str, Any]:
    """Play a case in a shop and an hour of its own; return all it left behind, by nothing but its content."""
    shop = MerchantFactory()
    _limit(shop, Case([], [], PLENTY), at=at)
    for verb, ref, value, mode, is_latched, is_done in case.before:
        wish = _wish(shop, verb, ref, value, is_latched, rule="earlier")
        earlier = transaction(actions.ask)(wish, mode=mode, actor=CLOCK, at=at - 240 * HOUR)
        if is_done and earlier.status == "AUTHORISED":
            PlatformAction.objects.filter(pk=earlier.pk).update(status="CONFIRMED", due_at=None)
            ActionTarget.objects.filter(pk=earlier.target_id).update(actual=earlier.value)
    _limit(shop, case, at=at)
    wanted = [_wish(shop, verb, ref, value, is_latched) for verb, ref, value, is_latched in case.wanted]
    answers = transaction(ask)(wanted, actor=CLOCK, at=at)
    return _left_behind(shop, answers, at=at)


def _wish(
    shop: Merchant, verb: str, ref: str, value: Any = None, is_latched: bool = False, *, rule: str = "floor"
) -> Wish:
    return Wish(
        merchant_id=shop.pk, verb=verb, ref=ref, value=value, is_latched=is_latched, feature="toy", rule=rule,
        rule_version="3", cause="feed:1", reason="below the floor",
    )  # fmt: skip


def _limit(shop: Merchant, case: Case, *, at: datetime) -> None:
    for scope, cap in case.caps.items():
        rows = Budget.objects.filter(scope=scope, purse="", merchant=None)
        rows.delete()
        if cap is not None:
            Budget.objects.create(scope=scope, cap=cap)
    Switch.objects.all().delete()
    if case.stopped:
        whose = {"merchant": shop} if case.stopped == "MERCHANT" else {"rule": "toy:floor"}
        Switch.objects.create(scope=case.stopped, is_stopped=True, changed_at=at, changed_by="Ann Owner", **whose)
    if case.pause:
        RulePause.objects.create(
            merchant=shop, feature="toy", rule="floor", reason="why", paused_at=at, paused_by=case.pause
        )


def _left_behind(shop: Merchant, answers: list[PlatformAction | None], *, at: datetime) -> dict[str, Any]:
    own = {"merchant": shop}
    rows = list(PlatformAction.objects.filter(**own).select_related("target").order_by("pk"))
    place = {row.pk: number for number, row in enumerate(rows)}
    facts = ("verb", "value", "undo", "status", "review_reason", "desired_generation", "is_latching", "is_automatic")
    told = ("feature", "rule", "rule_version", "cause", "reason", "generation", "attempts", "actor_name")
    lines = ("move", "from_status", "to_status", "actor_kind", "actor_name", "note")
    uses = BudgetUse.objects.filter(hour=at.replace(minute=0, second=0, microsecond=0))
    return {
        "answers": [None if one is None else place[one.pk] for one in answers],
        "actions": [
            [row.target.ref, row.target.aspect, row.due_at is None, *(getattr(row, name) for name in (*facts, *told))]
            for row in rows
        ],
        "targets": list(
            ActionTarget.objects.filter(**own, desired_generation__gt=0)
            .order_by("ref", "aspect")
            .values_list("ref", "aspect", "desired", "actual", "desired_generation", "is_latched", "release_at")
        ),
        "history": [
            [place[line.action_id], *(getattr(line, name) for name in lines)]
            for line in ActionEvent.objects.filter(**own).order_by("action_id", "pk")
        ],
        "spent": sorted((use.scope, use.used, use.cap, use.tripped_at is None) for use in uses if use.used or use.cap),
        "pauses": list(RulePause.objects.filter(**own).values_list("rule", "reason", "paused_by")),
        "notices": sorted(
            (one.kind, one.urgency, str(sorted(one.params.items()))) for one in Notice.objects.filter(**own)
        ),
        "messages": sorted(
            (one.kind, place[int(one.subject_id)], str(sorted(one.params.items())))
            for one in Message.objects.filter(**own)
        ),
    }
