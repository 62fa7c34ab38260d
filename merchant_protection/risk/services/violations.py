"""Violations and their penalty points: told by the marketplace, withdrawn by it, relieved by what a policy says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from merchant_protection.risk import policies, queries
from merchant_protection.risk.models import Relief, Violation
from merchant_protection.risk.models.violations import MOST_POINTS


@dataclass(frozen=True)
class Terms:
    """What a policy allows: so many points at a time, so many since a moment, of one kind of violation or of any."""

    policy: str
    points: int
    most: int
    since: datetime
    kind: str = ""


@transaction
def record(
    *,
    actor: Actor,
    merchant_id: int,
    reference: str,
    kind: str,
    reason: str,
    points: int,
    happened_at: datetime,
    at: datetime,
    ends_at: datetime | None = None,
) -> Violation:
    """Note that a shop broke a rule, and tell it; the same reference again is the same violation."""
    require(policies.can_record_violations(actor))
    facts = {"kind": kind, "reason": reason.strip(), "points": points, "happened_at": happened_at, "ends_at": ends_at}
    _check(actor, merchant_id, reference=reference.strip(), facts=facts, at=at)
    violation, is_new = Violation.objects.get_or_create(
        merchant_id=merchant_id,
        reference=reference.strip(),
        defaults={**facts, "recorded_at": at, "recorded_by": actor.name[:200]},
    )
    if not is_new:
        if any(getattr(violation, name) != value for name, value in facts.items()):
            raise Conflict(_("Another violation has this reference."))
        return violation
    _audit(violation, "violation.recorded", actor=actor, at=at, reason=violation.reason)
    telling.queue(
        merchant_id=merchant_id,
        kind="violation.recorded",
        at=at,
        params={"points": points, "reason": violation.reason},
        path="/m/violations/",
        subject_id=violation.pk,
    )
    return violation


@transaction
def withdraw(*, actor: Actor, violation_id: int, reason: str, at: datetime) -> Violation:
    """Take a violation back, with all its points."""
    violation = queries.lock_violation(violation_id)
    require(policies.can_record_violations(actor))
    if violation.withdrawn_at is not None:
        raise Conflict(_("It was withdrawn already."))
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why.")]})
    violation.withdrawn_at, violation.withdrawn_note = at, reason.strip()[:200]
    violation.save(update_fields=["withdrawn_at", "withdrawn_note"])
    _audit(violation, "violation.withdrawn", actor=actor, at=at, reason=violation.withdrawn_note)
    return violation


@transaction_required
def relieve(*, merchant_id: int, terms: Terms, subject: str, params: dict[str, Any], at: datetime) -> int:
    """Take off what a policy allows of a shop's points, the oldest first; return how many.

    The shop's violations are locked first, so that two who earn the relief at once do not take off more than the
    policy allows; for one subject it is taken off once.
    """
    open_ones = queries.lock_points(merchant_id, kind=terms.kind, at=at)
    if queries.was_relieved_for(merchant_id, policy=terms.policy, subject=subject):
        return 0
    used = queries.points_relieved_by(merchant_id, policy=terms.policy, since=terms.since)
    allowed = left = max(0, min(terms.points, terms.most - used))
    for violation in open_ones:
        taken = min(left, violation.left)
        if taken:
            violation.relieved += taken
            violation.save(update_fields=["relieved"])
            Relief.objects.create(
                merchant_id=merchant_id,
                violation=violation,
                points=taken,
                policy=terms.policy,
                subject=subject,
                params=params,
                at=at,
            )
            left -= taken
    return allowed - left


def _check(actor: Actor, merchant_id: int, *, reference: str, facts: dict[str, Any], at: datetime) -> None:
    faults: dict[str, list[str]] = {}
    if not accounts.merchants_visible_to(actor).filter(pk=merchant_id).exists():
        faults["merchant"] = [_("Say which shop it is about.")]
    if not reference or len(reference) > 80:
        faults["reference"] = [_("Give it a reference of at most 80 letters.")]
    if facts["kind"] not in Violation.Kind.values:
        faults["kind"] = [_("There is no such kind.")]
    if not facts["reason"] or len(facts["reason"]) > 300:
        faults["reason"] = [_("Say what the shop did, in at most 300 letters.")]
    if not 1 <= facts["points"] <= MOST_POINTS:
        faults["points"] = [_("Between 1 and 100 points.")]
    if facts["happened_at"] > at:
        faults["happened_at"] = [_("This moment is yet to come.")]
    if facts["ends_at"] is not None and facts["ends_at"] <= facts["happened_at"]:
        faults["ends_at"] = [_("Points end after what they are for.")]
    if faults:
        raise Invalid(fields=faults)


def _audit(violation: Violation, action: str, *, actor: Actor, at: datetime, reason: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=violation.merchant_id,
        subject_kind="violation",
        subject_id=violation.pk,
        after={"reference": violation.reference, "points": violation.points},
        reason=reason,
    )
