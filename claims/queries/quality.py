"""Every read of samples, gold cases and filers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from claims import lifecycle
from claims.models import Appeal, Claim, Filer, GoldAnswer, GoldCase, ReviewLease, Sample
from claims.rules import agreement, filers
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import StaffRole
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound

SETTLED = sorted(lifecycle.DECIDED | {lifecycle.FINAL})
REVIEWING = (StaffRole.REVIEWER, StaffRole.SENIOR_REVIEWER)


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


@dataclass(frozen=True)
class Waiting:
    """A case that waits to be looked at again; whether it was drawn or is a gold case, the reviewer is not told."""

    claim: Claim
    since: datetime
    sample: Sample | None = None
    gold: GoldCase | None = None


@dataclass(frozen=True)
class Tried:
    """How one reviewer answered the gold cases."""

    name: str
    agreement: agreement.Agreement


def waiting_for(user_id: int, *, at_most: int = 50) -> list[Waiting]:
    """Return what somebody may look at again, the oldest first: drawn samples and gold cases among each other."""
    drawn = [Waiting(each.claim, each.drawn_at, sample=each) for each in samples_for(user_id)[:at_most]]
    known = {each.claim.pk for each in drawn}
    gold_cases = [Waiting(each.claim, each.added_at, gold=each) for each in gold_for(user_id)[:at_most]]
    rows = [*drawn, *(each for each in gold_cases if each.claim.pk not in known)]
    return sorted(rows, key=lambda each: (each.since, each.claim.pk))[:at_most]


def waits_for(user_id: int, claim_id: int) -> Waiting | None:
    """Return one case that somebody may look at again."""
    sample = samples_for(user_id).filter(claim_id=claim_id).first()
    if sample is not None:
        return Waiting(sample.claim, sample.drawn_at, sample=sample)
    known = gold_for(user_id).filter(claim_id=claim_id).first()
    return Waiting(known.claim, known.added_at, gold=known) if known else None


def gold_for(user_id: int) -> QuerySet[GoldCase]:
    """Return the gold cases that somebody has not answered and had no part in, neither in hand nor deciding."""
    tenancy.require_scope()
    answered = GoldAnswer.objects.filter(gold_id=OuterRef("pk"), reviewer_id=user_id)
    rows = GoldCase.objects.filter(~Exists(answered), _had_no_part(user_id)).exclude(added_by_id=user_id)
    return rows.select_related("claim__kind", "claim__order").order_by("added_at", "pk")


def gold_cases(*, shown_to: int | None) -> QuerySet[GoldCase]:
    """Return the gold cases, newest first, with how many answered each and how many rightly.

    Those that a reviewer is still to be tried on stay untold to that reviewer, who may lead others.
    """
    tenancy.require_scope()
    right = Count("answers", filter=Q(answers__is_right=True))
    rows = GoldCase.objects.select_related("claim__kind").annotate(answered=Count("answers"), right=right)
    return _told(rows, shown_to).order_by("-added_at", "-pk")


def gold_agreement() -> list[Tried]:
    """Return for each reviewer how far the answers to gold cases agree with the right ones, worst first."""
    tenancy.require_scope()
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    answers = GoldAnswer.objects.select_related("gold", "reviewer").order_by("pk")
    for each in answers:
        pairs[str(each.reviewer)].append((each.gold.answer, each.answer))
    rows = [Tried(name, agreement.agreement(given)) for name, given in pairs.items()]
    return sorted(rows, key=lambda row: (row.agreement.observed, row.name))


def gold_answers(*, shown_to: int) -> QuerySet[GoldAnswer]:
    """Return what reviewers answered to gold cases, newest first; not of those somebody is still to be tried on."""
    tenancy.require_scope()
    told = _told(GoldCase.objects.all(), shown_to).order_by().values("pk")
    rows = GoldAnswer.objects.filter(gold_id__in=told).select_related("gold__claim", "reviewer")
    return rows.order_by("-at", "-pk")


def gold_of(claim: Claim, *, shown_to: int | None) -> GoldCase | None:
    """Return the gold case that a complaint is, or nothing; to whom is still to be tried on it, nothing."""
    return _told(GoldCase.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk), shown_to).first()


def samples_for(user_id: int) -> QuerySet[Sample]:
    """Return the samples that wait for a second look by somebody who had no part in the case.

    What was appealed against is looked at again by that, and no blind look at it is wanted any more.
    """
    tenancy.require_scope()
    appealed = Appeal.objects.filter(merchant_id=OuterRef("merchant_id"), claim_id=OuterRef("claim_id"))
    waiting = Sample.objects.filter(~Exists(appealed), _had_no_part(user_id), answered_at__isnull=True)
    waiting = waiting.filter(claim__status__in=SETTLED).exclude(first_reviewer_id=user_id)
    return waiting.select_related("claim__kind", "claim__order").order_by("drawn_at", "pk")


def untold(actor: Actor) -> QuerySet[Claim]:
    """Return the decided cases that somebody may still be asked about blind: until then their decision stays untold."""
    tenancy.require_scope()
    if actor.kind != Kind.USER or not actor.has_staff_role(*REVIEWING):
        return Claim.objects.none()
    drawn, known = (rows(actor.id or 0).order_by().values("claim_id") for rows in (samples_for, gold_for))
    return Claim.objects.filter(Q(pk__in=drawn) | Q(pk__in=known), status__in=SETTLED).order_by("pk")


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


def _had_no_part(user_id: int) -> Q:
    """Neither in hand nor deciding."""
    held = ReviewLease.objects.filter(
        merchant_id=OuterRef("merchant_id"), claim_id=OuterRef("claim_id"), reviewer_id=user_id
    )
    return Q(~Exists(held)) & ~Q(claim__deciders__contains=[user_id])


def _told(rows: QuerySet[GoldCase], reviewer_id: int | None) -> QuerySet[GoldCase]:
    return rows if reviewer_id is None else rows.exclude(pk__in=gold_for(reviewer_id).order_by().values("pk"))
