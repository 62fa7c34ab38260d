"""Where a transaction begins: a command opens the one transaction, a step needs it open.

`transaction` refuses to run inside another, so that one use case is one commit;
`transaction_required` never opens one.
"""

from django_subatomic.db import savepoint, transaction, transaction_required

__all__ = ["savepoint", "transaction", "transaction_required"]
