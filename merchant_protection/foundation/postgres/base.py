"""Django's PostgreSQL, whose connections are told whose rows they may show before anybody has them in hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg.pq import TransactionStatus

from merchant_protection.foundation import tenancy


class DatabaseWrapper(base.DatabaseWrapper):
    """Telling the scope is one question to the server, and so shows at once whether the connection still lives."""

    is_together = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that knows the scope in force; those the server has left are replaced by the pool."""
        others = self.pool.max_size if self.pool else 0
        while True:
            raw = super().get_new_connection(conn_params)
            try:
                tenancy.tell(raw)
            except psycopg.OperationalError:
                if self.pool:
                    self.pool.putconn(raw)
                if not others:
                    raise
                others -= 1
            else:
                return raw

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send what a block says without waiting for an answer, a transaction's beginning and its end with it.

        The driver's own way of both waits for the server four times in each transaction. What the server refused,
        the commit too, is told at the latest when the block ends, and nothing of it is kept.
        """
        self.ensure_connection()
        raw, before = self.connection, self.is_together
        self.is_together = True
        try:
            with self.wrap_database_errors, raw.pipeline():
                yield
        finally:
            self.is_together = before
            if not before and not self.in_atomic_block and not raw.closed:
                self._on_its_own_again(raw)

    def _on_its_own_again(self, raw: Any) -> None:
        """Let each statement be its own transaction again, with nothing left of one that failed on its way."""
        with self.wrap_database_errors:
            if raw.info.transaction_status != TransactionStatus.IDLE:
                raw.rollback()
            if not raw.autocommit:
                raw.autocommit = True

    def _set_autocommit(self, autocommit: bool) -> None:
        if not self.is_together:
            super()._set_autocommit(autocommit)  # type: ignore[misc]
        elif not autocommit:
            with self.wrap_database_errors:
                self.connection.execute("BEGIN")

    def _commit(self) -> None:
        if not self.is_together or self.run_on_commit:  # what is to follow a commit waits for word of it
            super()._commit()  # type: ignore[misc]
        else:
            with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
                self.connection.execute("COMMIT")
