"""Warnings: raised by features, answered by merchants, never just gone."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling
from merchant_protection.risk import policies, queries
from merchant_protection.risk.lifecycle import UNANSWERED, WARNING_MOVES
from merchant_protection.risk.models import Label, Warning, WarningMove
from merchant_protection.risk.services import teaching

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 500
FEATURE = "risk_warnings"
UNSHIPPED = ("PLACED", "PAID")
LEVELS = (Warning.Level.LOW, Warning.Level.MEDIUM, Warning.Level.HIGH)


@dataclass(frozen=True)
class Sighting:
    """What a feature saw: the kind, about what, how bad, why, until when it matters.

    `dedupe_key` names the thing it is about: while a warning of the kind about it is
    unanswered, seeing it again renews that one. `facts` are plain values, never
    personal data or another merchant's names.
    """

    merchant_id: int
    kind: str
    level: str
    source: str
    dedupe_key: str
    order_id: int | None = None
    buyer_id: int | None = None
    cluster_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    amount: Decimal | None = None
    currency: str = ""
    expires_at: datetime | None = None


@transaction_required
def warn(sighting: Sighting, *, actor: Actor, at: datetime) -> Warning:
    """Warn the shop, or bring the unanswered warning about the same thing up to date; its level never falls."""
    require(policies.can_raise(actor))
    known = queries.open_twin(merchant_id=sighting.merchant_id, kind=sighting.kind, dedupe_key=sighting.dedupe_key)
    if known is not None:
        return _renew(known, sighting)
    warning, is_new = Warning.objects.get_or_create(
        merchant_id=sighting.merchant_id,
        kind=sighting.kind,
        dedupe_key=sighting.dedupe_key,
        status__in=UNANSWERED,
        defaults={**_told(sighting), "level": sighting.level, "source": sighting.source, "raised_at": at},
    )
    if not is_new:
        return _renew(warning, sighting)
    _write(warning, "raise", actor=actor, at=at)
    if warning.level == Warning.Level.HIGH:
        telling.queue(
            merchant_id=warning.merchant_id,
            kind="warning.raised",
            at=at,
            params={"kind": warning.kind, "level": warning.level},
            path=f"/m/warnings/?view=high&kind={warning.kind}",
            subject_id=warning.pk,
            urgency=Notice.Urgency.CRITICAL,
            dedupe_key=f"{warning.kind}-{at:%Y-%m-%d-%H}",  # a ring of thirty accounts is one mail, not thirty
        )
    return warning


@transaction_required
def end(
    *, merchant_id: int, source: str, dedupe_keys: Collection[str], why: str, actor: Actor, at: datetime
) -> list[Warning]:
    """End the unanswered warnings about these things, because they shipped or are over; the shop is told of each."""
    require(policies.can_raise(actor))
    ended = queries.lock_unanswered_about(merchant_id=merchant_id, source=source, dedupe_keys=dedupe_keys)
    for warning in ended:
        _end(warning, actor=actor, at=at, why=why)
    return ended


@transaction
def acknowledge(*, actor: Actor, warning_id: int, at: datetime) -> Warning:
    """Say that somebody has seen the warning; it stays to be answered."""
    return _answer("acknowledge", actor=actor, warning_id=warning_id, at=at)


@transaction
def reopen(*, actor: Actor, warning_id: int, at: datetime) -> Warning:
    """Take an acknowledgement back."""
    return _answer("reopen", actor=actor, warning_id=warning_id, at=at)


@transaction
def mark_normal(
    *, actor: Actor, warning_id: int, at: datetime, note: str = "", snooze_until: datetime | None = None
) -> Warning:
    """Say that there is nothing wrong (已核实正常): the order is labelled, and the kind is silent about the buyer."""
    warning = _answer("mark_normal", actor=actor, warning_id=warning_id, at=at, note=note)
    teaching.label_warned(warning, Label.Value.ORDINARY, actor=actor, at=at)
    if snooze_until is not None:
        teaching.snooze(warning, until=snooze_until, note=note, actor=actor, at=at)
    return warning


@transaction
def report(*, actor: Actor, warning_id: int, at: datetime, note: str = "") -> Warning:
    """Say that a claim was filed about it (举报); the order is labelled."""
    warning = _answer("report", actor=actor, warning_id=warning_id, at=at, note=note)
    teaching.label_warned(warning, Label.Value.SUSPECT, actor=actor, at=at)
    return warning


@transaction
def hold_shipment(*, actor: Actor, warning_id: int, at: datetime) -> PlatformAction:
    """Keep the order from being shipped while somebody looks; a person asks, and a person can undo it."""
    return _ask("hold_shipment", actor=actor, warning_id=warning_id, at=at)


@transaction
def release_shipment(*, actor: Actor, warning_id: int, at: datetime) -> PlatformAction:
    """Let the order be shipped after all."""
    return _ask("release_shipment", actor=actor, warning_id=warning_id, at=at)


def _ask(verb: str, *, actor: Actor, warning_id: int, at: datetime) -> PlatformAction:
    warning = queries.lock(warning_id)
    require(policies.can_answer(actor, warning.merchant_id))
    if warning.order is None or warning.order.status not in UNSHIPPED:
        raise Conflict(_("The order is no longer waiting to be shipped."))
    wish = Wish(
        merchant_id=warning.merchant_id,
        verb=verb,
        ref=warning.order.number,
        feature=FEATURE,
        rule=warning.kind,
        cause=f"warning-{warning.pk}",
        reason=gettext_noop("Risk warning"),
    )
    action = actions.person_wants(wish, actor=actor, at=at)
    _write(warning, verb, actor=actor, at=at, note=str(action.pk))
    return action


def expire_due(*, now: datetime) -> int:
    """End the warnings whose clock ran out, and tell the shop of each; return how many.

    Safe to run at any time and by several workers at once: each warning is
    looked at again under its own lock, in its own transaction.
    """
    ended = 0
    for warning_id in queries.expired(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            ended += _expire(warning_id=warning_id, now=now)
        except Exception:
            logger.exception("Could not end warning %s", warning_id)
    return ended


@transaction
def _expire(*, warning_id: int, now: datetime) -> bool:
    warning = queries.lock(warning_id)
    if warning.status not in UNANSWERED or warning.expires_at is None or warning.expires_at > now:
        return False
    _end(warning, actor=Actor.clock("risk.expire_due"), at=now)
    return True


def _end(warning: Warning, *, actor: Actor, at: datetime, why: str = "") -> None:
    _move(warning, "expire", actor=actor, at=at, note=why)
    telling.queue(
        merchant_id=warning.merchant_id,
        kind="warning.expired",
        at=at,
        params={"kind": warning.kind, "why": why},
        path=f"/m/warnings/?view=all&kind={warning.kind}",
        subject_id=warning.pk,
        dedupe_key=f"{warning.kind}-{why}-{at:%Y-%m-%d-%H}",
    )


def _answer(name: str, *, actor: Actor, warning_id: int, at: datetime, note: str = "") -> Warning:
    warning = queries.lock(warning_id)
    require(policies.can_answer(actor, warning.merchant_id))
    _move(warning, name, actor=actor, at=at, note=note)
    return warning


@transaction_required
def _move(warning: Warning, name: str, *, actor: Actor, at: datetime, note: str = "") -> None:
    warning.status = target_of(WARNING_MOVES, name, warning.status)
    is_answered = warning.status not in UNANSWERED
    warning.answered_at = at if is_answered else None
    warning.answered_by = actor.name[:200] if is_answered else ""
    warning.answer_note = note
    warning.save(update_fields=["status", "answered_at", "answered_by", "answer_note"])
    _write(warning, name, actor=actor, at=at, note=note)


def _write(warning: Warning, name: str, *, actor: Actor, at: datetime, note: str = "") -> None:
    WarningMove.objects.create(
        merchant_id=warning.merchant_id,
        warning=warning,
        move=name,
        status=warning.status,
        at=at,
        actor_name=actor.name[:200],
        note=note,
    )


def _renew(warning: Warning, sighting: Sighting) -> Warning:
    worse = max(warning.level, sighting.level, key=[level.value for level in LEVELS].index)
    for name, value in {**_told(sighting), "level": worse}.items():
        setattr(warning, name, value)
    warning.save(update_fields=[*_told(sighting), "level"])
    return warning


def _told(sighting: Sighting) -> dict[str, Any]:
    return {
        "order_id": sighting.order_id,
        "buyer_id": sighting.buyer_id,
        "cluster_id": sighting.cluster_id,
        "facts": dict(sighting.facts),
        "amount": sighting.amount,
        "currency": sighting.currency,
        "expires_at": sighting.expires_at,
    }
