"""What happens to a complaint the moment it is filed: its queue, its clocks, and perhaps an answer at once."""

from datetime import datetime, timedelta

from claims import lifecycle
from claims.models import Claim, Decision, FastTrack, FastTrackVerdict, Filer, Queue
from claims.queries import clocks as clock_queries
from claims.queries import desk, fast_tracking, routes
from claims.queries.remedies import possible
from claims.rules import fast_track, routing, service_levels
from claims.services import clocks, deciding, moving, writing
from claims.services.writing import Verdict
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction_required

FLOOD = timedelta(hours=1)
FAST_TRACK = Actor.clock("claims.fast_track")


@transaction_required
def submit(claim: Claim, *, actor: Actor, at: datetime) -> None:
    """Hand a locked draft to the desk; in a flood its clocks start later, so that all answers can be kept."""
    filer, _ = Filer.objects.get_or_create(merchant_id=claim.merchant_id, defaults={"updated_at": at})
    position = desk.filed_since(claim.merchant_id, at - FLOOD)
    claim.tier = filer.tier
    found = routes.found_for(claim)
    claim.queue, claim.priority = Queue.objects.get(code=found.queue), found.priority
    moving.move(
        claim,
        "submit",
        actor=actor,
        at=at,
        submitted_at=at,
        opened_at=_starts(claim, position=position, at=at),
        routed_by=found.rule or "",
        skills=sorted(found.skills),
    )
    moving.give_reason(claim, routing.Why.NEW_CLAIM, at=at)
    Filer.objects.filter(pk=filer.pk).update(last_filed_at=at, updated_at=at)
    clocks.refresh(claim, at=at)
    _try_fast_track(claim, filer, at=at)


@transaction_required
def _try_fast_track(claim: Claim, filer: Filer, *, at: datetime) -> None:
    """Uphold at once what was warned of and is complete; in shadow mode only note what would have been."""
    row = fast_tracking.current()
    if row is None or row.mode == FastTrack.Mode.OFF:
        return
    with tenancy.platform():  # what a buyer did in other shops counts, though this shop never reads it
        needs_second = deciding.needs_second_person(claim)
    verdict = fast_track.judge(
        fast_tracking.as_rule(row),
        fast_track.Facts(
            claim=claim.number,
            kind=claim.kind_code,
            amount=claim.amount,
            filed_at=at,
            is_complete=claim.is_complete,
            second_approval_amount=desk.limits().second_approval_amount,
            warnings=fast_tracking.warnings_of(claim),
            buyer_has_many_orders=needs_second,
            merchant_is_slowed=filer.is_slowed,
        ),
    )
    is_upheld = verdict.outcome is fast_track.Outcome.UPHOLD
    FastTrackVerdict.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        terms=row,
        is_upheld=is_upheld,
        would_uphold=verdict.would_uphold,
        is_sampled=verdict.is_sampled,
        reasons=[{"code": reason.code} for reason in verdict.reasons],
        at=at,
    )
    if is_upheld:
        wanted = [kind for kind in claim.desired_remedies if kind in possible(claim)]
        answer = Verdict(lifecycle.UPHELD, ["WARNED_BEFORE"], remedies=wanted)
        writing.close(claim, answer, "fast_track", stage=Decision.Stage.FAST_TRACK, actor=FAST_TRACK, at=at)


def _starts(claim: Claim, *, position: int, at: datetime) -> datetime:
    """Return when its clocks start: now, or later the more the shop has filed within the hour."""
    limits, policy = desk.limits(), clock_queries.policy_for(claim)
    if policy is None or position < limits.bulk_at_once:
        return at
    return service_levels.staggered_start(
        clock_queries.calendar_of(policy.calendar),
        at,
        position=position,
        at_once=limits.bulk_at_once,
        spacing=limits.bulk_spacing,
    )


@transaction_required
def stop(claim: Claim, *, at: datetime) -> None:
    """Stop the clocks of a complaint that the merchant took back."""
    clocks.refresh(claim, at=at)
