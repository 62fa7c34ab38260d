"""A list whose second row cannot be written."""

from merchant_protection.foundation import tables
from merchant_protection.marketplace.views import orders


def table(actor, asked):
    """Return the shop's orders, and fail at the second."""
    whole = orders.table(actor, {})
    seen = []

    def cells(row):
        seen.append(row)
        return [1 // (len(seen) < 2)]

    return tables.Table(whole.rows, ["Number"], cells)
