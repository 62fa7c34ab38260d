"""What happens to a complaint the moment it is filed: it gets its queue, its reason and its clocks."""

from datetime import datetime

from claims.models import Claim, Queue
from claims.models.quality import Filer
from claims.queries import desk
from claims.rules import routing
from claims.services import clocks, moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.transactions import transaction_required


@transaction_required
def submit(claim: Claim, *, actor: Actor, at: datetime, opened_at: datetime | None = None) -> None:
    """Hand a locked draft to the desk; `opened_at` is when its clocks start, later than now in a flood."""
    filer, _ = Filer.objects.get_or_create(merchant_id=claim.merchant_id, defaults={"updated_at": at})
    claim.tier = filer.tier
    Filer.objects.filter(merchant_id=claim.merchant_id).update(last_filed_at=at, updated_at=at)
    found = _route(claim)
    queue = Queue.objects.get(code=found.queue)
    moving.move(
        claim,
        "submit",
        actor=actor,
        at=at,
        submitted_at=at,
        opened_at=opened_at or at,
        queue=queue,
        routed_by=found.rule or "",
        priority=found.priority,
        skills=sorted(found.skills),
    )
    moving.give_reason(claim, routing.Why.NEW_CLAIM, at=at)
    clocks.refresh(claim, at=at)


def _route(claim: Claim) -> routing.Routing:
    facts = routing.Facts(
        kind=claim.kind_code,
        amount=claim.amount,
        tier=claim.tier,
        risk=routing.Risk(claim.risk),
        language=claim.language,
    )
    default = desk.queues().filter(is_default=True).values_list("code", flat=True).first() or "GENERAL"
    return routing.route(desk.rules(), facts, otherwise=default)
