"""What is asked for leaves once, with no transaction open, and its answer is written down."""

import time
from datetime import timedelta

import pytest
from django.db import connection

from merchant_protection.foundation import leases
from merchant_protection.marketplace.models import ActionEvent, Breaker, Budget, PlatformAction
from merchant_protection.marketplace.rules.gate import Answer, Asked
from merchant_protection.marketplace.services import actions, switches
from merchant_protection.marketplace.services.actions import finishing, sending
from merchant_protection.notices.models import Notice
from tests.fixtures import servers

IN_TRANSACTION = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"


@pytest.fixture(autouse=True)
def _generous(transactional_db, platform_scope, platform):
    Budget.objects.update(cap=100_000, catalogue_share=None)


def moves(action):
    return list(ActionEvent.objects.filter(action=action).order_by("pk").values_list("move", flat=True))


def statuses():
    return set(PlatformAction.objects.values_list("status", flat=True))


def test_an_action_is_sent_and_confirmed(ask, drain, market):
    action = ask("delist", "SKU-1")

    assert action.status == "AUTHORISED"
    assert drain() == 1

    action.refresh_from_db()
    assert (action.status, action.due_at) == ("CONFIRMED", None)
    assert market.state("LISTING", "SKU-1", "availability") == "DELISTED"
    assert (action.target.desired, action.target.actual) == ("DELISTED", "DELISTED")
    assert moves(action) == ["ask", "confirm"]
    assert drain(later=3600) == 0
    assert PlatformAction.objects.count() == 1


def test_no_transaction_is_open_while_the_platform_is_asked(ask, drain, market):
    seen = []

    def look(key, nth):
        with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
            seen.append(server.execute(IN_TRANSACTION).fetchone()[0])
        return ""

    market.fault = look
    ask("delist", "SKU-1")

    drain()

    assert seen == [0]


def test_busy_answers_use_up_no_tries_and_the_platform_is_given_its_time(ask, drain, market):
    market.fault = lambda key, nth: "unavailable" if nth <= 8 else ""
    market.retry_after = "30"
    action = ask("delist", "SKU-1")

    for turn in range(9):
        assert drain(later=turn * 31) == 1
        assert drain(later=turn * 31 + 29) == 0

    action.refresh_from_db()
    assert (action.status, action.attempts) == ("CONFIRMED", 1)
    assert len(market.effects) == 1


def test_a_lost_answer_is_looked_up_and_never_blindly_repeated(ask, drain, market):
    market.fault = lambda key, nth: "lost"
    action = ask("delist", "SKU-1")

    drain()
    action.refresh_from_db()
    assert action.status == "UNKNOWN"
    drain(later=10)

    action.refresh_from_db()
    assert action.status == "CONFIRMED"
    assert moves(action) == ["ask", "lose_answer", "confirm"]
    assert (market.arrived[action.idempotency_key], market.looks) == (1, ["SKU-1"])


def test_what_was_not_done_is_sent_again_with_the_same_key_and_body(ask, drain, market):
    market.fault = lambda key, nth: "error" if nth == 1 else ""
    action = ask("delist", "SKU-1")

    for later in (0, 10, 20):
        drain(later=later)

    action.refresh_from_db()
    assert moves(action) == ["ask", "lose_answer", "try_again", "confirm"]
    assert (len(market.effects), market.reused) == (1, [])


def test_five_tries_that_come_to_nothing_leave_it_to_a_person(ask, drain, market, merchant, now):
    market.fault = lambda key, nth: "error"
    action = ask("delist", "SKU-1")

    for turn in range(29):
        drain(later=turn * 20)
    action.refresh_from_db()
    assert (action.status, action.review_reason) == ("NEEDS_REVIEW", "TRIES")
    assert market.arrived[action.idempotency_key] <= leases.MAX_ATTEMPTS
    assert Notice.objects.filter(kind="action.failed").count() == 1

    market.fault = lambda key, nth: ""
    actions.approve(action_id=action.pk, actor=merchant.actor, at=now + timedelta(hours=6))
    for later in (21_600, 21_660, 21_720):
        drain(later=later)
    action.refresh_from_db()
    assert action.status == "CONFIRMED"


