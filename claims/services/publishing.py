"""What a merchant's own systems are told of a complaint: the moves that matter outside the desk."""

from datetime import datetime

from claims import lifecycle
from claims.models import Claim
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.notices.services import webhooks

# A decision that waits for a second person, and who has a case just now, are the desk's own business.
TOLD = {
    "submit": "claim.submitted",
    "ask_for_evidence": "claim.evidence_needed",
    "withdraw": "claim.withdrawn",
    "expire": "claim.expired",
    "appeal": "claim.appealed",
    "finalise": "claim.final",
}
DECIDES = frozenset(name for name, move in lifecycle.MOVES.items() if move.target in lifecycle.DECIDED)


@transaction_required
def publish(claim: Claim, move: str, *, before: str, at: datetime) -> None:
    """Promise the shop's systems the news of a move; drafts are nobody's business yet."""
    kind = "claim.decided" if move in DECIDES else TOLD.get(move)
    if kind is None or (before == lifecycle.DRAFT and move != "submit"):
        return
    webhooks.promise(
        merchant_id=claim.merchant_id,
        kind=kind,
        at=at,
        subject_id=claim.pk,
        params={
            "kind": claim.kind_code,
            "order": claim.order_number,
            "status": claim.status,
            "currency": claim.currency,
            "amount": str(claim.amount),
            "amount_upheld": None if claim.amount_upheld is None else str(claim.amount_upheld),
        },
        dedupe_key=f"{claim.pk}-{claim.version}",
    )
