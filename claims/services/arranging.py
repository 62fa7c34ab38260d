"""Many cases are arranged at once: into another queue, or into somebody's hands; and the views people keep of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, DeskView, Queue
from claims.queries import claims as queries
from claims.services import moving, taking
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import row_numbers
from merchant_protection.foundation.errors import Conflict, Invalid, Refusal, require
from merchant_protection.foundation.transactions import transaction

AT_ONCE = 200
OPEN = lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL


@dataclass(frozen=True)
class Result:
    """What became of one row."""

    number: str
    is_done: bool
    refusal: str = ""


def arrange(*, claim_ids: Iterable[int], to: str, actor: Actor, at: datetime) -> list[Result]:
    """Move cases to `queue:CODE` or to `person:ID`, each by itself; one that is refused holds up no other."""
    kind, _colon, target = to.partition(":")
    results = []
    for claim_id in claim_ids:
        number = Claim(pk=claim_id).number
        try:
            if kind == "queue":
                route(claim_id=claim_id, queue_code=target, actor=actor, at=at)
            elif kind == "person" and (user_id := row_numbers.read(target)) is not None:
                taking.hand_over(
                    claim_id=claim_id, to_user_id=user_id, actor=actor, at=at, reason=_("Assigned from the list.")
                )
            else:
                raise Invalid(fields={"to": [_("Choose where to.")]})
        except Refusal as refusal:
            results.append(Result(number, False, _told(refusal)))
        else:
            results.append(Result(number, True))
    return results


@transaction
def route(*, claim_id: int, queue_code: str, actor: Actor, at: datetime) -> Claim:
    """Send a case that nobody has to another queue; its clocks stay as they are."""
    claim = queries.lock(claim_id)
    require(policies.can_lead(actor))
    queue = Queue.objects.filter(code=queue_code, is_active=True).first()
    if queue is None:
        raise Invalid(fields={"to": [_("There is no such queue.")]})
    if claim.status not in OPEN:
        raise Conflict(_("This case waits for nobody at the desk."))
    if claim.reviewer_id is not None:
        raise Conflict(_("Somebody has this case in hand."))
    before = claim.queue.code if claim.queue else ""
    moving.change(claim, at=at, queue=queue, routed_by=_("by hand"))
    audit.record(
        actor=actor,
        action="claim.routed",
        at=at,
        merchant_id=claim.merchant_id,
        subject_kind="claim",
        subject_id=claim.pk,
        before={"queue": before},
        after={"queue": queue.code},
    )
    return claim


@transaction
def keep_view(*, name: str, query: str, is_shared: bool, actor: Actor) -> DeskView:
    """Keep a filter of the queue page under a name."""
    require(policies.can_see_desk(actor))
    if not name.strip() or len(name) > 60 or len(query) > 500:
        raise Invalid(fields={"name": [_("Give it a name of at most 60 characters.")]})
    view, _created = DeskView.objects.update_or_create(
        owner_id=actor.id, name=name.strip(), defaults={"query": query, "is_shared": is_shared}
    )
    return view


@transaction
def forget_view(*, view_id: int, actor: Actor) -> None:
    """Forget a filter of one's own."""
    require(policies.can_see_desk(actor))
    DeskView.objects.filter(pk=view_id, owner_id=actor.id).delete()


def _told(refusal: Refusal) -> str:
    if isinstance(refusal, Invalid) and refusal.fields:
        return " ".join(reason for reasons in refusal.fields.values() for reason in reasons)
    return refusal.message or _("This is not possible here.")
