"""Wake the drains when due work was written."""

from django.db import connection

from merchant_protection.foundation.transactions import transaction_required

CHANNEL = "portal_due"


@transaction_required
def wake() -> None:
    """Tell listening drains, once this transaction commits, that something is due."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
