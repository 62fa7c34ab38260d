"""Event-driven work of the scalper policies: each order and after-sale is looked at as it changes."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from merchant_protection.marketplace.services import changes
from scalper_policies.services import backtests, baseline_trials, lists, releasing, watching


def watch_orders(now: Callable[[], datetime]) -> int:
    """Raise, renew and end risk-order warnings for what changed; return how many changes were looked at."""
    at = now()
    return changes.work_off(watching.CONSUMER, partial(watching.look, at=at), now=at)


def follow_orders(now: Callable[[], datetime]) -> int:
    """Give back what ended orders kept of limits; return how many changes were looked at."""
    at = now()
    return changes.work_off(releasing.CONSUMER, partial(releasing.follow, at=at), now=at)


def run_backtests(now: Callable[[], datetime]) -> int:
    """Try policies and baseline rules on past orders, and read files of lists; return how many were handled."""
    tried = backtests.run_small(now=now(), clock=now) + baseline_trials.run_due(now=now(), clock=now)
    return tried + lists.read_due(now=now(), clock=now)
