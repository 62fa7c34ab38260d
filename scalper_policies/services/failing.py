"""What a process answers while the database cannot be reached: only what it verified itself a moment ago."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation import crypto
from merchant_protection.foundation.errors import Refusal
from merchant_protection.foundation.transactions import transaction
from scalper_policies import policies
from scalper_policies.models import DegradedAnswer, OrderDecision
from scalper_policies.outside import spool
from scalper_policies.queries import deciding as queries
from scalper_policies.rules.asked import Asked
from scalper_policies.rules.policy import SEVERITY, Verdict
from scalper_policies.services import deciding

logger = logging.getLogger(__name__)
GOOD_FOR = timedelta(seconds=60)
LOOKED_AT_EVERY = timedelta(seconds=15)
MOST_SHOPS = 5_000
MOST_KEYS = 1_000


@dataclass(frozen=True)
class Shop:
    """A shop's failure answers by listing, as they were a moment ago; what is not named is allowed."""

    id: int
    code: str
    answers: dict[str, Verdict]
    at: datetime

    def answer(self, skus: list[str]) -> Verdict:
        """The harshest failure answer of the policies that are about these listings."""
        found = [self.answers.get(sku, Verdict.ALLOW) for sku in [*skus, ""]]
        return max(found, key=SEVERITY.__getitem__)


@dataclass
class Memory:
    """What this process verified: keys that may ask, and shops."""

    keys: dict[str, tuple[str, int | None, datetime]] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)


class Spooled(msgspec.Struct):
    """An answer that was given, and the question, to be looked at when the database is back."""

    shop: int
    verdict: str
    at: datetime
    asked: Asked


memory = Memory()
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Spooled)


def remember(*, presented: str, actor: Actor, decision: OrderDecision, code: str, at: datetime) -> None:
    """Note that this key may ask and what the shop answers when we fail; read anew every 15 seconds."""
    if policies.can_ask(actor) and presented:
        if len(memory.keys) > MOST_KEYS:
            memory.keys.clear()
        memory.keys[crypto.digest(presented)] = (actor.kind.value, actor.merchant_id, at)
    code = code or memory.codes.get(decision.merchant_id, "")
    known = memory.shops.get(code)
    if code and known is not None and at - known.at < LOOKED_AT_EVERY:
        return
    if len(memory.shops) > MOST_SHOPS:
        memory.shops.clear()
    code = code or queries.code_of(decision.merchant_id)
    memory.codes[decision.merchant_id] = code
    answers: dict[str, Verdict] = {}
    for sku, said in queries.failure_answers(decision.merchant_id, at=at):
        answers[sku] = max(answers.get(sku, Verdict.ALLOW), Verdict(said), key=SEVERITY.__getitem__)
    memory.shops[code] = Shop(id=decision.merchant_id, code=code, answers=answers, at=at)


def answer(*, presented: str, asked: Asked, at: datetime) -> dict[str, Any] | None:
    """Answer as the policies say for when we fail; nothing when key or shop were not verified in the last minute.

    What was answered is kept on disk, sealed, and looked at again when the database is back.
    """
    kind, own, verified_at = memory.keys.get(crypto.digest(presented), ("", None, None))
    if verified_at is None or at - verified_at > GOOD_FOR:
        return None
    code = asked.merchant or memory.codes.get(own or 0, "")
    shop = memory.shops.get(code)
    if shop is None or at - shop.at > GOOD_FOR or (kind == Kind.KEY and own != shop.id):
        return None
    verdict = shop.answer([line.sku for line in asked.lines])
    spooled = Spooled(shop.id, verdict.value, at, msgspec.structs.replace(asked, merchant=code))
    spool.append(folder(), crypto.seal(_encoder.encode(spooled).decode()))
    return {
        "decision_id": None,
        "number": asked.number,
        "verdict": verdict.value.lower(),
        "reasons": [],
        "score": 0,
        "policy_version": "",
        "expires_at": None,
        "pay_within_minutes": None,
        "overruled_until": None,
        "degraded": True,
    }


def reconcile(*, now: datetime) -> int:
    """Look at what was answered without the database: decide it now, count what was let pass, list the differences."""

    def look(line: str) -> None:
        spooled = _decoder.decode(crypto.unseal(line))
        _look(spooled, now=now)

    return spool.take_up(folder(), look)


def has_answers_to_look_at() -> bool:
    """Whether answers given without the database wait on this machine."""
    return not spool.is_empty(folder())


def folder() -> Path:
    """Where this machine keeps the answers it gave without the database."""
    return Path(settings.STATE_DIR) / "degraded"


def _look(spooled: Spooled, *, now: datetime) -> None:
    try:
        decision: OrderDecision | None = deciding.decide(
            asked=spooled.asked,
            actor=Actor.clock("scalper_policies.reconcile"),
            at=spooled.at,
            source=OrderDecision.Source.DEGRADED,
            told=Verdict(spooled.verdict),
        )
    except Refusal as refusal:
        logger.warning("Order of shop %s answered without the database: %s", spooled.shop, refusal.message)
        decision = None
    _list(spooled, decision, now=now)


@transaction
def _list(spooled: Spooled, decision: OrderDecision | None, *, now: datetime) -> None:
    DegradedAnswer.objects.bulk_create(
        [
            DegradedAnswer(
                merchant_id=spooled.shop,
                number=spooled.asked.number,
                verdict=spooled.verdict,
                answered_at=spooled.at,
                decision=decision,
                reconciled_at=now,
                differs=decision is None or decision.verdict != spooled.verdict,
            )
        ],
        ignore_conflicts=True,
    )
