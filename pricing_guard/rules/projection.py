"""What a stop would have spared had nobody looked for a while: an estimate, kept apart from the ledger."""

from datetime import timedelta
from decimal import Decimal

UNNOTICED = timedelta(hours=8)
SHORTEST = timedelta(minutes=10)


def spared(cost: Decimal, *, sold_for: timedelta, unnoticed: timedelta = UNNOTICED) -> Decimal:
    """Return what orders would have cost had they gone on at the pace seen before the stop for `unnoticed` longer.

    A stretch shorter than ten minutes counts as ten, so that a few quick orders do not become a flood.
    """
    stretch = max(sold_for, SHORTEST)
    return (cost * Decimal(unnoticed / stretch)).quantize(Decimal("0.01"))
