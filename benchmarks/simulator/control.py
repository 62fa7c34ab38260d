"""Instructions to the marketplace: faults, rate, pause, stories, seed; and the account of what happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.simulator.desk import Answer, Desk
from benchmarks.simulator.live import Live
from benchmarks.simulator.settings import STORIES

LEDGER_LINES = 100


def present(live: Live) -> dict[str, Any]:
    """Return how the marketplace is set now."""
    with live.lock:
        beat = live.beat
        return {
            "portal": live.settings.portal,
            "seed": live.faults.seed,
            "now": live.market.now.isoformat(),
            "paused": live.paused,
            "rate": beat.rate if beat else live.settings.rate,
            "story_every": beat.story_every if beat else live.settings.story_every,
            "stories": dict(beat.weights) if beat else dict(live.settings.stories),
            "faults": live.faults.data(),
            "waiting": live.lanes.waiting,
            "merchants": {
                code: {"name": shop.merchant.name, "listings": len(shop.listings), "held_skus": shop.held_skus}
                for code, shop in live.market.shops.items()
            },
        }


def ledger(live: Live, asked: Mapping[str, str]) -> Answer:
    """Return what happened; `limit` says how many of the latest entries."""
    limit = asked.get("limit", str(LEDGER_LINES))
    if not limit.isdecimal():
        return 400, {"status": "invalid", "detail": "limit is a whole number."}
    return 200, live.ledger.full(limit=int(limit)) | {"waiting": live.lanes.waiting}


def webhooks(live: Live, asked: Mapping[str, str]) -> Answer:
    """Return what the portal told the merchant's own system that is played here, the latest last."""
    status, found = ledger(live, asked)
    return (status, {"counts": found["webhooks"], "latest": found["latest_webhooks"]} if status == 200 else found)


def change(live: Live, desk: Desk, body: bytes) -> Answer:
    """Follow an instruction: a JSON object with any of the keys of `INSTRUCTIONS`, taken in that order."""
    try:
        given = json.loads(body)
        if not isinstance(given, dict):
            raise ValueError("An instruction is a JSON object.")
        unknown = set(given) - set(INSTRUCTIONS)
        if unknown:
            raise ValueError(f"No such instruction: {', '.join(sorted(unknown))}.")
        told = {name: follow(live, desk, given[name]) for name, follow in INSTRUCTIONS.items() if name in given}
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        return 400, {"status": "invalid", "detail": str(error)}
    live.wake()
    return 200, {
        "status": "done",
        **{name: value for name, value in told.items() if value is not None},
        **present(live),
    }


def _seed(live: Live, desk: Desk, value: Any) -> None:
    live.faults.seed = int(value)


def _faults(live: Live, desk: Desk, value: Any) -> None:
    if value is None or value == {}:
        live.faults.clear()
    else:
        live.faults.set(value)


def _rate(live: Live, desk: Desk, value: Any) -> None:
    if float(value) < 0:
        raise ValueError("rate is zero or more events a second.")
    with live.lock:
        if live.beat is not None:
            live.beat.change(rate=float(value))


def _story_every(live: Live, desk: Desk, value: Any) -> None:
    with live.lock:
        if live.beat is not None:
            live.beat.change(story_every=float(value))


def _stories(live: Live, desk: Desk, value: Any) -> None:
    unknown = set(value) - set(STORIES)
    if unknown:
        raise ValueError(f"No such story: {', '.join(sorted(unknown))}.")
    weights = {name: float(weight) for name, weight in value.items()}
    with live.lock:
        if live.beat is not None:
            live.beat.weights.update(weights)


def _pause(live: Live, desk: Desk, value: Any) -> None:
    live.paused = bool(value)


def _accept_unknown(live: Live, desk: Desk, value: Any) -> None:
    desk.accept_unknown = bool(value)


def _tell(live: Live, desk: Desk, value: Any) -> dict[str, Any]:
    """Begin a story now: its name, or {"story": name, "merchant": code, …}."""
    more = {"story": value} if isinstance(value, str) else dict(value)
    name, merchant = str(more.pop("story", "")), str(more.pop("merchant", ""))
    return live.tell(name, merchant=merchant, more=more)


def _announce(live: Live, desk: Desk, value: Any) -> None:
    with live.lock:
        live.market.announce()
    live.wake()


def _clear_ledger(live: Live, desk: Desk, value: Any) -> None:
    live.ledger.clear()


INSTRUCTIONS: dict[str, Callable[[Live, Desk, Any], Any]] = {
    "seed": _seed,
    "faults": _faults,
    "rate": _rate,
    "story_every": _story_every,
    "stories": _stories,
    "paused": _pause,
    "accept_unknown": _accept_unknown,
    "clear_ledger": _clear_ledger,
    "announce": _announce,
    "tell": _tell,
}
