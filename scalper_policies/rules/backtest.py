"""A policy tried on past orders, each seeing only what came before it."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from scalper_policies.rules import evaluate, windows
from scalper_policies.rules.orders import Label, OrderFacts
from scalper_policies.rules.policy import SEVERITY, TURN_STANDS, Limit, Policy, SaleMode, Verdict
from scalper_policies.rules.queue import Line
from scalper_policies.rules.windows import Reading

# One string for key and listing: a million pairs would be a million objects more to look after.
APART = "\x1f"
PROGRESS_EVERY = 10_000
STOPPED = frozenset(verdict for verdict in Verdict if SEVERITY[verdict] > SEVERITY[Verdict.VERIFY])


class Judged(NamedTuple):
    """A past order and what the policy would have answered."""

    order: OrderFacts
    decision: evaluate.Decision
    units: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a policy would have done to past orders.

    Ordinary are orders nobody labelled as a scalper's; stopped means held, sent to review or rejected.
    Precision and recall are about labelled orders alone and None where there are none.
    """

    reading: Reading
    orders: int
    in_scope: int
    verdicts: dict[Verdict, int]
    hits_by_rule: dict[str, int]
    overlap: dict[tuple[str, ...], int]
    units: int
    units_stopped: int
    units_kept_for_ordinary: int
    buyers: int
    buyers_hit: int
    ordinary_buyers: int
    ordinary_buyers_hurt: int
    labelled: int
    precision: float | None
    recall: float | None
    waited: int = 0
    longest_wait: int = 0  # in seconds


def is_stopped(decision: evaluate.Decision) -> bool:
    """Whether an answer holds or stops an order; one that only waits for its turn goes on by itself."""
    return decision.verdict in STOPPED and not decision.waits


def replay(policy: Policy, orders: Iterable[OrderFacts], reading: Reading = Reading.OBSERVED) -> Iterator[Judged]:
    """Answer past orders one after the other with the functions that answer live ones.

    Orders come in order of time, those of one instant in their order of arrival. Units come back at the
    moment an order ended, as each limit says; a place in the queue does not.
    """
    book = Book(policy)
    enforced = reading is Reading.ENFORCED
    last: datetime | None = None
    for order in orders:
        at = order.placed_at
        if last is not None and at < last:
            raise ValueError("orders must come in order of time")
        last = at
        if not evaluate.concerns(policy, order):
            yield Judged(order, evaluate.NOT_CONCERNED, 0)
            continue
        book.release(at)
        units = evaluate.units_by_listing(policy, order)
        entries = book.entries(order, units)
        decision = book.decide(order, entries)
        if not enforced or evaluate.reserves(decision):
            book.reserve(order, entries)
            decision = book.in_line(order, decision)
        yield Judged(order, decision, sum(units.values()))


# One count an order takes part in: the limit, where it is kept, for whom (and which listing), how many it adds.
Entry = tuple[Limit, windows.Count, str, int]


