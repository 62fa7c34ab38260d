"""Event-driven work of the desk: remedies leave as they are promised, after-sales are looked at as they change."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from claims.services import bulk_filing, recognising, remedies
from merchant_protection.marketplace.services import changes


def carry_out_remedies(now: Callable[[], datetime]) -> int:
    """Ask the platform for what decisions have promised; return how many moved on."""
    return remedies.carry_out_due(now=now())


def recognise(now: Callable[[], datetime]) -> int:
    """Score after-sale requests that changed; return how many changes were looked at."""
    at = now()
    return changes.work_off(recognising.CONSUMER, partial(recognising.look, at=at), now=at)


def file_batches(now: Callable[[], datetime]) -> int:
    """Go on with files of complaints; return how many were taken up."""
    return bulk_filing.work_off(now=now)