def test_a_refusal_fails_at_once_and_is_told(ask, drain, market, merchant, now):
    market.fault = lambda key, nth: "refused" if nth == 1 else ""
    action = ask("delist", "SKU-1")

    drain()

    action.refresh_from_db()
    assert (action.status, action.due_at) == ("FAILED", None)
    assert Notice.objects.get().kind == "action.failed"
    actions.retry(action_id=action.pk, actor=merchant.actor, at=now)
    for later in (5, 10, 15):
        drain(later=later)
    action.refresh_from_db()
    assert action.status == "CONFIRMED"


def test_an_older_generation_gives_way_to_what_the_platform_holds(ask, drain, market):
    action = ask("delist", "SKU-1")
    market.states["shop-a", "LISTING", "SKU-1", "availability"] = ("LISTED", 9)

    drain()

    action.refresh_from_db()
    assert action.status == "SUPERSEDED"
    assert market.state("LISTING", "SKU-1", "availability") == "LISTED"


def test_a_drain_that_died_after_sending_is_followed_by_a_look(ask, drain, market, platform, now):
    action = ask("delist", "SKU-1")
    [claimed] = sending.claim(platform_id=platform.pk, now=now, limit=1)
    errand = sending.prepare(action=claimed, now=now, gates={})
    sending.adapter_of(platform).perform(errand.request)  # and then it was killed

    assert drain(later=59) == 0
    assert drain(later=61) == 1

    action.refresh_from_db()
    assert (action.status, len(market.effects), market.arrived.total()) == ("CONFIRMED", 1, 1)


def test_a_drain_that_thaws_after_its_lease_writes_nothing(ask, drain, market, platform, now):
    action = ask("delist", "SKU-1")
    [claimed] = sending.claim(platform_id=platform.pk, now=now, limit=1)
    errand = sending.prepare(action=claimed, now=now, gates={})

    drain(later=61)  # another looks, finds nothing done, and sends
    drain(later=62)
    before = PlatformAction.objects.values().get()
    answer = sending.adapter_of(platform).perform(errand.request)  # the first one thaws

    assert finishing.performed(errand=errand, answer=answer, at=now + timedelta(seconds=70)) is False
    assert PlatformAction.objects.values().get() == before
    assert before["status"] == "CONFIRMED"
    assert (len(market.effects), market.arrived[action.idempotency_key]) == (1, 2)


def test_five_failures_leave_the_platform_alone_and_one_probe_tries_it(ask, drain, market):
    market.is_down = True
    for number in range(20):
        ask("delist", f"SKU-{number}")

    drain()
    assert Breaker.objects.get().failures >= 5
    assert [drain(later=later) for later in (20, 40)] == [0, 0]
    assert drain(later=62) == 1
    assert Breaker.objects.get().open_seconds == 120

    market.is_down = False
    for later in (183, 184, 190, 200, 210, 250):
        drain(later=later)
    assert statuses() == {"CONFIRMED"}
    assert len(market.effects) == 20


def test_the_switch_is_read_at_the_last_gate(ask, drain, market, staff, merchant, now):
    action = ask("delist", "SKU-1")
    switches.stop(scope="MERCHANT", merchant_id=merchant.shop.pk, actor=staff.actor, at=now, reason="look first")

    assert drain() == 0
    assert drain(later=60) == 0

    action.refresh_from_db()
    assert (action.status, action.attempts, market.arrived.total()) == ("AUTHORISED", 0, 0)
    switches.resume(scope="MERCHANT", merchant_id=merchant.shop.pk, actor=staff.actor, at=now, proved_again=True)
    assert drain(later=90) == 1


def test_a_stale_decision_waits_for_a_person(ask, drain, market):
    action = ask("delist", "SKU-1")

    assert drain(later=601) == 0

    action.refresh_from_db()
    assert (action.status, action.review_reason) == ("NEEDS_REVIEW", "STALE")
    assert market.arrived.total() == 0


