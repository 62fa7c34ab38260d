"""What incidents, claims and decisions cost or spared: written once, corrected only by a further line."""

from datetime import datetime
from decimal import Decimal

from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.risk.models import Outcome


@transaction_required
def record(
    *,
    merchant_id: int,
    feature: str,
    kind: str,
    subject_id: object,
    currency: str,
    at: datetime,
    exposed: Decimal = Decimal(0),
    prevented: Decimal = Decimal(0),
    recovered: Decimal = Decimal(0),
    lost: Decimal = Decimal(0),
    note: str = "",
) -> Outcome:
    """Write one line of the ledger; amounts may be negative when they correct an earlier line."""
    if not any((exposed, prevented, recovered, lost)):
        raise Invalid(fields={"amounts": ["An outcome of nothing is no outcome."]})
    return Outcome.objects.create(
        merchant_id=merchant_id,
        feature=feature,
        kind=kind,
        subject_id=str(subject_id),
        at=at,
        currency=currency,
        exposed=exposed,
        prevented=prevented,
        recovered=recovered,
        lost=lost,
        note=note,
    )
