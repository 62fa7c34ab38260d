"""Every read of the fast track: its versions, what it said, and how it has done."""

from django.db.models import Count, Q, QuerySet

from claims.models import Claim, Decision, FastTrack, FastTrackVerdict, Sample
from claims.rules import fast_track
from merchant_protection.foundation import tenancy
from merchant_protection.risk.models import Warning


def current() -> FastTrack | None:
    """Return the version in use."""
    return FastTrack.objects.filter(is_current=True).first()


def versions() -> QuerySet[FastTrack]:
    """Return every version, newest first, with how many complaints each looked at and would have upheld."""
    return FastTrack.objects.annotate(
        looked_at=Count("verdicts"), would=Count("verdicts", filter=Q(verdicts__would_uphold=True))
    ).order_by("-version")


def as_rule(row: FastTrack) -> fast_track.Terms:
    """Return a version as the rules know it."""
    return fast_track.Terms(
        version=row.version,
        mode=fast_track.Mode(row.mode),
        clear={kind: frozenset(warnings) for kind, warnings in row.clear.items()},
        levels=frozenset(row.levels),
        amount_up_to=row.amount_up_to,
        sampled=row.sampled,
        overturned_up_to=row.overturned_up_to,
        fewest_decided=row.fewest_decided,
    )


def warnings_of(claim: Claim) -> tuple[fast_track.Warned, ...]:
    """Return the warnings about a complaint's order, as the merchant got them."""
    about = Warning.objects.filter(merchant_id=claim.merchant_id, order_id=claim.order_id, order_id__isnull=False)
    return tuple(fast_track.Warned(each.kind, each.level, each.raised_at, each.expires_at) for each in about)


def standing(row: FastTrack) -> fast_track.Standing:
    """Return how a version has done over the complaints it upheld that were looked at again."""
    tenancy.require_scope()
    upheld = FastTrackVerdict.objects.filter(terms=row, is_upheld=True).values("claim_id")
    answered = Sample.objects.filter(claim_id__in=upheld, answered_at__isnull=False)
    overridden = Decision.objects.filter(claim_id__in=upheld, result=Decision.Result.REJECTED)
    wrong = set(answered.filter(answer=Decision.Result.REJECTED).values_list("claim_id", flat=True))
    wrong |= set(overridden.values_list("claim_id", flat=True))
    looked_at = set(answered.values_list("claim_id", flat=True)) | wrong
    return fast_track.standing(as_rule(row), reviewed=len(looked_at), overturned=len(wrong))
