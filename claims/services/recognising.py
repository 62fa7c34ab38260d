"""The system recognises malicious requests: it warns, pauses the refund for a while, and drafts the complaint."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from claims.models import DeskSettings, Recognition, WordingMark
from claims.queries import desk
from claims.queries import recognising as queries
from claims.rules import recognition as rules
from claims.rules import wording_marks
from claims.services import filing
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import upserts
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.models import AfterSale, Change, Order, PlatformAction
from merchant_protection.marketplace.rules.wishes import Mode, Wish
from merchant_protection.marketplace.services.actions import asking
from merchant_protection.risk import queries as risk
from merchant_protection.risk.models import Warning
from merchant_protection.risk.services import warnings
from merchant_protection.risk.services.warnings import Sighting

logger = logging.getLogger(__name__)
CONSUMER = "claims_recognition"
SOURCE = "claims"
KIND = "MALICIOUS_AFTER_SALE"
RULE = "refund_pause"
ACTOR = Actor.clock("claims.recognising")
WARNED_FOR = timedelta(days=7)
WARNING_LEVELS = {rules.Level.MEDIUM: Warning.Level.MEDIUM, rules.Level.HIGH: Warning.Level.HIGH}
SWEEP_LIMIT = 200


@transaction_required
def look(owed: Sequence[Change], *, at: datetime) -> int:
    """Look at after-sale requests that changed; return how many looked malicious.

    A request is scored anew each time it changes; the warning about it is renewed, the refund paused once.
    """
    limits, settings = desk.limits(), queries.settings()
    found = queries.requests(change.subject_id for change in owed)
    return sum(_look_at(request, settings, limits, at=at) for request in found)


def end_pauses(*, now: datetime) -> int:
    """Let refunds go on whose pause is over and about which no complaint is open; return how many.

    Safe to run at any time and by several workers at once: each is looked at
    again under its own lock, in its own transaction.
    """
    ended = 0
    for recognition_id in queries.pauses_over(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            ended += _end_pause(recognition_id=recognition_id, now=now)
        except Exception:
            logger.exception("Could not end the pause of request %s", recognition_id)
            Recognition.objects.filter(pk=recognition_id).update(pause_ends_at=now + timedelta(minutes=10))
    return ended


@transaction_required
def _look_at(request: AfterSale, settings: rules.Settings, limits: DeskSettings, *, at: datetime) -> bool:
    facts = queries.facts_of(request, at=at)
    score = rules.score(facts, settings)
    _remember_words(request, at=at)
    row = queries.recognition_of(request) or Recognition(merchant_id=request.merchant_id, after_sale=request)
    row.points, row.level, row.at, row.version = score.points, score.level, at, request.version
    row.reasons = [_plain(reason) for reason in score.reasons]
    if score.level in WARNING_LEVELS:
        row.warning = _warn(request, score, at=at)
    if score.level is rules.Level.HIGH:
        if row.pause is None:
            _pause(row, request, limits, at=at)
        if row.draft is None and request.order is not None:
            row.draft = _draft(request.order, request, score, at=at)
    row.save()
    return score.level in WARNING_LEVELS


def _warn(request: AfterSale, score: rules.Score, *, at: datetime) -> Warning | None:
    """Warn the shop, unless it was warned of this very request already."""
    key = f"after-sale-{request.pk}"
    if risk.open_twin(merchant_id=request.merchant_id, kind="EXTORTION", dedupe_key=key) is not None:
        return None
    sighting = Sighting(
        merchant_id=request.merchant_id,
        kind=KIND,
        level=WARNING_LEVELS[score.level],
        source=SOURCE,
        dedupe_key=key,
        order_id=request.order_id,
        buyer_id=request.buyer_id,
        facts={
            "after_sale": request.number,
            "points": score.points,
            "signals": len(score.reasons),
            "codes": [reason.code for reason in score.reasons],
            "limits": {},
        },
        amount=request.amount,
        currency=request.currency,
        expires_at=at + WARNED_FOR,
    )
    return warnings.warn(sighting, actor=ACTOR, at=at)


def _pause(row: Recognition, request: AfterSale, limits: DeskSettings, *, at: datetime) -> None:
    if limits.refund_pause == DeskSettings.Pause.OFF:
        return
    until = at + timedelta(hours=limits.refund_pause_hours)
    wish = Wish(
        merchant_id=request.merchant_id,
        verb="stop_refund",
        ref=request.number,
        feature="claims",
        rule=RULE,
        cause=request.number,
        reason=f"{row.points} points",
        expires_at=until,
    )
    row.pause = asking.ask(wish, mode=Mode(limits.refund_pause), actor=ACTOR, at=at)
    row.pause_ends_at = until


def _draft(order: Order, request: AfterSale, score: rules.Score, *, at: datetime) -> Any:
    """Prepare the complaint, so that the shop only has to add evidence and send it."""
    codes = {reason.code for reason in score.reasons}
    refund_only = request.kind == AfterSale.Kind.REFUND_ONLY
    code = "MALICIOUS_REFUND_ONLY" if refund_only else "FALSE_QUALITY_CLAIM"
    if "DEMAND_PHRASE" in codes:
        code = "EXTORTION"
    try:
        return filing.begin(
            order,
            filing.kind_of(code),
            actor=ACTOR,
            at=at,
            amount=request.amount,
            after_sale=request,
            happened_at=request.opened_at,
            source="SYSTEM",
            risk="HIGH",
            language="zh-hans",
        )
    except filing.AlreadyDecided:
        return None


@transaction
def _end_pause(*, recognition_id: int, now: datetime) -> bool:
    row = queries.lock(recognition_id)
    if row is None or row.pause_ends_at is None or row.pause_ends_at > now:
        return False
    if queries.stands_before_desk(row.after_sale):
        row.pause_ends_at = now + timedelta(hours=desk.limits().refund_pause_hours)
        row.save(update_fields=["pause_ends_at"])
        return False
    row.pause_ends_at = None
    row.save(update_fields=["pause_ends_at"])
    if not _was_paused(row.pause):
        return False
    wish = Wish(
        merchant_id=row.merchant_id,
        verb="allow_refund",
        ref=row.after_sale.number,
        feature="claims",
        rule=RULE,
        cause=row.after_sale.number,
        reason="the pause is over",
    )
    asking.ask(wish, mode=Mode.AUTO, actor=ACTOR, at=now)
    return True


def _was_paused(action: PlatformAction | None) -> bool:
    return action is not None and action.status in ("AUTHORISED", "UNKNOWN", "CONFIRMED")


def _remember_words(request: AfterSale, *, at: datetime) -> None:
    rows = [
        {
            "merchant_id": request.merchant_id,
            "after_sale_id": request.pk,
            "place": place,
            "mark": mark,
            "at": at,
        }
        for place, mark in enumerate(wording_marks.marks(request.wording))
    ]
    upserts.upsert(WordingMark, rows, key=("merchant_id", "after_sale_id", "place"), update=("mark", "at"))


def _plain(reason: Any) -> dict[str, Any]:
    """Keep a reason without naming other orders: those of other shops are nobody else's business."""
    facts = {
        name: len(value) if name == "orders" else (list(value) if isinstance(value, tuple) else str(value))
        for name, value in reason.facts.items()
    }
    return {"code": reason.code, "points": reason.points, "facts": facts}
