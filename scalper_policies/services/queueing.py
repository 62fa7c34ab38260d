"""Places in the queue of a policy: each given once, in the order in which orders came, due one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError
from psycopg import errors

from merchant_protection.foundation import prepared
from merchant_protection.foundation.transactions import transaction_required
from scalper_policies.rules import evaluate, queue
from scalper_policies.rules.queue import Place
from scalper_policies.services.answering import Applied
from scalper_policies.services.reserving import Crowded

# One statement takes the place and holds the queue until the order's answer is committed, so that no two orders get
# the same place or the same moment. A launch that begins after the last place was due counts from one again.
TAKE = """
INSERT INTO scalper_policies_queue AS line (merchant_id, policy_id, last_place, last_due_at)
VALUES (%(shop)s::bigint, %(policy)s::bigint, 1, %(at)s::timestamptz)
ON CONFLICT (merchant_id, policy_id) DO UPDATE SET
    last_place = CASE WHEN line.last_due_at < %(starts_at)s::timestamptz THEN 1 ELSE line.last_place + 1 END,
    last_due_at = CASE WHEN line.last_due_at < %(starts_at)s::timestamptz THEN excluded.last_due_at
        ELSE greatest(excluded.last_due_at, line.last_due_at + %(apart)s::interval) END
RETURNING last_place, last_due_at
"""


@transaction_required
def in_line(shop: int, answers: Sequence[Applied]) -> list[Applied]:
    """Give an order that may pass its place in each policy that sells by a queue, and hold it until its turn.

    A version that only watches shares its policy's queue, as it shares what is counted. Raises Crowded when the
    queue cannot be had in time.
    """
    places: dict[int, Place] = {}
    # By policy, so that two orders never wait for each other in a circle; of one policy, what acts sets the pace.
    for each in sorted(answers, key=lambda one: (one.version.policy_id, not one.acts)):
        if each.version.policy_id not in places and evaluate.takes_place(each.policy, each.order, each.decision):
            places[each.version.policy_id] = _take(shop, each)
    return [_placed(each, places[each.version.policy_id]) if _waits(each, places) else each for each in answers]


def _waits(each: Applied, places: dict[int, Place]) -> bool:
    return each.version.policy_id in places and evaluate.takes_place(each.policy, each.order, each.decision)


def _placed(each: Applied, place: Place) -> Applied:
    decision = evaluate.in_turn(each.policy, each.order, each.decision, place)
    return replace(each, order=replace(each.order, place=place), decision=decision)


def _take(shop: int, each: Applied) -> Place:
    starts_at: datetime | None = each.policy.scope.starts_at
    given: dict[str, Any] = {
        "shop": shop,
        "policy": each.version.policy_id,
        "at": each.order.placed_at,
        "starts_at": "-infinity" if starts_at is None else starts_at.isoformat(),
        "apart": _length(queue.apart(each.policy.queue_per_minute)),
    }
    try:
        with prepared.cursor() as cursor:
            cursor.execute(TAKE, given)
            number, due_at = cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.QueryCanceled | errors.DeadlockDetected):
            raise Crowded from error
        raise
    return Place(int(number), due_at)


def _length(length: timedelta) -> str:
    return f"{length // timedelta(microseconds=1)} microseconds"
