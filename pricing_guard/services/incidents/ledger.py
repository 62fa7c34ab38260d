"""The loss ledger: what an incident exposed, spared, brought back and lost, written as lines that are never changed."""

from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.risk.services import outcomes
from pricing_guard.models import Incident
from pricing_guard.queries import incidents as queries


@transaction_required
def bring_up_to_date(incident: Incident, *, at: datetime) -> None:
    """Write what changed since the last line: the sum of an incident's lines is what its orders say now.

    Exposed is what all its orders cost against the reference. Of that, an order counts as prevented
    while it is held, as recovered once it was called off after having been on its way, and as lost
    once it is honoured or was sent.
    """
    now = queries.costs_of(incident)
    before = queries.totals(queries.ledger_of(incident))
    change = {name: now[name] - before[name] for name in now}
    if any(change.values()):
        outcomes.record(
            merchant_id=incident.merchant_id,
            feature=queries.FEATURE,
            kind="price_error",
            subject_id=incident.pk,
            currency=incident.currency,
            at=at,
            note=incident.check_name,
            **change,
        )
