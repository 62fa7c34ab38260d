"""Restricting a buyer in one shop: at once, reviewed within a day, undone on appeal."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.queries import orders
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions
from merchant_protection.notices.services import telling
from merchant_protection.risk import policies, queries
from merchant_protection.risk.lifecycle import IN_FORCE, RESTRICTION_MOVES, RestrictionStatus
from merchant_protection.risk.models import Restriction, RestrictionMove

logger = logging.getLogger(__name__)
FEATURE = "risk_restrictions"
REVIEWED_WITHIN = timedelta(hours=24)
LONGEST = 180  # days
PAYMENT_MINUTES = (5, 60)
SWEEP_LIMIT = 500


@transaction
def restrict(
    *,
    merchant_id: int,
    buyer_id: int,
    limits: Sequence[str],
    reason: str,
    days: int,
    actor: Actor,
    at: datetime,
    payment_minutes: int | None = None,
    warning_id: int | None = None,
) -> Restriction:
    """Let a buyer do less in this shop for some days: the platform is asked at once, staff review it within a day."""
    require(policies.can_restrict(actor, merchant_id))
    buyer = orders.buyers_visible_to(actor).filter(merchant_id=merchant_id, pk=buyer_id).first()
    if buyer is None:
        raise NotFound
    _require_sound(limits, reason=reason, days=days, payment_minutes=payment_minutes)
    if queries.restriction_in_force(merchant_id, buyer_id) is not None:
        raise Conflict(_("This buyer is restricted already."))
    about = queries.find(warning_id).pk if warning_id is not None else None
    restriction = Restriction.objects.create(
        merchant_id=merchant_id,
        buyer=buyer,
        warning_id=about,
        limits=sorted(set(limits)),
        payment_minutes=payment_minutes if Restriction.Limit.SHORT_PAYMENT in limits else None,
        reason=reason,
        made_at=at,
        made_by=actor.name[:200],
        review_due_at=at + REVIEWED_WITHIN,
        ends_at=at + timedelta(days=days),
    )
    _note(restriction, "restrict", actor=actor, at=at, note=reason)
    wish = _wish(restriction, "restrict_buyer", value={"restricted": told_to_platform(restriction)})
    actions.person_wants(wish, actor=actor, at=at)
    _record(restriction, "buyer.restricted", actor=actor, at=at)
    return restriction


@transaction
def confirm(*, restriction_id: int, actor: Actor, at: datetime, note: str = "") -> Restriction:
    """Say, as a reviewer, that the restriction stands."""
    restriction = queries.lock_restriction(restriction_id)
    require(policies.can_review(actor))
    _move(restriction, "confirm", actor=actor, at=at, note=note, reviewed_at=at, reviewed_by=actor.name[:200])
    return restriction


@transaction
def reject(*, restriction_id: int, actor: Actor, at: datetime, note: str) -> Restriction:
    """Say, as a reviewer, that the restriction does not stand: the buyer is let go, and the shop is told why."""
    restriction = queries.lock_restriction(restriction_id)
    require(policies.can_review(actor))
    _move(restriction, "reject", actor=actor, at=at, note=note, reviewed_at=at, reviewed_by=actor.name[:200])
    let_go(restriction, actor=actor, at=at)
    _tell(restriction, "REJECTED", at=at)
    return restriction


@transaction
def lift(*, restriction_id: int, actor: Actor, at: datetime, note: str = "") -> Restriction:
    """Let the buyer go."""
    restriction = queries.lock_restriction(restriction_id)
    require(policies.can_restrict(actor, restriction.merchant_id))
    return lift_inside(restriction, actor=actor, at=at, note=note)


@transaction_required
def lift_inside(restriction: Restriction, *, actor: Actor, at: datetime, note: str) -> Restriction:
    """Let the buyer go, inside the command of another decision (an appeal)."""
    _move(restriction, "lift", actor=actor, at=at, note=note)
    let_go(restriction, actor=actor, at=at)
    return restriction


def lapse_due(*, now: datetime) -> int:
    """End the restrictions whose time is over or that nobody reviewed in time, and tell the shop; return how many.

    Safe to run at any time and by several at once: each is looked at again under its own lock.
    """
    ended = 0
    for restriction_id in queries.restrictions_over(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            ended += _lapse(restriction_id=restriction_id, now=now)
        except Exception:
            logger.exception("Could not end restriction %s", restriction_id)
    return ended


def told_to_platform(restriction: Restriction) -> list[str]:
    """Return the limits as the platform takes them: SHORT_PAYMENT:15 means 15 minutes to pay."""
    short, minutes = Restriction.Limit.SHORT_PAYMENT, restriction.payment_minutes
    return [f"{limit}:{minutes}" if limit == short else str(limit) for limit in restriction.limits]


@transaction
def _lapse(*, restriction_id: int, now: datetime) -> bool:
    restriction = queries.lock_restriction(restriction_id)
    is_over = restriction.ends_at <= now
    is_unreviewed = restriction.status == RestrictionStatus.IN_REVIEW and restriction.review_due_at <= now
    if restriction.status not in IN_FORCE or not (is_over or is_unreviewed):
        return False
    clock = Actor.clock("risk.lapse_due")
    why = "OVER" if is_over else "UNREVIEWED"
    _move(restriction, "lapse", actor=clock, at=now, note=why)
    let_go(restriction, actor=clock, at=now)
    _tell(restriction, why, at=now)
    return True


@transaction_required
def let_go(restriction: Restriction, *, actor: Actor, at: datetime) -> None:
    """Ask the platform to let the buyer order as before."""
    actions.person_wants(_wish(restriction, "allow_buyer"), actor=actor, at=at)
    _record(restriction, "buyer.let_go", actor=actor, at=at)


def _require_sound(limits: Sequence[str], *, reason: str, days: int, payment_minutes: int | None) -> None:
    faults: dict[str, list[str]] = {}
    if not limits or not set(limits) <= set(Restriction.Limit.values):
        faults["limits"] = [_("Choose what the buyer may not do.")]
    low, high = PAYMENT_MINUTES
    if Restriction.Limit.SHORT_PAYMENT in limits and not low <= (payment_minutes or 0) <= high:
        faults["payment_minutes"] = [_("Give %(low)s to %(high)s minutes to pay.") % {"low": low, "high": high}]
    if not reason.strip():
        faults["reason"] = [_("Say why, for the buyer and the reviewer.")]
    if not 1 <= days <= LONGEST:
        faults["days"] = [_("Choose 1 to %(most)s days.") % {"most": LONGEST}]
    if faults:
        raise Invalid(fields=faults)


def _wish(restriction: Restriction, verb: str, *, value: Any = None) -> Wish:
    return Wish(
        merchant_id=restriction.merchant_id,
        verb=verb,
        ref=restriction.buyer.ref,
        value=value,
        feature=FEATURE,
        cause=f"restriction-{restriction.pk}",
        reason=restriction.reason[:300],
    )


def _move(restriction: Restriction, name: str, *, actor: Actor, at: datetime, note: str, **fields: Any) -> None:
    restriction.status = target_of(RESTRICTION_MOVES, name, restriction.status)
    if restriction.status not in IN_FORCE:
        fields |= {"ended_at": at, "ended_by": actor.name[:200]}
    for field, value in {**fields, "note": note}.items():
        setattr(restriction, field, value)
    restriction.save(update_fields=["status", "note", *fields])
    _note(restriction, name, actor=actor, at=at, note=note)


def _note(restriction: Restriction, name: str, *, actor: Actor, at: datetime, note: str) -> None:
    RestrictionMove.objects.create(
        merchant_id=restriction.merchant_id,
        restriction=restriction,
        move=name,
        status=restriction.status,
        at=at,
        actor_name=actor.name[:200],
        note=note,
    )


def _tell(restriction: Restriction, why: str, *, at: datetime) -> None:
    telling.queue(
        merchant_id=restriction.merchant_id,
        kind="restriction.ended",
        at=at,
        params={"why": why, "note": restriction.note if why == "REJECTED" else ""},
        path=f"/m/buyers/{restriction.buyer_id}/",
        subject_id=restriction.pk,
    )


def _record(restriction: Restriction, action: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=restriction.merchant_id,
        subject_kind="restriction",
        subject_id=restriction.pk,
        after={"status": restriction.status, "limits": restriction.limits},
        reason=restriction.reason,
    )
