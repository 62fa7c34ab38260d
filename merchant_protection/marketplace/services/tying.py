"""Tying after-sales to orders that were taken in at the same moment by another drain."""

from datetime import datetime

from django.db import connection

from merchant_protection.foundation.transactions import transaction

TIE = """
UPDATE marketplace_aftersale sale SET order_id = own.id FROM marketplace_order own
WHERE sale.order_id IS NULL AND own.merchant_id = sale.merchant_id AND own.number = sale.order_number
"""


@transaction
def tie_after_sales(*, now: datetime) -> int:
    """Tie after-sales to their orders where both are known and neither saw the other come; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(TIE)
        return int(cursor.rowcount)
