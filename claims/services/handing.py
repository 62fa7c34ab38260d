"""The next case goes into a reviewer's hands in one statement: chosen, locked, moved, written down and counted."""

import functools
from datetime import datetime
from typing import Any

from django.db import connection

from claims import lifecycle
from claims.models import Claim
from claims.queries import desk
from claims.rules import routing
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import prepared, tenancy
from merchant_protection.foundation.transactions import transaction

TAKING = {lifecycle.SUBMITTED: "take", lifecycle.APPEALED: "take_appeal"}
# What waits for a second person (HELD) is taken without a move, so it has no way here.
WAYS = [
    (status, name, target := lifecycle.target_status(name, status), desk.LANES[status], desk.LANES[target])
    for status, name in TAKING.items()
]
# Taking answers none of the reasons a case lies in its queue; the statement below closes none.
ANSWERED = [why for why in routing.Why if routing.CLOSED_BY[why] & set(TAKING.values())]
WAY_ROWS = ", ".join(f"({', '.join(f"'{word}'" for word in way)})" for way in WAYS)
LOCK = "SELECT r.id FROM claims_reviewer r WHERE r.user_id = %s::bigint AND r.is_active FOR UPDATE"
# What somebody may take is read by the statement itself: with values that it does not know, the server would plan anew.
HAND = """
WITH ways (status, move, target, lane, lane_then) AS (VALUES {ways}),
me AS (
  SELECT r.skills, r.most_at_once, ARRAY(
    SELECT works.queue_id FROM claims_reviewer_queues works JOIN claims_queue q ON q.id = works.queue_id
    WHERE works.reviewer_id = r.id AND q.is_active
  ) AS queues
  FROM claims_reviewer r WHERE r.user_id = %(user)s::bigint AND r.is_active
),
room AS (
  SELECT count(*) < (SELECT most_at_once FROM me) AS is_left FROM claims_reviewlease
  WHERE reviewer_id = %(user)s::bigint AND released_at IS NULL
),
best AS MATERIALIZED (
  {heads} LIMIT 1
),
chosen AS MATERIALIZED (
  {first}
),
moved AS (
  UPDATE claims_claim c
  SET reviewer_id = %(user)s::bigint, updated_at = %(at)s::timestamptz, status = coalesce(ways.target, c.status),
      version = c.version + (ways.move IS NOT NULL)::int
  FROM chosen LEFT JOIN ways ON ways.status = chosen.status
  WHERE c.id = chosen.id
  RETURNING c.*, chosen.status AS was
),
history AS (
  INSERT INTO claims_claimmove
    (merchant_id, claim_id, move, from_status, status, at, actor_kind, actor_id, actor_name, note)
  SELECT moved.merchant_id, moved.id, ways.move, moved.was, moved.status,
         %(at)s::timestamptz, %(actor_kind)s::text, %(user)s::bigint, %(actor_name)s::text, ''
  FROM moved JOIN ways ON ways.status = moved.was
),
lease AS (
  INSERT INTO claims_reviewlease
    (merchant_id, claim_id, reviewer_id, taken_at, renewed_at, until, is_kept, release, reason)
  SELECT merchant_id, id, %(user)s::bigint, %(at)s::timestamptz, %(at)s::timestamptz, %(until)s::timestamptz,
         false, '', '' FROM moved
),
counted AS (
  INSERT INTO claims_lanecount (queue_id, lane, change)
  SELECT moved.queue_id, changed.lane, changed.change
  FROM moved JOIN ways ON ways.status = moved.was AND ways.lane <> ways.lane_then,
       LATERAL (VALUES (ways.lane, -1), (ways.lane_then, 1)) AS changed (lane, change)
  WHERE moved.queue_id IS NOT NULL
)
SELECT {columns} FROM moved
"""
FIELDS = [field.attname for field in Claim._meta.concrete_fields]
COLUMNS = ", ".join(str(field.column) for field in Claim._meta.concrete_fields)


def hand_next(*, actor: Actor, is_senior: bool, at: datetime, until: datetime) -> Claim | None:
    """Lay the most urgent case into the hands of a reviewer who has room for one more.

    The reviewer's row is locked first, by itself: only a statement that begins after it sees what was taken before.
    All of it goes to the database in one way, the commit too.
    Nothing comes back when somebody works on no queue, when there is no room, when nothing waits, or when the only
    case of the most urgent queue is being taken by somebody else just now: the caller looks which it was.
    """
    tenancy.require_scope()
    given: dict[str, Any] = {
        "user": actor.id or 0,
        "senior": is_senior,
        "at": at,
        "until": until,
        "actor_kind": actor.kind,
        "actor_name": actor.name[:200],
    }
    with prepared.cursor() as lock, prepared.cursor() as hand:
        with prepared.together(), transaction():
            lock.execute(LOCK, [actor.id or 0])
            hand.execute(_statement(desk.HEADS, desk.FIRST), given)
        found = hand.fetchone()
    return Claim.from_db(connection.alias, FIELDS, found) if found else None


@functools.lru_cache(maxsize=2)
def _statement(heads: str, first: str) -> str:
    first = first.replace("%(queue)s", "(SELECT queue_id FROM best) AND (SELECT is_left FROM room)")
    heads, first = (
        part.replace("%(queues)s::bigint[]", "(SELECT queues FROM me)").replace(
            "%(skills)s::varchar[]", "(SELECT skills FROM me)"
        )
        for part in (heads, first)
    )
    return HAND.format(ways=WAY_ROWS, heads=heads, first=first, columns=COLUMNS)
