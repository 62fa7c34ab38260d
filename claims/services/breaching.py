"""What the clocks bring about: warnings and rungs of the escalation, each once, and the answer to a missed target."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, QuerySet

from claims import lifecycle, policies
from claims.models import Claim, Clock, Decision, DeskSettings, Escalation, Reviewer
from claims.queries import claims, desk, hearing, remedies
from claims.queries import clocks as queries
from claims.rules import breaches
from claims.rules.sla import OnBreach, Target
from claims.services import deciding, moving, writing
from claims.services.writing import MOVES, UPHELD, Verdict
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 500
SEEN_AT_ONCE = 200
ACTOR = Actor.clock("claims.breach_overdue")
LATER = timedelta(minutes=5)


def breach_overdue(*, now: datetime) -> int:
    """Answer for the targets that were missed; return how many.

    Safe to run at any time and by several workers at once: each case is
    looked at again under its own lock, in its own transaction, so one that
    fails is logged and holds up no other. It costs what is due, not what is open.
    """
    breached = 0
    for clock_id, claim_id in queries.breached(now).values_list("pk", "claim_id")[:SWEEP_LIMIT]:
        try:
            breached += _breach(clock_id=clock_id, claim_id=claim_id, now=now)
        except Exception:
            logger.exception("Could not answer for clock %s", clock_id)
            _postpone(clock_id=clock_id, claim_id=claim_id)
    return breached


def fire_escalations(*, now: datetime) -> int:
    """Tell who should hear that a target comes near or has passed; each warning and each rung fires once."""
    fired = 0
    for escalation_id, claim_id in queries.escalations_due(now).values_list("pk", "claim_id")[:SWEEP_LIMIT]:
        try:
            fired += _fire(escalation_id=escalation_id, claim_id=claim_id, now=now)
        except Exception:
            logger.exception("Could not fire escalation %s", escalation_id)
            Escalation.objects.filter(pk=escalation_id, fired_at__isnull=True).update(due_at=now + LATER)
    return fired


@transaction
def _breach(*, clock_id: int, claim_id: int, now: datetime) -> bool:
    claim = claims.lock(claim_id)
    clock = Clock.objects.get(merchant_id=claim.merchant_id, pk=clock_id)
    if clock.stopped_at is not None or clock.breached_at is not None or clock.due_at >= now:
        return False
    allowance, limits = _allowance(clock, now=now)
    overdue = breaches.Overdue(
        target=Target(clock.target),
        on_breach=OnBreach(clock.on_breach),
        amount=claim.amount,
        is_complete=claim.is_complete,
        is_undecided=claim.status in (lifecycle.SUBMITTED, lifecycle.IN_REVIEW),
        awaits_second_approval=_awaits_second(claim, clock, limits),
    )
    answer = breaches.answer_to(overdue, allowance)
    clock.breached_at = now
    clock.breach_answer = {"action": answer.action, "reasons": [reason.code for reason in answer.reasons]}
    clock.save(update_fields=["breached_at", "breach_answer"])
    moving.change(claim, at=now, is_overdue=True)
    if answer.action is OnBreach.AUTO_UPHOLD:
        _uphold(claim, at=now)
    elif answer.action is OnBreach.NOTIFY:
        telling.queue(
            merchant_id=claim.merchant_id,
            kind="claim.late",
            at=now,
            params={"number": claim.number},
            path=f"/m/claims/{claim.pk}/",
            subject_id=claim.pk,
        )
    return True


@transaction_required
def _uphold(claim: Claim, *, at: datetime) -> None:
    """Decide for the merchant because nobody decided in time; never the other way round."""
    wanted = [kind for kind in claim.desired_remedies if kind in remedies.possible(claim)]
    verdict = Verdict(UPHELD, ["DEADLINE_PASSED"], remedies=wanted)
    writing.close(claim, verdict, f"{MOVES[UPHELD]}_overdue", stage=Decision.Stage.OVERDUE, actor=ACTOR, at=at)


def _awaits_second(claim: Claim, clock: Clock, limits: DeskSettings | None) -> bool:
    if clock.on_breach != Clock.OnBreach.AUTO_UPHOLD or limits is None:
        return False
    return claim.status == lifecycle.HELD or deciding.needs_second_person(claim)


def _allowance(clock: Clock, *, now: datetime) -> tuple[breaches.Allowance, DeskSettings | None]:
    """Return what the clock may uphold by itself; the limits are locked, so that two sweeps share one budget."""
    if clock.on_breach != Clock.OnBreach.AUTO_UPHOLD:
        return breaches.Allowance(), None
    limits = DeskSettings.objects.select_for_update().get(pk=desk.limits().pk)
    used = Decision.objects.filter(stage=Decision.Stage.OVERDUE, at__gt=now - timedelta(days=1)).count()
    return breaches.Allowance(
        switched_on=limits.auto_uphold_on,
        left_today=limits.auto_uphold_a_day - used,
        second_approval_amount=Decimal(limits.second_approval_amount),
    ), limits


@transaction
def _fire(*, escalation_id: int, claim_id: int, now: datetime) -> bool:
    claim = claims.lock(claim_id)
    row = Escalation.objects.select_related("clock").get(merchant_id=claim.merchant_id, pk=escalation_id)
    if row.fired_at is not None or row.due_at > now or row.clock.stopped_at is not None:
        return False
    row.fired_at = now
    row.told_id = _who_hears(claim, row.audience)
    row.save(update_fields=["fired_at", "told"])
    return True


def _who_hears(claim: Claim, audience: str) -> int | None:
    """Return whom a rung is for; nobody in particular means that the whole lead sees it."""
    if audience == Escalation.Audience.OWNER:
        return claim.reviewer_id
    owner = Reviewer.objects.filter(user_id=claim.reviewer_id).values_list("lead_id", flat=True).first()
    if audience == Escalation.Audience.LEAD or owner is None:
        return owner
    return Reviewer.objects.filter(user_id=owner).values_list("lead_id", flat=True).first()


@transaction
def _postpone(*, clock_id: int, claim_id: int) -> None:
    """Look again later: a row that keeps failing moves away, so that it cannot starve the rest."""
    claim = claims.lock(claim_id)
    Clock.objects.filter(merchant_id=claim.merchant_id, pk=clock_id).update(due_at=F("due_at") + LATER)


@transaction
def see(*, claim_id: int, actor: Actor, at: datetime) -> int:
    """Note that somebody has seen what the clocks told them about a case."""
    claim = claims.lock(claim_id)
    told = hearing.unseen_by(actor.id or 0, is_lead=hears(actor))
    return _note_seen(told.filter(merchant_id=claim.merchant_id, claim_id=claim.pk), actor=actor, at=at)


@transaction
def see_told(*, escalation_ids: Iterable[int], actor: Actor, at: datetime) -> int:
    """Note that a lead has seen some of what the clocks told; what was told to another stays unseen."""
    require(hears(actor))
    told = hearing.unseen_by(actor.id or 0, is_lead=True)
    return _note_seen(told.filter(pk__in=list(escalation_ids)[:SEEN_AT_ONCE]), actor=actor, at=at)


def hears(actor: Actor) -> bool:
    """Whether escalations are for somebody: who leads a team, a senior reviewer or operations."""
    return actor.id is not None and policies.can_hear(actor, leads=hearing.leads(actor.id))


@transaction_required
def _note_seen(told: QuerySet[Escalation], *, actor: Actor, at: datetime) -> int:
    """What was told to nobody in particular is from now on told to who saw it first."""
    rows = told.select_for_update(of=("self",)).order_by("pk")
    seen = list(rows.values_list("pk", flat=True))
    return Escalation.objects.filter(pk__in=seen).update(told_id=actor.id, seen_at=at)
