"""A quarter of a marketplace told to a running portal over HTTP: events in, the shops' complaints by the API.

Nothing of the portal is imported: the simulator tells what happened, and each shop's own program files about its
after-sales with its key. What happened and what was answered is kept, so that the portal's rows can be counted against
it (`benchmarks/replay_count.py`).
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from benchmarks.simulator import engine, stories
from benchmarks.simulator.live import Live
from benchmarks.simulator.market import Event, Market
from benchmarks.simulator.server import Platform
from benchmarks.simulator.settings import Merchant, Settings
from benchmarks.simulator.things import AfterSale, moment

DAY = timedelta(days=1)
WEIGHTS = {"blackmailer": 3.0, "refund_gang": 1.5}
KINDS = {"blackmailer": "EXTORTION", "refund_gang": "MALICIOUS_REFUND_ONLY"}
ORDINARY, SHARE_OF_ORDINARY, TWICE = "FALSE_QUALITY_CLAIM", 0.25, 5
BATCH = 500
LATE = "LATE"  # the time to file was over
PATIENCE = 600.0
ACTIONS_SECRET = f"whsec_{'A' * 32}"  # of what the portal asks of the marketplace
type Opening = tuple[str, str, Mapping[str, Any]]  # a story, the shop it happens to or "" for any, and more


class Stopped(Exception):
    """The portal cannot be replayed into, or did not take everything; the words say why."""


@dataclass(frozen=True)
class Filed:
    """One complaint of a shop's program, and what the portal answered."""

    merchant: str
    order: str
    kind: str
    counted_from: datetime
    claim: int
    status: str