class Book:
    """The counts of every rule while orders pass by."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._only_counts = evaluate.only_counts(policy)
        self._rules = [(limit, limit.dimension, windows.count_for(limit.window)) for limit in policy.counted]
        self._line = Line(policy.queue_per_minute) if policy.mode is SaleMode.QUEUE else None
        self._ending: list[tuple[datetime, int, OrderFacts, list[Entry]]] = []
        self._arrived = 0

    def entries(self, order: OrderFacts, units: Mapping[str, int]) -> list[Entry]:
        """The counts this order takes part in, as `evaluate.needs` names them."""
        keys = order.keys
        found: list[Entry] = []
        for limit, dimension, count in self._rules:
            if key := keys.get(dimension):
                for sku, own in evaluate.own_shares(limit, units):
                    found.append((limit, count, f"{sku}{APART}{key}" if sku else key, own))
        return found

    def decide(self, order: OrderFacts, entries: list[Entry]) -> evaluate.Decision:
        """Answer an order; one that breaks nothing is known to pass before anything is explained."""
        at, policy = order.placed_at, self._policy
        breaks = windows.breaks
        if (
            not any([breaks(count.before(key, at) + own, limit.most) for limit, count, key, own in entries])
            and (self._only_counts or not evaluate.is_listed(policy, order))
            and (self._only_counts or not evaluate.uncounted_reasons(policy, order))
        ):
            return evaluate.PASSES
        needed = evaluate.needs(policy, order)
        held = (count.before(key, at) for _, count, key, _ in entries)
        counts = {need.slot: number for need, number in zip(needed, held, strict=True)}
        return evaluate.decide(policy, order, needed, counts)

    def reserve(self, order: OrderFacts, entries: list[Entry]) -> None:
        """Count an admitted order, and remember when its units come back."""
        at = order.placed_at
        for _, count, key, own in entries:
            count.add(key, at, own)
        if order.ended_at is not None and order.ending is not None:
            self._arrived += 1
            heapq.heappush(self._ending, (order.ended_at, self._arrived, order, entries))

    def in_line(self, order: OrderFacts, decision: evaluate.Decision) -> evaluate.Decision:
        """Give an order that may pass its place where the policy sells by a queue, and hold it until its turn."""
        if self._line is None or not evaluate.takes_place(self._policy, order, decision):
            return decision
        return evaluate.in_turn(self._policy, order, decision, self._line.take(order.placed_at))

    def release(self, at: datetime) -> None:
        """Give back the units of orders that have ended by now, once each."""
        while self._ending and self._ending[0][0] <= at:
            _, _, order, entries = heapq.heappop(self._ending)
            for limit, count, key, own in entries:
                if order.ending in limit.gives_back:
                    count.give_back(key, order.placed_at, own)


def backtest(
    policy: Policy,
    orders: Iterable[OrderFacts],
    reading: Reading = Reading.OBSERVED,
    *,
    on_hit: Callable[[Judged], None] | None = None,
    on_judged: Callable[[Judged], None] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Report:
    """Sum up what a policy would have done to past orders.

    `on_hit` receives every order that a rule spoke against, `on_judged` every order the policy is about.
    """
    tally = _Tally()
    for done, judged in enumerate(replay(policy, orders, reading), 1):
        if judged.decision.applies:
            tally.add(judged)
            if on_judged is not None:
                on_judged(judged)
            if judged.decision.is_hit and on_hit is not None:
                on_hit(judged)
        tally.orders = done
        if on_progress is not None and done % PROGRESS_EVERY == 0:
            on_progress(done)
    return tally.report(reading)


class _Tally:
    def __init__(self) -> None:
        self.orders = self.in_scope = self.units = self.units_stopped = self.units_kept = 0
        self.verdicts: Counter[Verdict] = Counter()
        self.rules: Counter[str] = Counter()
        self.overlap: Counter[tuple[str, ...]] = Counter()
        self.buyers: set[str] = set()
        self.buyers_hit: set[str] = set()
        self.ordinary: set[str] = set()
        self.hurt: set[str] = set()
        self.labelled: Counter[tuple[Label, bool]] = Counter()
        self.waits: list[int] = []

    def add(self, judged: Judged) -> None:
        order, decision, units = judged
        stopped = is_stopped(decision)
        account = order.account
        is_ordinary = order.label is not Label.SCALPER
        self.in_scope += 1
        self.units += units
        self.verdicts[decision.verdict] += 1
        if account:
            self.buyers.add(account)
            if is_ordinary:
                self.ordinary.add(account)
        if order.label is not Label.UNKNOWN:
            self.labelled[order.label, stopped] += 1
        if decision.waits and decision.hold is not None:
            self.waits.append(int((decision.hold - TURN_STANDS).total_seconds()))
        if decision.is_hit:
            rules = tuple(sorted({reason.rule for reason in decision.reasons if reason.rule != evaluate.QUEUE}))
            self.rules.update(rules)
            self.overlap[rules] += 1
            if account:
                self.buyers_hit.add(account)
        if stopped:
            self.units_stopped += units
            if is_ordinary and account:
                self.hurt.add(account)
        elif is_ordinary:
            self.units_kept += units

    def report(self, reading: Reading) -> Report:
        caught = self.labelled[Label.SCALPER, True]
        stopped = caught + self.labelled[Label.ORDINARY, True]
        scalpers = caught + self.labelled[Label.SCALPER, False]
        return Report(
            reading=reading,
            orders=self.orders,
            in_scope=self.in_scope,
            verdicts=dict(self.verdicts),
            hits_by_rule=dict(self.rules),
            overlap=dict(self.overlap),
            units=self.units,
            units_stopped=self.units_stopped,
            units_kept_for_ordinary=self.units_kept,
            buyers=len(self.buyers),
            buyers_hit=len(self.buyers_hit),
            ordinary_buyers=len(self.ordinary),
            ordinary_buyers_hurt=len(self.hurt),
            labelled=self.labelled.total(),
            precision=caught / stopped if stopped else None,
            recall=caught / scalpers if scalpers else None,
            waited=len(self.waits),
            longest_wait=max(self.waits, default=0),
        )


@dataclass(frozen=True, slots=True)
class Passed:
    """Orders that can break nothing, added up without being replayed.

    Buyers are those of all orders the policy is about, replayed ones too.
    """

    in_scope: int
    units: int
    buyers: int
    ordinary_buyers: int


def with_passed(report: Report, passed: Passed, *, orders: int) -> Report:
    """Add to what was replayed the orders that needed not be."""
    verdicts = Counter(report.verdicts) + Counter({Verdict.ALLOW: passed.in_scope})
    return replace(
        report,
        orders=orders,
        in_scope=report.in_scope + passed.in_scope,
        verdicts=dict(verdicts),
        units=report.units + passed.units,
        units_kept_for_ordinary=report.units_kept_for_ordinary + passed.units,
        buyers=passed.buyers,
        ordinary_buyers=passed.ordinary_buyers,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """How two versions, or shadow and live, answer the same orders."""

    same: int
    milder: int
    stricter: int
    by_verdict: dict[tuple[Verdict, Verdict], int]
    orders: tuple[tuple[str, Verdict, Verdict], ...]


def difference(before: Iterable[Judged], after: Iterable[Judged], *, list_at_most: int = 1_000) -> Difference:
    """Compare the answers of two policies to the same orders in the same order."""
    pairs: Counter[tuple[Verdict, Verdict]] = Counter()
    changed: list[tuple[str, Verdict, Verdict]] = []
    for old, new in zip(before, after, strict=True):
        if old.order.number != new.order.number:
            raise ValueError("both sides must answer the same orders")
        pair = (old.decision.verdict, new.decision.verdict)
        pairs[pair] += 1
        if pair[0] is not pair[1] and len(changed) < list_at_most:
            changed.append((old.order.number, *pair))
    return Difference(
        same=sum(number for (old, new), number in pairs.items() if old is new),
        milder=sum(number for (old, new), number in pairs.items() if SEVERITY[new] < SEVERITY[old]),
        stricter=sum(number for (old, new), number in pairs.items() if SEVERITY[new] > SEVERITY[old]),
        by_verdict=dict(pairs),
        orders=tuple(changed),
    )
