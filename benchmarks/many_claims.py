"""A desk with as many open complaints as wanted, written set by set: rows as the services write them."""

import copy
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from benchmarks import stage
from claims.models import ClaimKind, Queue, Reviewer, SlaPolicy
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy

FILL = """
INSERT INTO claims_claim (id, merchant_id, kind_id, kind_code, order_number, buyer_key, status, source, batch, language,
  currency, amount, story, demand_channel, review_ref, desired_remedies, completeness, is_complete, filed_by_name,
  queue_id, routed_by, priority, tier, risk, skills, deciders, due_at, is_paused, is_overdue, created_at, submitted_at,
  opened_at, updated_at, version)
SELECT n, %(merchant)s, %(kind)s, 'EXTORTION', 'O' || n, 'buyer-' || n %% 50000, 'SUBMITTED', 'API', '', 'zh-hans',
  'CNY', 100 + n %% 900, '', '', '', '{}', 80, true, 'bench', (%(queues)s::bigint[])[1 + n %% %(many)s], '', 'NORMAL',
  'STANDARD', 'LOW', '{}', '{}', %(now)s + interval '1 day' + n * interval '1 second', false, false,
  %(now)s - interval '1 hour', %(now)s - interval '1 hour', %(now)s - interval '1 hour', %(now)s, 1
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
CLOCKS = """
INSERT INTO claims_clock (merchant_id, claim_id, policy_id, stage, target, round, started_at, due_at, on_breach,
  breach_answer)
SELECT merchant_id, id, %(policy)s, 1, 'RESOLUTION', 1, opened_at, due_at, 'ESCALATE', '{}' FROM claims_claim
WHERE id BETWEEN %(first)s AND %(last)s
"""
RUNGS = """
INSERT INTO claims_escalation (merchant_id, claim_id, clock_id, kind, level, audience, due_at)
SELECT merchant_id, claim_id, id, 'ESCALATION', 2, 'LEAD', due_at FROM claims_clock
WHERE claim_id BETWEEN %(first)s AND %(last)s
"""
LANES = """
INSERT INTO claims_lanecount (queue_id, lane, change)
SELECT queue_id, 'UNASSIGNED', count(*) FROM claims_claim WHERE id BETWEEN %(first)s AND %(last)s GROUP BY queue_id
"""
SEQUENCES = ("claims_claim", "claims_clock", "claims_escalation")


class Desk:
    """Open complaints of one shop over all queues, and reviewers who may take them."""

    def __init__(self, *, now: datetime, reviewers: int) -> None:
        self.now, self.count = now, 0
        with tenancy.platform():
            self.merchant = Merchant.objects.create(code="bench", name="Bench")
            self.kind = ClaimKind.objects.get(code="EXTORTION", is_current=True)
            self.policy = SlaPolicy.objects.get(code="STANDARD", is_current=True)
            self.queues = list(Queue.objects.order_by("pk").values_list("pk", flat=True))
            self.people = [self._reviewer(number) for number in range(reviewers)]

    def fill(self, count: int) -> None:
        """Bring the desk to so many open complaints."""
        given = {
            "merchant": self.merchant.pk,
            "kind": self.kind.pk,
            "policy": self.policy.pk,
            "queues": self.queues,
            "many": len(self.queues),
            "now": self.now,
            "first": self.count + 1,
            "last": count,
        }
        with stage.superuser() as server:
            server.execute(b"SET session_replication_role = replica")  # these rows point at each other by making
            for statement in (FILL, CLOCKS, RUNGS, LANES):
                server.execute(statement.encode(), given)
            for table in SEQUENCES:
                server.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))".encode())
            server.execute(b"VACUUM ANALYZE claims_claim, claims_clock, claims_escalation, claims_lanecount")
        self.count = count

    def make_due(self, many: int) -> None:
        """Let the targets and rungs of so many complaints come due, spread over all there are."""
        step = max(self.count // many, 1)
        with stage.superuser() as server:
            for table, mark in (("claims_clock", "breached_at"), ("claims_escalation", "fired_at")):
                server.execute(
                    f"UPDATE {table} SET due_at = %s, {mark} = NULL "
                    "WHERE claim_id %% %s = 0 AND claim_id <= %s".encode(),
                    [self.now, step, step * many],
                )

    def give_back(self) -> None:
        """Let nobody have anything."""
        with stage.superuser() as server:
            server.execute(b"DELETE FROM claims_reviewlease")
            server.execute(
                b"UPDATE claims_claim SET status = 'SUBMITTED', reviewer_id = NULL WHERE reviewer_id IS NOT NULL"
            )

    def _reviewer(self, number: int) -> User:
        user = User.objects.create(
            email=f"reviewer-{number}@bench.example",
            display_name=f"Reviewer {number}",
            staff_roles=["REVIEWER"],
            is_demo=True,
        )
        row = Reviewer.objects.create(user=user, most_at_once=1_000)
        row.queues.set(self.queues)
        return user


class TwoSizes:
    """The same desk with few complaints and with many, each in a database of its own, so that they take turns."""

    def __init__(self, desk: Desk, *, few: int, many: int) -> None:
        desk.fill(few)
        self.few, self.many = desk, copy.copy(desk)
        self._few, self._many = str(connection.settings_dict["NAME"]), f"{connection.settings_dict['NAME']}_many"
        stage.fresh_database(self._many)  # a copy of the small one, to be filled further
        self.many.fill(many)

    def among_few(self, measure: Callable[[Desk], float]) -> float:
        """Measure at the small desk."""
        stage.use_database(self._few)
        return measure(self.few)

    def among_many(self, measure: Callable[[Desk], float]) -> float:
        """Measure at the large desk."""
        stage.use_database(self._many)
        return measure(self.many)

    def done(self) -> None:
        """Go back to the small desk, and throw the large one away."""
        stage.drop_database(self._many, back_to=self._few)
