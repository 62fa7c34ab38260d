"""A quarter at the review desk: the simulator's arrivals as they came, with shops, reviewers and clocks at work.

Time is passed in: each step tells what happened since the last one, lets shops file and answer, lets reviewers
take and decide within the desk's hours, and lets every sweep run. Nothing sleeps and nothing reads a clock.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from benchmarks.simulator import engine, stories
from benchmarks.simulator.market import Event, Market
from benchmarks.simulator.settings import Merchant, Settings
from claims import lifecycle
from claims.models import Claim, Recognition
from claims.services import (
    appealing,
    breaching,
    conversing,
    deciding,
    drafting,
    filing,
    folding,
    recognising,
    remedies,
    taking,
)
from claims.services.writing import Verdict
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.business_time import Calendar, is_open
from merchant_protection.foundation.errors import Refusal
from merchant_protection.marketplace.models import AfterSale, InboundSource, PlatformAction
from merchant_protection.marketplace.rules import event_reading
from merchant_protection.marketplace.services import changes, ingest
from merchant_protection.marketplace.services import deciding as inbox
from merchant_protection.marketplace.services.tying import tie_after_sales

STEP, MINUTE, DAY = timedelta(hours=3), timedelta(minutes=1), timedelta(days=1)
WEIGHTS = {"blackmailer": 3.0, "refund_gang": 1.5}
STORY = "买家收货后不肯退货，只要退款，还说不给就差评。"
UPHELD = Verdict("UPHELD", ["DEMAND_PROVEN"], note="聊天记录完整，索要事实清楚。", remedies=["EXEMPT_ORDER"])
REJECTED = Verdict("REJECTED", ["EVIDENCE_TOO_THIN"], note="聊天记录不完整，看不出索要。")
BUYERS_VOICE = Actor(kind="PLATFORM", name="the platform", scopes=frozenset({"claims:write"}))
SWEEPS: tuple[Callable[..., int], ...] = (
    taking.release_run_out,
    conversing.expire_due,
    breaching.breach_overdue,
    breaching.fire_escalations,
    appealing.finalise_due,
    remedies.carry_out_due,
    recognising.end_pauses,
    folding.fold_lanes,
)


@dataclass
class Quarter:
    """So many days of a marketplace, its shops by their codes, and the people of the desk."""

    start: datetime
    days: int
    source: InboundSource
    shops: Mapping[str, Actor]
    people: Sequence[Actor]
    calendar: Calendar
    orders_a_day: float = 6
    stories_a_day: float = 1.5
    cases_a_step: int = 4
    seed: int = 20261124
    told: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        merchants = tuple(Merchant(code, code, "household", self.orders_a_day) for code in self.shops)
        self.market = Market(Settings(merchants=merchants, buyers=200, stories=WEIGHTS), start=self.start)
        self.past = engine.Past(self.market)
        self.at = self.start
        self.seen: set[int] = set()

    def run(self) -> None:
        """Let the days pass, then let everything that was filed come to its end."""
        self.market.announce()
        end = self.start + self.days * DAY
        while self.at < end:
            self._step(min(self.at + STEP, end), is_arriving=True)
        while self._open() and self.at < end + 400 * DAY:
            self._step(self.at + (STEP if self._unanswered() else DAY), is_arriving=False)

    def _open(self) -> bool:
        return Claim.objects.exclude(status__in=[*lifecycle.OVER, lifecycle.DRAFT]).exists()

    def _unanswered(self) -> bool:
        return Claim.objects.filter(status__in=lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL).exists()

    def _step(self, until: datetime, *, is_arriving: bool) -> None:
        if is_arriving:
            for _story in range(self._drawn(self.stories_a_day * (until - self.at) / DAY)):
                stories.tell(self.market, stories.choose(self.market, WEIGHTS) or "blackmailer")
            self._tell([*self.market.take_outbox(), *self.past.run(until)])
        self.at = until
        if is_arriving:
            self._shops_file()
        self._shops_answer()
        if is_open(self.calendar, self.at):
            for person in self.people:
                self._works(person)
        for sweep in SWEEPS:
            sweep(now=self.at)
        # The platform does what it is asked.
        PlatformAction.objects.filter(status="AUTHORISED").update(status="CONFIRMED", due_at=None)

    def _tell(self, events: Sequence[Event]) -> None:
        """Let the portal take in and decide what the platform told, and look at what changed."""
        for first in range(0, len(events), 500):
            body = [event.body() for event in events[first : first + 500]]
            items, _single = event_reading.split(json.dumps(body).encode(), is_lines=False)
            receipts = ingest.accept(source=self.source, items=event_reading.read(items), at=self.at)
            self.told.update(receipt.status for receipt in receipts)
            while inbox.decide_due(now=self.at):
                pass
        tie_after_sales(now=self.at)
        look = partial(recognising.look, at=self.at)
        while changes.work_off(recognising.CONSUMER, look, now=self.at):
            pass

    def _shops_file(self) -> None:
        """Most of what the system drafted is filed, and now and then a shop complains by itself."""
        for claim in Claim.objects.filter(status=lifecycle.DRAFT).order_by("pk"):
            drawn = self.rng.random()
            if drawn < 0.5:
                self._file(claim)
            elif drawn > 0.97:
                self._try(filing.withdraw, claim, actor=self._shop(claim))
        recognised = Recognition.objects.filter(draft__isnull=False).values_list("after_sale_id", flat=True)
        fresh = AfterSale.objects.exclude(pk__in=self.seen).order_by("pk")
        for case in fresh.exclude(order=None).exclude(pk__in=recognised):
            self.seen.add(case.pk)
            if self.rng.random() < 0.25:
                owner = next(actor for actor in self.shops.values() if case.merchant_id in actor.merchant_roles)
                self._file(filing.draft_from_after_sale(after_sale_id=case.pk, actor=owner, at=self.at))

    def _file(self, claim: Claim) -> None:
        owner = self._shop(claim)
        if claim.status != lifecycle.DRAFT:
            return
        said: dict[str, Any] = {"story": claim.story or STORY, "amount": claim.amount or Decimal(30)}
        if self._try(drafting.say, claim, actor=owner, **said):
            self._try(filing.submit, claim, actor=owner)

    def _shops_answer(self) -> None:
        for claim in Claim.objects.filter(status=lifecycle.AWAITING_EVIDENCE).order_by("pk"):
            if self.rng.random() < 0.05:
                self._try(conversing.receive_evidence, claim, actor=self._shop(claim), body="已补充。")
        for claim in Claim.objects.filter(status__in=lifecycle.DECIDED).order_by("pk"):
            drawn = self.rng.random()
            if claim.status == lifecycle.REJECTED and drawn < 0.01:
                words = {"ground": "FACTS_WRONG", "text": "请再看一遍完整的聊天记录。"}
                self._try(appealing.appeal, claim, actor=self._shop(claim), **words)
            elif claim.status == lifecycle.UPHELD and drawn > 0.998:
                words = {"ground": "FACTS_WRONG", "text": "我没有威胁商家。"}
                self._try(appealing.appeal_for_buyer, claim, actor=BUYERS_VOICE, **words)

    def _works(self, person: Actor) -> None:
        """Take a few cases one after the other; now and then somebody walks away from one."""
        for turn in range(self.cases_a_step):
            at = self.at + turn * 10 * MINUTE
            try:
                claim = taking.take_next(actor=person, at=at)
            except Refusal as refusal:
                self.refused[f"take: {refusal.message}"] += 1
                return
            if claim is None:
                return
            self._handle(claim, person, at=at + 8 * MINUTE)

    def _handle(self, claim: Claim, person: Actor, *, at: datetime) -> None:
        drawn = self.rng.random()
        if claim.status == lifecycle.HELD:
            self._try(deciding.approve, claim, actor=person, at=at)
        elif drawn < 0.05:
            return  # the lease runs out
        elif drawn < 0.08:
            self._try(taking.put_back, claim, actor=person, at=at, reason="先处理更急的。")
        elif drawn < 0.25 and claim.status == lifecycle.IN_REVIEW:
            self._try(
                conversing.ask_for_evidence, claim, actor=person, at=at, body="请补充完整聊天记录。", asks_for=["CHAT"]
            )
        else:
            self._try(deciding.decide, claim, actor=person, at=at, verdict=UPHELD if drawn < 0.7 else REJECTED)

    def _shop(self, claim: Claim) -> Actor:
        return next(actor for actor in self.shops.values() if claim.merchant_id in actor.merchant_roles)

    def _try(self, command: Callable[..., Any], claim: Claim, *, at: datetime | None = None, **given: Any) -> bool:
        try:
            command(claim_id=claim.pk, at=at or self.at, **given)
        except Refusal as refusal:
            self.refused[f"{command.__name__}: {refusal.message or getattr(refusal, 'fields', '')}"] += 1
            return False
        return True

    def _drawn(self, mean: float) -> int:
        """A whole number with this mean."""
        return int(mean) + (self.rng.random() < mean % 1)
