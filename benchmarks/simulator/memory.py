"""What outlives a run: the whole marketplace and the actions it did, in a file of its own.

A simulator that is started again goes on where it was: open orders are shipped, prices stay as they were set, what
was delisted stays delisted, an action that comes twice is done once. The file is read by the program that wrote it
and by nobody else, so it is kept as Python keeps objects; one that cannot be read means a new beginning.
"""

from __future__ import annotations

import logging
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.simulator.market import Market
from benchmarks.simulator.settings import Settings

if TYPE_CHECKING:
    from benchmarks.simulator.desk import Desk

logger = logging.getLogger("simulator")
FORM = 1
MOST_KEYS = 50_000
KEPT = (
    "seed",
    "now",
    "shops",
    "buyers",
    "orders",
    "after_sales",
    "routine",
    "urgent",
    "versions",
    "counts",
    "_streams",
)
FINAL = {"CANCELLED", "EXPIRED", "REFUNDED", "DELIVERED"}
# What was told after the last save is not remembered: what comes now must be newer than that too.
VERSIONS_SKIPPED = 1_000


def save(path: Path, market: Market, desk: Desk) -> None:
    """Write everything down; a reader finds the old file or the new one, never half of one."""
    whole = {
        "form": FORM,
        "merchants": market.settings.merchants,
        "market": {name: getattr(market, name) for name in KEPT},
        "states": desk.states,
        "keys": dict(list(desk.keys.items())[-MOST_KEYS:]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(pickle.dumps(whole))
    fresh.replace(path)


def load(path: Path, settings: Settings) -> dict[str, Any] | None:
    """Read what was written down, if it is of the same shops and the same seed."""
    try:
        whole: dict[str, Any] = pickle.loads(path.read_bytes())  # noqa: S301  our own file, readable by us alone
        fits = (whole["form"], whole["merchants"], whole["market"]["seed"]) == (FORM, settings.merchants, settings.seed)
    except FileNotFoundError:
        return None
    except Exception as error:  # an older program's objects, half a file, another program's: all mean the same
        logger.warning("the state in %s cannot be read, a new one begins: %r", path, error)
        return None
    return whole if fits else None


def resumed(whole: dict[str, Any], settings: Settings, *, at: datetime | None = None) -> Market:
    """Return the marketplace as it was, at the present moment; what it tells from now on is newer than before."""
    at = at or datetime.now(UTC)
    market = Market(settings, start=at)
    for name in KEPT:
        setattr(market, name, whole["market"][name])
    slept = at - market.now
    market.now = at
    # The steps of a story keep their distances; ordinary steps that fell due meanwhile are done beat by beat.
    market.urgent = [replace(one, at=one.at + slept) for one in market.urgent]
    market.versions = {key: version + VERSIONS_SKIPPED for key, version in market.versions.items()}
    _tell_what_is_open(market)
    return market


def give_back(whole: dict[str, Any], desk: Desk) -> None:
    """Let the desk remember which actions it did and which generation each target has."""
    desk.states.update(whole["states"])
    desk.keys.update(whole["keys"])


def _tell_what_is_open(market: Market) -> None:
    """The last things told before the end may not have arrived."""
    for order in market.orders.values():
        if order.status not in FINAL:
            market.tell_order(order)
    for case in market.after_sales.values():
        if case.status == "OPEN":
            market.tell_after_sale(case)