@dataclass
class Replay:
    """So many days of a marketplace that end at a moment, with the key of each shop's program by its code."""

    portal: str
    source: str
    secret: str
    keys: Mapping[str, str]
    until: datetime
    days: int
    orders_a_day: float = 6
    stories_a_day: float = 1.5
    seed: int = 20261124
    openings: Sequence[Opening] = tuple((name, "", {}) for name in WEIGHTS)  # however few days there are
    say: Callable[[str], None] = lambda _words: None  # told how far it is
    filed: list[Filed] = field(default_factory=list)
    told_twice: int = 0

    def __post_init__(self) -> None:
        shops = tuple(Merchant(code, code, "household", self.orders_a_day) for code in self.keys)
        settings = Settings(
            portal=self.portal,
            source=self.source,
            secret=self.secret,
            action_secret=ACTIONS_SECRET,
            seed=self.seed,
            merchants=shops,
            buyers=200,
            stories={name: 0.0 for name in stories.TELLERS},  # they are told below, as many a day as wanted
        )
        self.rng = random.Random(self.seed)
        self.market = Market(settings, start=self.until - self.days * DAY)
        self.live = Live(settings, self.market)  # not started: what happens is told below, day by day
        self.ledger, self.postman = self.live.ledger, self.live.postman
        self.place: Platform | None = None
        self.programs = {
            code: httpx.Client(base_url=self.portal, timeout=60, headers={"Authorization": f"Bearer {key}"})
            for code, key in self.keys.items()
        }

    @property
    def told(self) -> Counter[str]:
        """How the portal answered the events, by answer."""
        return Counter({name: count for name, count in self.ledger.events.items() if name not in ("posted", "retries")})

    def greet(self) -> None:
        """Make sure that the portal which answers is the one whose database the shops and keys were written to."""
        for code, program in self.programs.items():
            answer = program.get("/api/v1/claims?limit=1")
            if answer.status_code == 401:
                raise Stopped(
                    f"The portal at {self.portal} keeps its data elsewhere: it does not know the key of {code}."
                )
            answer.raise_for_status()

    def tell(self) -> None:
        """Let the days pass, and post what happened in batches."""
        waiting: list[Event] = []
        for event in self._events():
            waiting.append(event)
            if len(waiting) >= BATCH:
                self._post_events(waiting)
                waiting = []
        if waiting:
            self._post_events(waiting)

    def _post_events(self, events: Sequence[Event]) -> None:
        self.postman.post(events, patience=PATIENCE)
        if lost := {name: count for name, count in self.told.items() if name in ("refused", "given_up")}:
            raise Stopped(f"The portal did not take events: {lost}. Its log tells why.")
        self.say(f"{sum(self.told.values())} events, {len(self.market.orders)} orders, {self.market.now:%Y-%m-%d}")

    def wait(self, *, patience: float = PATIENCE) -> None:
        """Wait until the portal knows every after-sale that it was told of."""
        end = time.monotonic() + patience
        while missing := self.market.after_sales.keys() - self._known():
            if time.monotonic() > end:
                raise Stopped(f"{len(missing)} after-sales never came out of the portal: does its drain run?")
            self.say(f"{len(missing)} of {len(self.market.after_sales)} after-sales are still to be decided")
            time.sleep(0.5)

    def take_actions(self) -> str:
        """Let the marketplace do what the portal asks of it from now on; return where it listens."""
        self.place = Platform(self.live, host="127.0.0.1", port=0)
        self.place.start()
        return self.place.address

    def file(self, *, but: Collection[str] = ()) -> None:
        """Let the shops' programs file: about every blackmailer and gang, and about some of the ordinary requests.

        The shops of `but` leave it to their people.
        """
        for case in self.market.after_sales.values():
            if case.merchant in but:
                continue
            drawn = self.rng.random()
            kind = KINDS.get(case.story, ORDINARY if drawn < SHARE_OF_ORDINARY else "")
            if not kind:
                continue
            self._file(case, kind, name="first")
            self.say(f"{len(self.filed)} complaints filed")
            if len(self.filed) % TWICE == 1:  # the same order and kind is the same complaint
                before, twice = self.filed[-1], self._file(case, kind, name="second")
                self.told_twice += 1
                self.filed.pop()
                if (twice.claim, twice.status) != (before.claim, before.status):
                    raise AssertionError(f"{before} was filed twice: {twice}")

    def listed(self) -> dict[str, list[dict[str, Any]]]:
        """Return the complaints of each shop as the API lists them, page after page."""
        return {code: list(self._pages(code, "/api/v1/claims")) for code in self.programs}

    def close(self) -> None:
        """Let go of the connections."""
        self.live.stop()
        if self.place is not None:
            self.place.stop()
        for program in self.programs.values():
            program.close()

    def _events(self) -> Iterator[Event]:
        market, past = self.market, engine.Past(self.market)
        market.announce()
        for name, code, more in self.openings:
            stories.tell(market, name, merchant=code, more=more)
        yield from market.take_outbox()
        for day in range(1, self.days + 1):
            for _story in range(int(self.stories_a_day) + (self.rng.random() < self.stories_a_day % 1)):
                stories.tell(market, stories.choose(market, WEIGHTS) or "blackmailer")
            yield from market.take_outbox()
            yield from past.run(market.start + day * DAY)

    def _file(self, case: AfterSale, kind: str, *, name: str) -> Filed:
        said = {
            "order": case.order,
            "kind": kind,
            "amount": str(case.amount),
            "story": f"买家要求退款：{case.wording}",
            "happened_at": moment(case.opened_at),
        }
        key = f"replay-{self.market.tag}-{case.number}-{name}"
        draft = self._post(case.merchant, "/api/v1/claims", f"{key}-draft", said)
        answer = draft.json()
        if draft.status_code != 201:
            raise AssertionError(f"{case.merchant} {case.order}: {draft.status_code} {draft.text[:300]}")
        handed_in = self._post(case.merchant, f"/api/v1/claims/{answer['id']}/submit", f"{key}-submit", None)
        status = handed_in.json().get("status")
        if handed_in.status_code == 422:
            faults = [each["field"] for each in handed_in.json().get("errors", [])]
            status = LATE if faults == ["kind"] else f"refused: {faults}"
        row = Filed(case.merchant, case.order, kind, self._counted_from(case, kind), answer["id"], str(status))
        self.filed.append(row)
        return row

    def _counted_from(self, case: AfterSale, kind: str) -> datetime:
        """Return from when the time to file runs: from what happened, or from the order's latest after-sale."""
        if kind == KINDS["blackmailer"]:
            return case.opened_at
        of_order = (each for each in self.market.after_sales.values() if each.order == case.order)
        return max(each.opened_at for each in of_order)

    def _post(self, code: str, path: str, key: str, body: Any) -> httpx.Response:
        while True:
            answer = self.programs[code].post(path, json=body, headers={"Idempotency-Key": key})
            if answer.status_code != 429:
                return answer
            time.sleep(float(answer.headers.get("Retry-After", 1)))

    def _known(self) -> set[str]:
        return {
            f"{code}/{each['number']}" for code in self.programs for each in self._pages(code, "/api/v1/after-sales")
        }

    def _pages(self, code: str, path: str) -> Iterator[dict[str, Any]]:
        address: str | None = f"{path}?limit=200"
        while address:
            answer = self.programs[code].get(address)
            if answer.status_code == 429:
                time.sleep(float(answer.headers.get("Retry-After", 1)))
                continue
            page = answer.raise_for_status().json()
            yield from page["results"]
            address = page["next"]
