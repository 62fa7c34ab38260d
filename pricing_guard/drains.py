"""The loop of the drain that judges what changed, as soon as it changed."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.services import changes
from pricing_guard.queries.incidents import FEATURE
from pricing_guard.services import watching

AT_ONCE = 500  # each look asks the database about twenty things, however many listings it is about


def judge(now: Callable[[], datetime]) -> int:
    """Put the changes that wait through the guard; return how many were taken up."""
    at = now()
    with tenancy.platform():
        return changes.work_off(FEATURE, partial(watching.look, at=at), now=at, limit=AT_ONCE)
