"""What people think of the guard's hits: right, or a false alarm. It is what "automatic" has to show."""

from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction
from pricing_guard import policies
from pricing_guard.models import GuardHit
from pricing_guard.services.watching import teaching


@transaction
def review(*, hit_id: int, verdict: str, actor: Actor, at: datetime) -> GuardHit:
    """Say of a hit that the price was wrong, or that it was a false alarm: then the guard learns it."""
    hit = GuardHit.objects.select_for_update(of=("self",)).select_related("listing").filter(pk=hit_id).first()
    if hit is None:
        raise NotFound
    require(policies.can_set(actor, hit.merchant_id))
    if verdict not in (GuardHit.Review.RIGHT, GuardHit.Review.FALSE):
        raise Invalid(fields={"review": [_("Say whether it was right or a false alarm.")]})
    hit.review, hit.reviewed_at, hit.reviewed_by = verdict, at, actor.name[:200]
    hit.save(update_fields=["review", "reviewed_at", "reviewed_by"])
    audit.record(
        actor=actor,
        action="hit.reviewed",
        at=at,
        merchant_id=hit.merchant_id,
        subject_kind="hit",
        subject_id=hit.pk,
        after={"review": verdict},
    )
    if verdict == GuardHit.Review.FALSE and hit.price > 0:
        teaching.meant(hit.listing, price=hit.price, at=at)
    return hit
