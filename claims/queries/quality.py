"""Every read of samples, gold cases and filers."""

from collections.abc import Iterable

from django.db.models import QuerySet

from claims.models import Filer, GoldCase, Sample
from claims.rules import agreement, filers
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound


def lock_sample(sample_id: int) -> Sample:
    """Return a sample, locked."""
    tenancy.require_scope()
    samples = Sample.objects.select_for_update(of=("self",)).select_related("claim", "decision")
    sample = samples.filter(pk=sample_id).first()
    if sample is None:
        raise NotFound
    return sample


def gold(gold_id: int) -> GoldCase:
    """Return a gold case."""
    tenancy.require_scope()
    found = GoldCase.objects.select_related("claim").filter(pk=gold_id).first()
    if found is None:
        raise NotFound
    return found


def samples_for(user_id: int) -> QuerySet[Sample]:
    """Return the samples that wait for a second look by somebody who is not the first."""
    tenancy.require_scope()
    waiting = Sample.objects.filter(answered_at__isnull=True).exclude(first_reviewer_id=user_id)
    return waiting.select_related("claim__kind", "claim__order").order_by("drawn_at", "pk")


def answered_samples() -> QuerySet[Sample]:
    """Return the samples that were looked at a second time, newest first."""
    tenancy.require_scope()
    done = Sample.objects.filter(answered_at__isnull=False)
    return done.select_related("claim", "decision", "first_reviewer", "second_reviewer").order_by("-answered_at")


def kappa(samples: Iterable[Sample]) -> agreement.Agreement:
    """Return how far first and second reviews agree beyond chance."""
    return agreement.agreement((sample.decision.result, sample.answer) for sample in samples)


def filer_of(merchant_id: int) -> filers.Filer:
    """Return how truthfully a shop files, as it is shown to it."""
    row = Filer.objects.filter(merchant_id=merchant_id).first()
    if row is None:
        return filers.measured(upheld=0, rejected=0, overturned=0)
    return filers.measured(upheld=row.upheld, rejected=row.rejected, overturned=row.overturned)