@pytest.mark.parametrize(
    ("answer", "later", "expected"),
    [
        (Answer.STILL_WANTED, 601, "CONFIRMED"),
        (Answer.NOT_WANTED, 601, "CANCELLED"),
        (Answer.NOT_WANTED, 1, "CANCELLED"),
        (Answer.LET_A_PERSON_LOOK, 601, "NEEDS_REVIEW"),
    ],
)
def test_the_feature_is_asked_again_before_its_action_leaves(ask, drain, answer, later, expected):
    asked: list[Asked] = []
    action = ask("delist", "SKU-1")

    drain(later=later, gates={"toy": lambda seen: asked.append(seen) or answer})

    action.refresh_from_db()
    assert action.status == expected
    assert (asked[0].ref, asked[0].rule_version, asked[0].is_stale) == ("SKU-1", "1", later > 600)


@pytest.mark.case("T25")
def test_an_unknown_version_is_given_back_untouched_and_told(ask, drain, market, caplog):
    action = ask("delist", "SKU-1", rule_version="99")
    before = PlatformAction.objects.values().get()

    assert drain(later=1, gates={"toy": lambda asked: Answer.VERSION_UNKNOWN}) == 0

    after = PlatformAction.objects.values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"due_at", "generation"}  # as after any claim that came to nothing
    assert (market.arrived.total(), Notice.objects.get().kind) == (0, "action.version_unknown")
    assert "Version 99 of rule floor is not known here" in caplog.text
    assert drain(later=40, gates={"toy": lambda asked: Answer.STILL_WANTED}) == 1
    action.refresh_from_db()
    assert action.status == "CONFIRMED"


def test_a_gate_that_breaks_sends_nothing(ask, drain, market, caplog):
    def broken(asked: Asked) -> Answer:
        raise RuntimeError("the gate is broken")

    ask("delist", "SKU-1")

    assert drain(gates={"toy": broken}) == 0
    assert market.arrived.total() == 0
    assert "Could not prepare" in caplog.text


def test_what_expired_does_not_leave(ask, drain, market, now):
    action = ask("delist", "SKU-1", expires_at=now + timedelta(seconds=30))

    assert drain(later=31) == 0

    action.refresh_from_db()
    assert (action.status, action.target.desired) == ("CANCELLED", None)


def test_a_process_that_slept_between_gate_and_call_looks_again(ask, drain, market, monkeypatch):
    action = ask("delist", "SKU-1")
    monkeypatch.setattr("merchant_protection.marketplace.drains.LEAVES_WITHIN", -1.0)

    drain()
    action.refresh_from_db()

    assert (action.status, action.sent_at, action.attempts, market.arrived.total()) == ("AUTHORISED", None, 0, 0)


def test_one_action_that_cannot_be_sent_holds_up_no_other(ask, drain, market, monkeypatch):
    poison = ask("delist", "SKU-0")
    good = [ask("delist", f"SKU-{number}") for number in range(1, 20)]
    prepare = sending.prepare

    def prepared(*, action, **more):
        if action.pk == poison.pk:
            raise RuntimeError("poison")
        return prepare(action=action, **more)

    monkeypatch.setattr(sending, "prepare", prepared)
    for later in range(0, 300, 33):
        drain(later=later)
    assert PlatformAction.objects.filter(pk__in=[each.pk for each in good], status="CONFIRMED").count() == 19

    poison.refresh_from_db()
    assert (poison.status, poison.review_reason) == ("NEEDS_REVIEW", "TRIES")


def test_hanging_calls_do_not_hold_up_the_others(ask, drain, market):
    market.hang_seconds = 3.0
    slow = ask("delist", "SKU-0").idempotency_key
    market.fault = lambda key, nth: "hang" if key == slow else ""
    for number in range(1, 40):
        ask("delist", f"SKU-{number}")

    started = time.time()
    drain()

    others = sorted(market.arrived_at)
    assert len(others) == 40
    assert others[-1] - started < 3.0


def test_a_hold_is_lent_for_fifteen_seconds_only(ask, platform, now):
    ask("hold_order", "O1")
    ask("delist", "SKU-1")

    leases_ = {each.verb: each.due_at - now for each in sending.claim(platform_id=platform.pk, now=now, limit=8)}

    assert leases_ == {"hold_order": timedelta(seconds=15), "delist": timedelta(seconds=60)}
