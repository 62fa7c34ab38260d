"""Claim what is due, call the platform with no transaction open, note what became of it."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from types import MappingProxyType

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.outside.adapters.base import Adapter, Answer, Outcome, Seen
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.queries import platforms
from merchant_protection.marketplace.rules.gate import Gates
from merchant_protection.marketplace.services import deciding
from merchant_protection.marketplace.services.actions import finishing, holding, reconciling, sending
from merchant_protection.marketplace.services.actions.reconciling import Comparison
from merchant_protection.marketplace.services.actions.sending import Errand

logger = logging.getLogger(__name__)
AT_ONCE = 8
ONE_TURN = 4.0  # seconds after which a turn takes nothing new, so that a restart does not wait for it
LEAVES_WITHIN = 1.5  # seconds after the last gate; a process that slept since then looks again
NO_GATES: Gates = MappingProxyType({})


def decide(now: Callable[[], datetime]) -> int:
    """Decide the events that were received; return how many were taken up."""
    with tenancy.platform():
        return deciding.decide_due(now=now())


def act(now: Callable[[], datetime], *, gates: Gates = NO_GATES) -> int:
    """Ask the platforms for what is due, several calls at a time; return how many calls were made.

    Platforms and hanging calls do not hold each other up: as soon as one call ends the next is taken.
    """
    with tenancy.platform():
        holding.release_due(now=now())
        waiting = _take(now, room=AT_ONCE, gates=gates)
        if not waiting:
            return 0
        return _work(now, waiting, gates=gates)


def _work(now: Callable[[], datetime], errands: list[tuple[Adapter, Errand]], *, gates: Gates) -> int:
    calls, until = 0, time.monotonic() + ONE_TURN
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="platform") as pool:
        flying: dict[Future[Answer | Seen], Errand] = {}
        while errands or flying:
            for adapter, errand in errands:
                flying[pool.submit(_call, adapter, errand, time.monotonic() + LEAVES_WITHIN)] = errand
                calls += 1
            landed, _still = wait(flying, return_when=FIRST_COMPLETED)
            for future in landed:
                _finish(flying.pop(future), future, at=now())
            errands = _take(now, room=AT_ONCE - len(flying), gates=gates) if time.monotonic() < until else []
    return calls


def _take(now: Callable[[], datetime], *, room: int, gates: Gates) -> list[tuple[Adapter, Errand]]:
    """Claim for each platform in turn, and let through the last gate what may leave."""
    taken: list[tuple[Adapter, Errand]] = []
    for platform in queries.platforms_with_due(now()) if room > 0 else []:
        for action in sending.claim(platform_id=platform.pk, now=now(), limit=room - len(taken)):
            try:
                adapter = sending.adapter_of(platform)
                errand = sending.prepare(action=action, now=now(), gates=gates)
                taken += [(adapter, errand)] if errand else []
            except Exception as error:
                logger.exception("Could not prepare action %s", action.pk)
                _stumble(action, error, at=now())
    return taken


def _stumble(action: PlatformAction, error: Exception, *, at: datetime) -> None:
    try:
        sending.stumbled(action=action, error=repr(error), at=at)
    except Exception:
        logger.exception("Could not put off action %s", action.pk)  # its lease runs out, and it is tried again


def _call(adapter: Adapter, errand: Errand, not_after: float) -> Answer | Seen:
    """Runs in a thread of its own and touches no rows."""
    if errand.is_look:
        return adapter.state_of(errand.request)
    if time.monotonic() > not_after:
        return Answer(Outcome.TOO_LATE)
    return adapter.perform(errand.request)


def _finish(errand: Errand, future: Future[Answer | Seen], *, at: datetime) -> None:
    try:
        said = future.result()
        if isinstance(said, Seen):
            finishing.looked(errand=errand, seen=said, at=at)
        else:
            finishing.performed(errand=errand, answer=said, at=at)
    except Exception:
        logger.exception("Could not finish action %s", errand.action.pk)


def reconcile(now: Callable[[], datetime], *, limit: int = 200) -> int:
    """Compare what is wanted with what the platforms show, for all whose time has come; return how many differ."""
    differ = 0
    with tenancy.platform():
        holding.expire_waiting(now=now())
        for platform in platforms.active():
            comparisons = reconciling.take(platform_id=platform.pk, now=now(), limit=limit)
            if not comparisons:
                continue
            adapter = sending.adapter_of(platform)
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="platform") as pool:
                looks = pool.map(adapter.state_of, [each.request for each in comparisons])
                for comparison, seen in zip(comparisons, looks, strict=True):
                    differ += _compare(comparison, seen, at=now())
    return differ


def _compare(comparison: Comparison, seen: Seen, *, at: datetime) -> bool:
    try:
        return reconciling.compare(comparison=comparison, seen=seen, at=at)
    except Exception:
        logger.exception("Could not compare target %s", comparison.target_id)
        return False
