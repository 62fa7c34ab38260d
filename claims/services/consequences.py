"""What follows from every decision: remedies, the shop's own figures, the ledger of outcomes, a sample, a notice."""

from datetime import datetime
from decimal import Decimal

from claims import lifecycle
from claims.models import Claim, Decision, FastTrackVerdict, Filer, Sample
from claims.queries import desk
from claims.rules import fast_track, filers
from claims.services import remedies, sampling
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import AfterSale
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling
from merchant_protection.risk.services import outcomes

FEATURE = "claims"
FOR_MERCHANT = frozenset({lifecycle.UPHELD, lifecycle.PARTLY_UPHELD})


@transaction_required
def follow(claim: Claim, decision: Decision, *, before: Decision | None, at: datetime) -> None:
    """Bring about all that a decision means; `before` is the one it takes the place of."""
    remedies.follow(claim, decision, at=at)
    _measure_filer(claim, decision, before=before, at=at)
    _record_outcome(claim, decision, before=before, at=at)
    if before is None:
        _draw_sample(claim, decision, at=at)
    else:
        sampling.judge_fast_track_of(claim, at=at)
    telling.queue(
        merchant_id=claim.merchant_id,
        kind="claim.decided",
        at=at,
        params={"number": claim.number, "result": decision.result},
        path=f"/m/claims/{claim.pk}/",
        subject_id=claim.pk,
        urgency=Notice.Urgency.CRITICAL,
    )


def _measure_filer(claim: Claim, decision: Decision, *, before: Decision | None, at: datetime) -> None:
    filer, _ = Filer.objects.select_for_update().get_or_create(
        merchant_id=claim.merchant_id, defaults={"updated_at": at}
    )
    was = before is not None and before.result in FOR_MERCHANT
    now = decision.result in FOR_MERCHANT
    if before is not None:
        filer.upheld = max(filer.upheld - was, 0)
        filer.rejected = max(filer.rejected - (not was), 0)
        filer.overturned = max(filer.overturned + (was and not now) - (now and not was and filer.overturned > 0), 0)
    filer.upheld += now
    filer.rejected += not now
    measured = filers.measured(upheld=filer.upheld, rejected=filer.rejected, overturned=filer.overturned)
    filer.is_slowed, filer.updated_at = measured.is_slowed, at
    filer.save()


def _record_outcome(claim: Claim, decision: Decision, *, before: Decision | None, at: datetime) -> None:
    """Write what was spared or brought back, corrected by what an earlier decision had said."""
    change = decision.amount_upheld - (before.amount_upheld if before else Decimal(0))
    if not change:
        return
    is_unpaid = claim.after_sale is None or claim.after_sale.status in (AfterSale.Status.OPEN, AfterSale.Status.AGREED)
    outcomes.record(
        merchant_id=claim.merchant_id,
        feature=FEATURE,
        kind=claim.kind_code,
        subject_id=claim.number,
        currency=claim.currency,
        at=at,
        exposed=claim.amount if before is None else Decimal(0),
        prevented=change if is_unpaid else Decimal(0),
        recovered=Decimal(0) if is_unpaid else change,
    )


def _draw_sample(claim: Claim, decision: Decision, *, at: datetime) -> None:
    verdict = FastTrackVerdict.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk, is_upheld=True).first()
    origin = Sample.Origin.FAST_TRACK if verdict is not None else Sample.Origin.RANDOM
    share = desk.limits().sampled
    drawn = verdict.is_sampled if verdict is not None else fast_track.is_sampled(claim.number, version=0, share=share)
    if drawn:
        Sample.objects.create(
            merchant_id=claim.merchant_id,
            claim=claim,
            decision=decision,
            origin=origin,
            drawn_at=at,
            first_reviewer_id=decision.decided_by_id,
        )
