"""Check and reserve in one go: whoever counts a key holds its lock until what it reserved is committed."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from psycopg import errors

from merchant_protection.foundation import prepared
from merchant_protection.foundation.transactions import transaction_required
from scalper_policies.queries import deciding as queries
from scalper_policies.queries.deciding import Locks
from scalper_policies.rules.evaluate import Need

FINE_WAIT = timedelta(milliseconds=250)
COARSE_WAIT = timedelta(milliseconds=500)
LONGEST_STATEMENT = timedelta(milliseconds=900)
# More locks than this at once would fill the server's table of locks: the whole policy is locked instead.
MOST_LOCKS = 48
# The plans of what is asked for every order do not depend on the values, so the server need not try each time.
PATIENCE = """
SELECT set_config('lock_timeout', %s::text, true), set_config('statement_timeout', %s::text, true),
    set_config('plan_cache_mode', 'force_generic_plan', true)
"""


class Crowded(Exception):
    """The locks could not be had in time."""


def locks_for(needed: Iterable[tuple[int, Need]], *, coarse: bool) -> Locks:
    """Name the locks of a decision, each list sorted, so that two decisions never wait for each other in a circle."""
    pairs = {(policy_id, need.slot.key) for policy_id, need in needed}
    policies = sorted({_number("policy", policy_id) for policy_id, _key in pairs})
    if coarse or len(pairs) > MOST_LOCKS:
        return Locks(shared=(), alone=policies)
    return Locks(shared=policies, alone=sorted({_number("key", *pair) for pair in pairs}))


@transaction_required
def be_brief(*, wait: timedelta) -> None:
    """Let no statement of this transaction wait long, for a lock or at all."""
    with prepared.cursor() as cursor:
        cursor.execute(PATIENCE, [_milliseconds(wait), _milliseconds(LONGEST_STATEMENT)])


@transaction_required
def held_and_counted(
    shop: int, needed: Sequence[tuple[int, Need]], *, locks: Locks, until: datetime | None
) -> list[tuple[int, int]]:
    """Hold the locks until the transaction ends and count under them, in one question to the database."""
    try:
        return queries.hold_and_count(shop, needed, locks=locks, until=until)
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.QueryCanceled | errors.DeadlockDetected):
            raise Crowded from error
        raise


@transaction_required
def lock_order(merchant_id: int, number: str) -> None:
    """Let one person at a time say something of an order's answer; the answer itself cannot be locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number("order", merchant_id, number)])


def _number(*parts: object) -> int:
    digest = hashlib.sha256("\x00".join(map(str, ("scalper", *parts))).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _milliseconds(length: timedelta) -> str:
    return f"{int(length.total_seconds() * 1000)}ms"
