"""One case, one reviewer: who takes what, for how long, and how it comes back."""

from datetime import datetime, timedelta

import pytest

from claims.models import Claim, ClaimMove, Queue, ReviewLease, RoutingRule
from claims.queries import desk
from claims.services import handing, taking
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona) -> None:
    make.on_the_desk(reviewer.user)
    make.on_the_desk(senior.user)


def test_the_nearest_deadline_comes_first_then_the_higher_stake(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    later = make.submitted(merchant.shop, at=now)
    small = make.submitted(merchant.shop, at=now - timedelta(days=9), amount="10")
    large = make.submitted(merchant.shop, at=now - timedelta(days=9), amount="900")

    taken = [taking.take_next(actor=reviewer.actor, at=now) for _ in range(3)]

    assert taken == [large, small, later]


def test_taking_asks_the_database_twice(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    """Once for the reviewer, locked, then one statement chooses, locks, moves, leases, writes down and counts."""
    claim = make.submitted(merchant.shop, at=now)
    before, actor, filed = desk.counts()[claim.queue_id or 0], reviewer.actor, claim.version

    with make.counted() as asked:
        taken = taking.take_next(actor=actor, at=now)

    said = [
        sql for each in asked if not (sql := str(each["sql"])).startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    ]
    assert len(said) == 2
    assert handing.ANSWERED == []
    claim.refresh_from_db()
    assert taken == claim
    assert (taken.status, taken.version, taken.reviewer_id) == (claim.status, claim.version, claim.reviewer_id)
    assert (claim.status, claim.version) == ("IN_REVIEW", filed + 1)
    line = ClaimMove.objects.filter(claim=claim).latest("pk")
    assert (line.move, line.from_status, line.status, line.at, line.actor_name) == (
        *("take", "SUBMITTED", "IN_REVIEW", now),
        actor.name,
    )
    lease = ReviewLease.objects.get()
    assert (lease.claim_id, lease.reviewer_id, lease.until) == (claim.pk, reviewer.user.pk, now + taking.LEASE)
    after = desk.counts()[claim.queue_id or 0]
    assert (before, after) == ({"UNASSIGNED": 1}, {"UNASSIGNED": 0, "IN_HAND": 1})


def test_the_only_case_of_the_nearest_queue_being_taken_leads_to_the_next_queue(
    merchant: Persona, reviewer: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = make.submitted(merchant.shop, at=now)
    monkeypatch.setattr(handing, "hand_next", lambda *_args, **_given: None)

    assert taking.take_next(actor=reviewer.actor, at=now) == claim
    assert ReviewLease.objects.filter(claim=claim, reviewer=reviewer.user).exists()


def test_nobody_has_more_than_three_at_once(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    for _ in range(4):
        make.submitted(merchant.shop, at=now)
    for _ in range(3):
        taking.take_next(actor=reviewer.actor, at=now)

    with pytest.raises(Conflict):
        taking.take_next(actor=reviewer.actor, at=now)

    assert Claim.objects.filter(status="SUBMITTED").count() == 1


def test_an_empty_desk_gives_nothing(reviewer: Persona, now: datetime) -> None:
    assert taking.take_next(actor=reviewer.actor, at=now) is None


def test_only_reviewers_take_cases(merchant: Persona, staff: Persona, now: datetime) -> None:
    make.submitted(merchant.shop, at=now)

    for stranger in (staff, merchant):
        with pytest.raises(NotAllowed):
            taking.take_next(actor=stranger.actor, at=now)

    assert not ReviewLease.objects.exists()


def test_what_needs_a_skill_waits_for_who_has_it(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    RoutingRule.objects.filter(name="extortion").update(skills=["ENGLISH"])
    claim = make.submitted(merchant.shop, at=now)
    make.on_the_desk(senior.user, skills=["ENGLISH", "VIDEO"])

    assert taking.take_next(actor=reviewer.actor, at=now) is None
    assert taking.take_next(actor=senior.actor, at=now) == claim


def test_a_reviewer_sees_only_the_own_queues(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    make.submitted(merchant.shop, at=now)
    make.on_the_desk(reviewer.user).queues.set(Queue.objects.filter(code="RETURNS"))

    assert taking.take_next(actor=reviewer.actor, at=now) is None


@pytest.mark.case("CL-09")
def test_a_case_whose_reviewer_is_gone_comes_back_after_the_lease(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)
    taking.renew(claim_id=claim.pk, actor=reviewer.actor, at=now + 8 * MINUTE)

    assert taking.release_run_out(now=now + 17 * MINUTE) == 0
    assert taking.release_run_out(now=now + 18 * MINUTE) == 1
    assert taking.release_run_out(now=now + 18 * MINUTE) == 0

    claim.refresh_from_db()
    assert (claim.status, claim.reviewer_id) == ("SUBMITTED", None)
    assert ReviewLease.objects.get().release == "RAN_OUT"
    assert taking.take_next(actor=senior.actor, at=now + 19 * MINUTE) == claim


def test_a_kept_case_does_not_come_back(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)
    taking.keep(claim_id=claim.pk, actor=reviewer.actor, at=now)

    assert taking.release_run_out(now=now + timedelta(days=1)) == 0

    taking.keep(claim_id=claim.pk, actor=reviewer.actor, at=now, is_kept=False)
    assert taking.release_run_out(now=now + timedelta(days=1)) == 1


def test_nobody_renews_what_somebody_else_has(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)

    assert taking.renew(claim_id=claim.pk, actor=senior.actor, at=now + 9 * MINUTE) is None
    assert ReviewLease.objects.get().until == now + 11 * MINUTE


def test_putting_back_needs_a_reason_and_leaves_it_in_the_history(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)
    with pytest.raises(Invalid):
        taking.put_back(claim_id=claim.pk, actor=reviewer.actor, at=now, reason=" ")

    taking.put_back(claim_id=claim.pk, actor=reviewer.actor, at=now, reason="My brother works there.")

    claim.refresh_from_db()
    assert (claim.status, claim.reviewer_id) == ("SUBMITTED", None)
    assert ClaimMove.objects.latest("pk").note == "My brother works there."
    with pytest.raises(Conflict):
        taking.put_back(claim_id=claim.pk, actor=make_senior(), at=now, reason="again")


def test_a_case_is_handed_to_a_colleague_who_keeps_it(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)

    taking.hand_over(
        claim_id=claim.pk, to_user_id=senior.user.pk, actor=reviewer.actor, at=now, reason="Knows the carrier."
    )

    claim.refresh_from_db()
    held = ReviewLease.objects.get(released_at=None)
    assert (claim.status, claim.reviewer_id) == ("IN_REVIEW", senior.user.pk)
    assert (held.reviewer_id, held.is_kept) == (senior.user.pk, True)


def test_a_case_is_not_handed_to_who_may_not_have_it(
    merchant: Persona, reviewer: Persona, staff: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now)
    make.on_the_desk(staff.user)

    for wrong in (staff.user.pk, reviewer.user.pk, 0):
        with pytest.raises(Invalid):
            taking.hand_over(claim_id=claim.pk, to_user_id=wrong, actor=reviewer.actor, at=now, reason="Please.")

    claim.refresh_from_db()
    assert claim.reviewer_id == reviewer.user.pk


def test_taking_one_particular_case(merchant: Persona, reviewer: Persona, senior: Persona, now: datetime) -> None:
    claim = make.submitted(merchant.shop, at=now)

    taking.take(claim_id=claim.pk, actor=reviewer.actor, at=now)
    taking.take(claim_id=claim.pk, actor=reviewer.actor, at=now)

    with pytest.raises(Conflict):
        taking.take(claim_id=claim.pk, actor=senior.actor, at=now)
    assert ReviewLease.objects.filter(released_at=None).count() == 1


def test_the_lanes_are_counted_as_cases_move(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    queue = Queue.objects.get(code="EXTORTION")
    make.submitted(merchant.shop, at=now)
    make.taken(merchant.shop, reviewer.actor, at=now)

    assert desk.counts()[queue.pk] == {"UNASSIGNED": 1, "IN_HAND": 1}


def make_senior() -> object:
    persona = Persona(UserFactory(senior=True))
    return persona.actor
