"""Who has a case open on the screen; whose it is keeps it by that."""

from datetime import datetime

from claims import policies
from claims.models import ReviewLease, Viewer
from claims.queries import claims as queries
from claims.services import taking
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import upserts
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.transactions import transaction


def look(*, claim_id: int, actor: Actor, at: datetime) -> ReviewLease | None:
    """Note that somebody looks at a case, and renew the lease if it is theirs; return that lease."""
    _note(claim_id=claim_id, actor=actor, at=at)
    return taking.renew(claim_id=claim_id, actor=actor, at=at)


@transaction
def _note(*, claim_id: int, actor: Actor, at: datetime) -> None:
    require(policies.can_see_desk(actor))
    claim = queries.lock(claim_id)
    row = {"merchant_id": claim.merchant_id, "claim_id": claim.pk, "user_id": actor.id, "seen_at": at}
    upserts.upsert(Viewer, [row], key=("merchant_id", "claim_id", "user_id"), update=("seen_at",))
