"""The command line."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import simulator
from benchmarks.simulator import live as running
from benchmarks.simulator import memory
from benchmarks.simulator.market import Market
from benchmarks.simulator.posting import PATH
from benchmarks.simulator.questions import PortalQuestions
from benchmarks.simulator.server import Platform
from benchmarks.simulator.settings import Settings, from_environment, from_file, merged

logger = logging.getLogger("simulator")
FIRST_ANSWER_PATIENCE_SECONDS = 600.0
SAVE_EVERY_SECONDS = 30.0


def arguments() -> argparse.ArgumentParser:
    """Return the parser; what is not given keeps the value of file and environment."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.simulator",
        description=simulator.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--config", metavar="FILE", help="TOML file; its keys are the long options with underscores")
    parser.add_argument("--portal", metavar="URL", help="where events go (http://127.0.0.1:8000)")
    parser.add_argument("--host", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, help="where to listen; 0 takes a free one (8100)")
    parser.add_argument("--seed", type=int, help="everything follows from it")
    parser.add_argument("--source", help="inbound source named in portal-source")
    parser.add_argument("--secret", help="whsec_… that signs events")
    parser.add_argument("--action-secret", help="whsec_… that actions must be signed with (the same)")
    parser.add_argument(
        "--webhook-secret", help="whsec_… of webhooks to a merchant's own system (none: not listened to)"
    )
    parser.add_argument("--rate", type=float, help="live events a second, about (0.6); 0 for silence")
    parser.add_argument("--batch", type=int, help="post up to so many waiting events at once (1)")
    parser.add_argument("--lanes", type=int, help="post over so many connections (4)")
    parser.add_argument("--history", type=float, metavar="DAYS", help="first post so many days of past (0)")
    parser.add_argument("--start", metavar="TIME", help="where the past ends, RFC 3339 (now)")
    parser.add_argument("--export", metavar="FILE", help="write the past as NDJSON instead of posting it (- is stdout)")
    parser.add_argument("--state", metavar="FILE", help="remember everything there and go on from it the next time")
    parser.add_argument("--no-live", action="store_true", help="end after the past")
    parser.add_argument("--paused", action="store_true", help="begin paused; POST /control resumes")
    parser.add_argument("--story-every", type=float, help="seconds between stories, about (240); 0 for none")
    parser.add_argument("--opening", help="a story that begins as soon as it is live (none)")
    parser.add_argument("--questions", help="price-checks,order-decisions: ask the portal first (none)")
    parser.add_argument("--api-key", help="platform key for the questions")
    parser.add_argument("--accept-unknown", action="store_true", help="do actions on unknown targets too (load tests)")
    parser.add_argument("--verbose", action="store_true", help="a line for every event")
    return parser


def chosen(words: Sequence[str]) -> Settings:
    """Return the settings of file, environment and command line, the last one strongest."""
    given = vars(arguments().parse_args(words))
    settings = Settings()
    config = given.pop("config", os.environ.get("SIMULATOR_CONFIG", ""))
    if config:
        settings = from_file(settings, config)
    return merged(from_environment(settings, os.environ), given)


def main(words: Sequence[str] | None = None) -> int:
    """Run the simulator until it is told to end."""
    try:
        settings = chosen(sys.argv[1:] if words is None else words)
        until = datetime.fromisoformat(settings.start) if settings.start else datetime.now(UTC)
    except (ValueError, TypeError, OSError) as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    level = logging.DEBUG if settings.verbose else logging.INFO
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s simulator %(message)s", stream=sys.stderr)
    logger.setLevel(level)
    # A past is asked for where the portal knows nothing yet: what is remembered belongs to another portal.
    whole = memory.load(Path(settings.state), settings) if settings.state and not settings.history else None
    if whole is not None:
        return run(memory.resumed(whole, settings), settings, until, whole)
    market = Market(settings, start=until - timedelta(days=settings.history))
    if settings.export:
        return export(market, until, settings.export)
    return run(market, settings, until)


def export(market: Market, until: datetime, path: str) -> int:
    """Write the past as NDJSON: what `--history` would post."""
    lines = (json.dumps(one.body(), ensure_ascii=False) + "\n" for one in running.past(market, until=until))
    if path == "-":
        sys.stdout.writelines(lines)
    else:
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(lines)
    return 0


def run(market: Market, settings: Settings, until: datetime, whole: dict[str, Any] | None = None) -> int:
    """Listen, post the past, then go live; `whole` is what is remembered of the last run."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    live = running.Live(settings, market)
    try:
        platform = Platform(live, host=settings.host, port=settings.port)
    except OSError as error:
        sys.stderr.write(f"simulator: cannot listen on {settings.host}:{settings.port}: {error.strerror}\n")
        return 1
    if whole is not None:
        memory.give_back(whole, platform.desk)
        logger.info("going on with %d orders remembered", len(market.orders))
    platform.start()
    sys.stdout.write(f"listening on {platform.address}\n")
    sys.stdout.flush()
    poster = threading.Thread(target=_past_then_live, args=(live, until, ended), daemon=True)
    poster.start()
    while not ended.wait(SAVE_EVERY_SECONDS):
        _remember(live, platform)
    live.stop()
    _remember(live, platform)
    platform.stop()
    poster.join(timeout=5)
    logger.info("ended: %s", json.dumps(live.ledger.summary(), ensure_ascii=False))
    return 0


def _remember(live: running.Live, platform: Platform) -> None:
    """Only what is live is worth going on with: a past that was cut off is posted anew."""
    with live.lock:
        if live.settings.state and live.beat is not None:
            memory.save(Path(live.settings.state), live.market, platform.desk)


def _past_then_live(live: running.Live, until: datetime, ended: threading.Event) -> None:
    settings, market = live.settings, live.market
    live.postman.wait_for_portal(ended)  # it may have been started with us, and what is away is no fault to count
    if settings.history > 0 or settings.announce:
        told = f"{settings.history:g} days of past" if settings.history > 0 else "the catalogue"
        logger.info("posting %s to %s%s", told, settings.portal, PATH)
        for batch in running.batches(running.past(market, until=until), settings):
            live.postman.post(batch, patience=FIRST_ANSWER_PATIENCE_SECONDS)
            logger.debug("%s", live.ledger.in_words())
            if ended.is_set():
                return
        logger.info("%s", live.ledger.in_words())
    if settings.questions:
        market.questions = PortalQuestions(settings, live.ledger)
    if settings.no_live:
        ended.set()
        return
    live.start()
    if settings.opening:
        live.tell(settings.opening, merchant=next(iter(market.shops)), more={})
    logger.info("live at about %g events a second", settings.rate)
