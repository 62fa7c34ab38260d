"""The life of the baseline rules: written by one, tried on the past, approved and put in force by another."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from scalper_policies.lifecycle import BASELINE_MOVES, BaselineStatus
from scalper_policies.models import BaselineMove, BaselineVersion
from scalper_policies.rules import baseline as rules
from scalper_policies.rules import terms
from scalper_policies.rules.policy import Dimension, Measure, Verdict
from scalper_policies.services import baseline, baseline_trials
from tests.factories.scalper_policies import about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.baseline_rules import TWO_A_DAY, acting, english, second, tried, watching

__all__ = ["english", "second"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope", "english")]
WEEK = timedelta(days=7)
S = BaselineStatus
LEGAL = {
    (S.DRAFT, "submit"): S.SUBMITTED,
    (S.DRAFT, "retire"): S.RETIRED,
    (S.SUBMITTED, "send_back"): S.DRAFT,
    (S.SUBMITTED, "approve"): S.SHADOW,
    (S.SUBMITTED, "retire"): S.RETIRED,
    (S.SHADOW, "enforce"): S.ENFORCING,
    (S.SHADOW, "retire"): S.RETIRED,
    (S.ENFORCING, "retire"): S.RETIRED,
}


def test_the_table_of_moves_is_the_one_written_out_by_hand() -> None:
    statuses = [S.DRAFT, S.SUBMITTED, S.SHADOW, S.ENFORCING, S.RETIRED]

    found = {
        (status, name): BASELINE_MOVES[name].target
        for status in statuses
        for name in BASELINE_MOVES
        if status in BASELINE_MOVES[name].sources
    }

    assert found == LEGAL


def test_a_version_acts_only_after_a_trial_a_second_person_and_seven_days(
    staff: Persona, second: Persona, now: datetime
) -> None:
    version = baseline.write(actor=staff.actor, at=now, plain=TWO_A_DAY, reason="first")
    given: dict[str, Any] = {"version_id": version.pk}

    with pytest.raises(Conflict, match="past orders"):
        baseline.submit(actor=staff.actor, at=now, **given)
    baseline_trials.ask(actor=staff.actor, at=now, **given)
    baseline_trials.run_due(now=now, clock=lambda: now)
    baseline.submit(actor=staff.actor, at=now, **given)
    with pytest.raises(Conflict, match="second person"):
        baseline.approve(actor=staff.actor, at=now, **given)
    baseline.approve(actor=second.actor, at=now, **given)
    with pytest.raises(Conflict, match="7 days"):
        baseline.enforce(actor=second.actor, at=now + WEEK - timedelta(seconds=1), **given)
    with pytest.raises(Conflict, match="second person"):
        baseline.enforce(actor=staff.actor, at=now + WEEK, **given)
    baseline.enforce(actor=second.actor, at=now + WEEK, **given)

    version.refresh_from_db()
    assert (version.status, version.approved_by, version.acts_since) == ("ENFORCING", "Sven Second", now + WEEK)
    assert list(BaselineMove.objects.order_by("pk").values_list("move", flat=True)) == [
        *("write", "submit", "approve", "enforce"),
    ]
    assert Entry.objects.filter(action__startswith="baseline.", merchant_id=None).count() == 3


def test_a_changed_draft_must_be_tried_again_and_a_version_that_left_the_draft_keeps_its_text(
    staff: Persona, second: Persona, now: datetime
) -> None:
    version = tried(staff.actor, at=now)
    change = partial(
        rules.with_limit,
        dimension=Dimension.DEVICE,
        most=5,
        measure=Measure.ORDERS,
        window=timedelta(minutes=1),
        answer=Verdict.HOLD,
    )
    given: dict[str, Any] = {"actor": staff.actor, "version_id": version.pk, "at": now}

    changed = baseline.revise(change=change, **given)
    with pytest.raises(Conflict, match="past orders"):
        baseline.submit(**given)

    assert [rule["id"] for rule in changed.terms["limits"]] == ["account", "device-orders"]
    baseline.revise(change=partial(rules.without, rule="device-orders"), **given)
    baseline_trials.ask(**given)
    baseline_trials.run_due(now=now, clock=lambda: now)
    baseline.submit(**given)
    with pytest.raises(Conflict, match="draft"):
        baseline.revise(change=change, **given)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE scalper_policies_baselineversion SET terms = '{}'")


def test_the_next_version_takes_the_place_of_the_one_before(staff: Persona, second: Persona, now: datetime) -> None:
    first = acting(staff.actor, second.actor, at=now)
    begun = baseline.write(actor=second.actor, at=now)
    assert begun.terms == first.terms
    with pytest.raises(Conflict, match="being written"):
        baseline.write(actor=second.actor, at=now)
    baseline.retire(actor=second.actor, version_id=begun.pk, at=now, note="begun by mistake")

    third = acting(second.actor, staff.actor, at=now + WEEK, plain=about(limits=(per_account(5),)))

    found = dict(BaselineVersion.objects.values_list("number", "status"))
    assert found == {first.number: "RETIRED", begun.number: "RETIRED", third.number: "ENFORCING"}


def test_a_second_watcher_takes_the_place_of_the_first(staff: Persona, second: Persona, now: datetime) -> None:
    first = watching(staff.actor, second.actor, at=now)
    watching(staff.actor, second.actor, at=now, plain=about(limits=(per_account(9),)))

    first.refresh_from_db()
    assert first.status == "RETIRED"
    assert BaselineVersion.objects.get(status="SHADOW").terms["limits"][0]["most"] == 9


COMMANDS: list[Callable[..., Any]] = [
    lambda actor, pk, at: baseline.write(actor=actor, at=at),
    lambda actor, pk, at: baseline.revise(actor=actor, version_id=pk, at=at, change=lambda one: one),
    lambda actor, pk, at: baseline_trials.ask(actor=actor, version_id=pk, at=at),
    lambda actor, pk, at: baseline.submit(actor=actor, version_id=pk, at=at),
    lambda actor, pk, at: baseline.send_back(actor=actor, version_id=pk, at=at, note="no"),
    lambda actor, pk, at: baseline.approve(actor=actor, version_id=pk, at=at),
    lambda actor, pk, at: baseline.enforce(actor=actor, version_id=pk, at=at),
    lambda actor, pk, at: baseline.retire(actor=actor, version_id=pk, at=at, note="no"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_nobody_but_operations_changes_them(
    merchant: Persona, reviewer: Persona, staff: Persona, command: Callable[..., Any], now: datetime
) -> None:
    version = tried(staff.actor, at=now)
    before = list(BaselineVersion.objects.values()), BaselineMove.objects.count()

    for person in (merchant, reviewer):
        with pytest.raises(NotAllowed):
            command(person.actor, version.pk, now)

    assert (list(BaselineVersion.objects.values()), BaselineMove.objects.count()) == before


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (about("SKU-1", limits=(per_account(2),)), "every listing"),
        (about(limits=(per_account(2),), scope={"channels": frozenset({"app"})}), "at all times"),
        (about(limits=(per_account(2, hours=None),)), "rolling window"),
        (about(limits=(per_account(2),), when_we_fail=Verdict.HOLD), "stop no order"),
        (about(), "at least one rule"),
    ],
)
def test_what_cannot_hold_in_every_shop_is_refused(staff: Persona, plain: Any, words: str, now: datetime) -> None:
    version = tried(staff.actor, at=now, plain=plain)

    with pytest.raises(Conflict, match=words):
        baseline.submit(actor=staff.actor, version_id=version.pk, at=now)

    version.refresh_from_db()
    assert version.status == "DRAFT"


def test_sending_back_and_taking_out_need_a_reason(staff: Persona, second: Persona, now: datetime) -> None:
    version = tried(staff.actor, at=now)
    baseline.submit(actor=staff.actor, version_id=version.pk, at=now)

    with pytest.raises(Invalid):
        baseline.send_back(actor=second.actor, version_id=version.pk, at=now, note=" ")
    with pytest.raises(Invalid):
        baseline.retire(actor=second.actor, version_id=version.pk, at=now, note="")
    sent_back = baseline.send_back(actor=second.actor, version_id=version.pk, at=now, note="too strict")
    gone = baseline.retire(actor=second.actor, version_id=version.pk, at=now, note="not needed")

    assert (sent_back.status, gone.status, gone.ended_at) == ("DRAFT", "RETIRED", now)
    with pytest.raises(NotFound):
        baseline.retire(actor=second.actor, version_id=version.pk + 99, at=now, note="which?")
    with pytest.raises(Invalid):
        baseline.write(actor=staff.actor, at=now, plain={"nonsense": 1})


def test_rules_are_written_and_taken_out_one_by_one() -> None:
    policy = rules.with_address(rules.NOTHING_YET, "PARCEL_LOCKER", answer=Verdict.VERIFY)
    policy = rules.with_address(policy, "PARCEL_LOCKER", answer=Verdict.REJECT)
    policy = rules.with_ties(policy, 3, answer=Verdict.HOLD)

    assert [(rule.id, rule.score) for rule in policy.rules] == [
        ("address-parcel-locker", 20),
        ("address-parcel-locker-2", 100),
        ("cluster", 50),
    ]
    assert terms.from_plain(terms.to_plain(policy)) == policy
    left = rules.without(rules.without(policy, "cluster"), "address-parcel-locker")
    assert [rule.id for rule in left.rules] == ["address-parcel-locker-2"]
