"""A quarter of arrivals at the desk: everything that comes in comes to an end, and the figures say what happened."""

import math
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from django.db import connection
from django.db.models import F, Sum

from benchmarks.quarter import Quarter
from claims import lifecycle
from claims.models import Claim, ClaimMove, Clock, Escalation, LaneCount, QueueReason, ReviewLease
from claims.queries import claims as queries
from claims.queries import clocks as clock_queries
from claims.queries import figures
from claims.rules import sla
from claims.services import clocks
from merchant_protection.accounts.models import Role
from merchant_protection.marketplace.models import AfterSale, InboxEvent
from tests.factories import claims as make
from tests.factories.accounts import MembershipFactory, MerchantFactory, UserFactory
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")
ZONE = "Asia/Shanghai"
# From the week before the National Day of 2025, with its holidays and adjusted workdays.
START = datetime(2025, 9, 22, tzinfo=ZoneInfo(ZONE))
FIRST = ("REVIEW", "SECOND_APPROVAL", "FAST_TRACK", "OVERDUE")


@pytest.fixture
def desk_at_work() -> Any:
    """Two shops of the simulator, two reviewers and two seniors; the calendar of the desk."""

    def made(days: int, **given: Any) -> Quarter:
        shops = {
            code: MembershipFactory(merchant=MerchantFactory(code=code), role=Role.OWNER) for code in ("q-1", "q-2")
        }
        people = [
            UserFactory(reviewer=True),
            UserFactory(reviewer=True),
            UserFactory(senior=True),
            UserFactory(senior=True),
        ]
        for person in people:
            make.on_the_desk(person, lead=people[2], most_at_once=5)
        calendar = clock_queries.first_calendar()
        assert calendar is not None
        return Quarter(
            start=START,
            days=days,
            source=InboundSourceFactory(),
            shops={code: Persona(each.user, each.merchant).actor for code, each in shops.items()},
            people=[Persona(person).actor for person in people],
            calendar=calendar,
            **given,
        )

    return made


def test_nine_days_of_arrivals_come_to_their_end(desk_at_work: Any) -> None:
    quarter = desk_at_work(9, orders_a_day=3, stories_a_day=1.2)

    quarter.run()

    assert Claim.objects.exclude(submitted_at=None).count() >= 5
    everything_came_to_its_end(quarter)
    figures_match_a_count_by_hand(quarter)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_quarter_of_arrivals_comes_to_its_end(desk_at_work: Any) -> None:
    quarter = desk_at_work(91, orders_a_day=8, stories_a_day=2.5)

    quarter.run()

    assert Claim.objects.exclude(submitted_at=None).count() >= 150
    assert set(ClaimMove.objects.values_list("move", flat=True)) >= {
        *("submit", "take", "uphold", "reject", "ask_for_evidence", "receive_evidence", "expire", "put_back", "appeal"),
        *("take_appeal", "finalise", "withdraw"),
    }
    everything_came_to_its_end(quarter)
    figures_match_a_count_by_hand(quarter)


def everything_came_to_its_end(quarter: Quarter) -> None:
    """Nothing that arrived is lost: each event was decided, each complaint ended, each clock was answered."""
    assert set(quarter.told) == {"accepted"}
    assert quarter.told["accepted"] == InboxEvent.objects.count()
    assert not InboxEvent.objects.exclude(status="DECIDED").exists()
    assert AfterSale.objects.count() == len(quarter.market.after_sales)
    filed = Claim.objects.exclude(submitted_at=None)
    ends = Counter(filed.values_list("status", flat=True))
    assert set(ends) <= lifecycle.OVER, ends
    assert ClaimMove.objects.filter(move="submit").count() == filed.count()
    for claim in filed:
        status = lifecycle.DRAFT
        for line in queries.history_of(claim):
            assert (line.from_status, line.status) == (status, lifecycle.MOVES[line.move].target)
            status = line.status
        assert status == claim.status
    assert not ReviewLease.objects.filter(released_at=None).exists()
    assert not QueueReason.objects.filter(closed_at=None, code__in=("NEW_CLAIM", "APPEAL")).exists()
    sums = LaneCount.objects.order_by().values("queue", "lane").annotate(lies=Sum("change"))
    assert [each for each in sums if each["lies"]] == []
    no_clock_was_lost()


