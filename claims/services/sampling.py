"""Decisions are looked at again: blind, by somebody else, and on cases whose right answer is known."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, Decision, FastTrack, FastTrackVerdict, GoldAnswer, GoldCase, Sample
from claims.queries import claims as claim_queries
from claims.queries import fast_tracking
from claims.queries import quality as queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required


@transaction
def answer(*, sample_id: int, actor: Actor, at: datetime, result: str, note: str = "") -> Sample:
    """Decide a sampled case a second time without having seen the first answer (盲审); the decision stands."""
    sample = queries.lock_sample(sample_id)
    require(policies.can_review(actor) and actor.id != sample.first_reviewer_id)
    if sample.answered_at is not None:
        raise Conflict(_("Somebody has answered this sample already."))
    if result not in Decision.Result.values:
        raise Invalid(fields={"result": [_("Choose a result.")]})
    sample.second_reviewer_id = actor.id
    sample.answer, sample.note, sample.answered_at = result, note.strip(), at
    sample.save(update_fields=["second_reviewer", "answer", "note", "answered_at"])
    audit.record(
        actor=actor,
        action="sample.answered",
        at=at,
        merchant_id=sample.merchant_id,
        subject_kind="sample",
        subject_id=sample.pk,
        after={"result": result},
    )
    if sample.origin == Sample.Origin.FAST_TRACK:
        judge_fast_track_of(sample.claim, at=at)
    return sample


@transaction
def add_gold(*, claim_id: int, actor: Actor, at: datetime, result: str, note: str = "") -> GoldCase:
    """Put a decided case among those whose right answer the desk has agreed on."""
    claim = claim_queries.lock(claim_id)
    require(policies.can_lead(actor))
    if claim.status not in lifecycle.DECIDED | {lifecycle.FINAL} or result not in Decision.Result.values:
        raise Conflict(_("Only a decided case can become a gold case."))
    gold, _created = GoldCase.objects.update_or_create(
        merchant_id=claim.merchant_id,
        claim=claim,
        defaults={
            "answer": result,
            "note": note.strip(),
            "added_at": at,
            "added_by_id": actor.id,
            "added_by_name": actor.name[:200],
        },
    )
    audit.record(
        actor=actor,
        action="gold.added",
        at=at,
        merchant_id=claim.merchant_id,
        subject_kind="claim",
        subject_id=claim.pk,
        after={"answer": result},
    )
    return gold


@transaction
def answer_gold(*, gold_id: int, actor: Actor, at: datetime, result: str, note: str = "") -> GoldAnswer:
    """Answer a case whose right answer is known, once; the note is kept for who leads."""
    gold = queries.gold(gold_id)
    require(policies.can_review(actor) and actor.id not in (*gold.claim.deciders, gold.added_by_id))
    if gold.answers.filter(reviewer_id=actor.id).exists():
        raise Conflict(_("You have answered this case already."))
    if result not in Decision.Result.values:
        raise Invalid(fields={"result": [_("Choose a result.")]})
    return GoldAnswer.objects.create(
        merchant_id=gold.merchant_id,
        gold=gold,
        reviewer_id=actor.id,
        answer=result,
        is_right=result == gold.answer,
        note=note.strip(),
        at=at,
    )


@transaction
def publish_fast_track(*, actor: Actor, at: datetime, **terms: object) -> FastTrack:
    """Put a new version of the fast track in force; the old ones stay to be read."""
    require(policies.can_configure(actor))
    old = FastTrack.objects.select_for_update().filter(is_current=True).first()
    newest = FastTrack.objects.order_by("-version").first()
    names = ("mode", "clear", "levels", "amount_up_to", "sampled", "overturned_up_to", "fewest_decided")
    facts = {name: getattr(newest, name) for name in names} if newest else {}
    if old is not None:
        old.is_current = False
        old.save(update_fields=["is_current"])
    fresh = FastTrack.objects.create(
        **(facts | terms), version=newest.version + 1 if newest else 1, created_at=at, created_by_id=actor.id
    )
    audit.record(
        actor=actor,
        action="fast_track.published",
        at=at,
        subject_kind="fast_track",
        subject_id=fresh.version,
        before={"mode": old.mode if old else None},
        after={"mode": fresh.mode, "amount_up_to": str(fresh.amount_up_to)},
    )
    return fresh


@transaction_required
def judge_fast_track_of(claim: Claim, *, at: datetime) -> None:
    """Stop the fast track by itself when too much of what it upheld turns out wrong."""
    verdict = FastTrackVerdict.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk, is_upheld=True).first()
    if verdict is None:
        return
    terms = FastTrack.objects.select_for_update().get(pk=verdict.terms_id)
    if terms.mode != FastTrack.Mode.LIVE or not fast_tracking.standing(terms).must_stop:
        return
    terms.mode, terms.stopped_at = FastTrack.Mode.OFF, at
    terms.save(update_fields=["mode", "stopped_at"])
    audit.record(
        actor=Actor.clock("claims.fast_track"),
        action="fast_track.stopped",
        at=at,
        subject_kind="fast_track",
        subject_id=terms.version,
        after={"mode": terms.mode},
        reason="too many overturned",
    )
