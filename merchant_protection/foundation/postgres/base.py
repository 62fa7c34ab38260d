"""Django's PostgreSQL, whose connections are told whose rows they may show before anybody has them in hand."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from merchant_protection.foundation import tenancy


class DatabaseWrapper(base.DatabaseWrapper):
    """Telling the scope is one question to the server, and so shows at once whether the connection still lives."""

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