def no_clock_was_lost() -> None:
    """Every clock is stopped, says what the history says, and warned and escalated before it was."""
    assert not Clock.objects.filter(stopped_at=None).exists()
    assert not Escalation.objects.filter(fired_at=None).exists()
    assert not Escalation.objects.filter(fired_at__lt=F("due_at")).exists()
    for claim in Claim.objects.exclude(submitted_at=None):
        stage = clock_queries.stage_of(claim)
        stored = list(clock_queries.clocks_of(claim, stage=stage))
        terms = clock_queries.terms_of(stored[0].policy)
        history = clock_queries.history_of(claim, stage=stage, since=clocks.since(claim, stage))
        wanted = {(each.target, each.round): (each.due_at, each.stopped_at) for each in sla.clocks(terms, history)}
        assert {(each.target, each.round): (each.due_at, each.stopped_at) for each in stored} == wanted
        for each in stored:
            is_late = each.stopped_at is not None and each.stopped_at > each.due_at + timedelta(hours=4)
            assert each.breached_at is not None or not is_late, "a target was missed and nobody was told"


def figures_match_a_count_by_hand(quarter: Quarter) -> None:
    """Medians, 90th percentiles, late and overturned shares, arrivals and people, counted anew from the bare rows."""
    decisions = table("SELECT id, claim_id, stage, result, at, decided_by_id FROM claims_decision")
    claims = table(
        "SELECT c.id AS claim_id, c.submitted_at, q.code AS queue FROM claims_claim c "
        "LEFT JOIN claims_queue q ON q.id = c.queue_id WHERE c.submitted_at IS NOT NULL"
    )
    missed = table(
        "SELECT DISTINCT claim_id FROM claims_clock "
        "WHERE stage = 1 AND target = 'RESOLUTION' AND breached_at IS NOT NULL"
    )
    first = decisions[decisions.stage.isin(FIRST)].merge(claims, on="claim_id")
    first["took"] = first["at"] - first["submitted_at"]
    first["week"] = [monday(at) for at in first["at"]]
    first["late"] = first.claim_id.isin(missed.claim_id)
    later = decisions[decisions.stage.isin(("OVERRIDE", "APPEAL"))]
    first["turned"] = [
        bool(((later.claim_id == row.claim_id) & (later.result != row.result)).any()) for row in first.itertuples()
    ]
    for by_queue in (False, True):
        keys = ["week", "queue"] if by_queue else ["week"]
        found = {
            (week.week, week.queue): (week.decided, week.median, week.p90, week.late, week.overturned)
            for week in figures.weeks(since=START, zone=ZONE, by_queue=by_queue)
        }
        counted = {
            (key[0], key[1] if by_queue else ""): (
                len(rows),
                percentile(rows.took, 0.5),
                percentile(rows.took, 0.9),
                pytest.approx(rows.late.mean()),
                pytest.approx(rows.turned.mean()),
            )
            for key, rows in first.groupby(keys)
        }
        assert found == counted
    arrived = Counter(monday(at) for at in claims.submitted_at)
    assert figures.arrivals(since=START, zone=ZONE) == arrived
    decided = decisions[(decisions.stage != "PROPOSAL") & decisions.decided_by_id.notna()]
    assert sorted(person.decided for person in figures.people(since=START)) == sorted(
        decided.groupby("decided_by_id").size()
    )


def table(sql: str) -> pd.DataFrame:
    """Return rows of the database with their column names."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])


def monday(at: datetime) -> Any:
    """Return the Monday of the week in which a moment lies, by the desk's clock."""
    day = at.astimezone(ZoneInfo(ZONE)).date()
    return day - timedelta(days=day.weekday())


def percentile(spans: Any, share: float) -> timedelta:
    """Return the smallest span that so large a share of all does not exceed."""
    in_order = sorted(spans)
    return in_order[math.ceil(share * len(in_order)) - 1].to_pytimedelta()
