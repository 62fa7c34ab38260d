"""Mis-hit appeals (误伤申诉): answered by a person within their clock; upheld, they release and teach."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Invalid, NotFound, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Buyer, Order
from merchant_protection.marketplace.queries import orders
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions
from merchant_protection.notices.services import telling, webhooks
from merchant_protection.risk import policies, queries, wording
from merchant_protection.risk.lifecycle import APPEAL_MOVES, IN_FORCE
from merchant_protection.risk.models import Appeal, Label
from merchant_protection.risk.services import restricting, teaching

logger = logging.getLogger(__name__)
ANSWERED_WITHIN = timedelta(hours=8)
SWEEP_LIMIT = 500


@dataclass(frozen=True)
class Complaint:
    """What is appealed against: an order, a buyer, or the decision on an order the shop never got to see."""

    merchant_id: int
    reference: str
    words: str
    order_number: str = ""
    buyer_ref: str = ""
    decision_id: str = ""


@transaction
def appeal(complaint: Complaint, *, actor: Actor, at: datetime) -> Appeal:
    """Say that the wrong buyer was hit; the same reference again is the same appeal."""
    require(policies.can_appeal(actor, complaint.merchant_id))
    _require_sound(complaint)
    if (known := queries.appeal_of(complaint.merchant_id, complaint.reference)) is not None:
        return known
    order, buyer = _order_of(complaint, actor), _buyer_of(complaint, actor)
    buyer = buyer or (order.buyer if order else None)
    restriction = queries.restriction_in_force(complaint.merchant_id, buyer.pk) if buyer else None
    by_platform = policies.speaks_for_buyers(actor)
    made, is_new = Appeal.objects.get_or_create(
        merchant_id=complaint.merchant_id,
        reference=complaint.reference,
        defaults={
            "source": Appeal.Source.PLATFORM if by_platform else Appeal.Source.MERCHANT,
            "order": order,
            "order_number": complaint.order_number,
            "buyer": buyer,
            "restriction": restriction,
            "decision_id": complaint.decision_id,
            "words": complaint.words,
            "opened_at": at,
            "opened_by": actor.name[:200],
            "due_at": at + ANSWERED_WITHIN,
        },
    )
    if is_new:
        told = {"reference": complaint.reference, "order": complaint.order_number, "decision": complaint.decision_id}
        audit.record(
            actor=actor,
            action="appeal.opened",
            at=at,
            merchant_id=complaint.merchant_id,
            subject_kind="appeal",
            subject_id=made.pk,
            after=told,
        )
        _publish(made, "appeal.opened", at=at)
    return made


@transaction
def uphold(*, appeal_id: int, actor: Actor, at: datetime, note: str, snooze_days: int = 0) -> Appeal:
    """Find that the wrong buyer was hit: what is held is released, the order is labelled, warnings can be silenced."""
    found = queries.lock_appeal(appeal_id)
    require(policies.can_review(actor))
    _answer(found, "uphold", actor=actor, at=at, note=note)
    _release(found, actor=actor, at=at, note=note)
    if found.order_id is not None:
        teaching.label(
            merchant_id=found.merchant_id,
            order_id=found.order_id,
            value=Label.Value.ORDINARY,
            source="appeal",
            actor=actor,
            at=at,
        )
    if snooze_days and found.buyer_id is not None:
        teaching.snooze_all(
            merchant_id=found.merchant_id,
            buyer_id=found.buyer_id,
            kinds=wording.KINDS,
            until=at + timedelta(days=snooze_days),
            actor=actor,
            at=at,
        )
    return found


@transaction
def dismiss(*, appeal_id: int, actor: Actor, at: datetime, note: str) -> Appeal:
    """Find that what was decided stands."""
    found = queries.lock_appeal(appeal_id)
    require(policies.can_review(actor))
    _answer(found, "dismiss", actor=actor, at=at, note=note)
    return found


def tell_overdue(*, now: datetime) -> int:
    """Tell the shop of each appeal that nobody answered in time, once; return how many."""
    told = 0
    for appeal_id in queries.appeals_overdue(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            told += _tell_overdue(appeal_id=appeal_id, now=now)
        except Exception:
            logger.exception("Could not tell of appeal %s", appeal_id)
    return told


@transaction
def _tell_overdue(*, appeal_id: int, now: datetime) -> bool:
    found = queries.lock_appeal(appeal_id)
    if found.status != Appeal.Status.OPEN or found.overdue_told_at is not None or found.due_at > now:
        return False
    found.overdue_told_at = now
    found.save(update_fields=["overdue_told_at"])
    _tell(found, "appeal.overdue", at=now)
    return True


def _answer(found: Appeal, name: str, *, actor: Actor, at: datetime, note: str) -> None:
    if not note.strip():
        raise Invalid(fields={"note": [_("Say why: the buyer and the shop read it.")]})
    found.status = target_of(APPEAL_MOVES, name, found.status)
    found.answered_at, found.answered_by, found.answer_note = at, actor.name[:200], note
    found.save(update_fields=["status", "answered_at", "answered_by", "answer_note"])
    _tell(found, "appeal.answered", at=at)
    _publish(found, "appeal.answered", at=at)
    audit.record(
        actor=actor,
        action=f"appeal.{name}",
        at=at,
        merchant_id=found.merchant_id,
        subject_kind="appeal",
        subject_id=found.pk,
        after={"status": found.status},
        reason=note,
    )


def _release(found: Appeal, *, actor: Actor, at: datetime, note: str) -> None:
    restriction = queries.lock_restriction(found.restriction_id) if found.restriction_id else None
    if restriction is not None and restriction.status in IN_FORCE:
        restricting.lift_inside(restriction, actor=actor, at=at, note=note)
    number = found.order.number if found.order else ""
    for verb in queries.releases_of(found.merchant_id, number):
        wish = Wish(
            merchant_id=found.merchant_id,
            verb=verb,
            ref=number,
            feature="mis_hit_appeals",
            cause=f"appeal-{found.pk}",
            reason=gettext_noop("Mis-hit appeal upheld"),
        )
        actions.person_wants(wish, actor=actor, at=at)


def _tell(found: Appeal, kind: str, *, at: datetime) -> None:
    telling.queue(
        merchant_id=found.merchant_id,
        kind=kind,
        at=at,
        params={"reference": found.reference, "status": found.status},
        path=f"/m/appeals/{found.pk}/",
        subject_id=found.pk,
    )


def _publish(found: Appeal, kind: str, *, at: datetime) -> None:
    """Promise the shop's own systems the news of an appeal, once for each step."""
    webhooks.promise(
        merchant_id=found.merchant_id,
        kind=kind,
        at=at,
        subject_id=found.pk,
        params={
            "reference": found.reference,
            "order": found.order_number,
            "status": found.status,
            "source": found.source,
            "due_at": found.due_at.isoformat(),
        },
        dedupe_key=f"{found.pk}",
    )


def _require_sound(complaint: Complaint) -> None:
    faults: dict[str, list[str]] = {}
    if not complaint.reference.strip():
        faults["reference"] = [_("Number the appeal.")]
    if not complaint.words.strip():
        faults["words"] = [_("Say what is wrong.")]
    if not (complaint.order_number or complaint.buyer_ref or complaint.decision_id):
        faults["order_number"] = [_("Name the order, the buyer or the decision.")]
    if faults:
        raise Invalid(fields=faults)


def _order_of(complaint: Complaint, actor: Actor) -> Order | None:
    if not complaint.order_number:
        return None
    mine = orders.visible_to(actor).filter(merchant_id=complaint.merchant_id)
    return mine.filter(number=complaint.order_number).first()


def _buyer_of(complaint: Complaint, actor: Actor) -> Buyer | None:
    if not complaint.buyer_ref:
        return None
    found = orders.buyers_visible_to(actor).filter(merchant_id=complaint.merchant_id, ref=complaint.buyer_ref).first()
    if found is None:
        raise NotFound
    return found
