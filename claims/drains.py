"""Event-driven work of the desk: remedies leave as soon as they are promised."""

from collections.abc import Callable
from datetime import datetime

from claims.services import remedies


def carry_out_remedies(now: Callable[[], datetime]) -> int:
    """Ask the platform for what decisions have promised; return how many moved on."""
    return remedies.carry_out_due(now=now())
