"""Statements that the server plans once for each connection, for what is asked many times a second.

Everything else goes through Django's own cursor, which sends each statement with its values written into it: the
server reads and plans such a text anew each time, which for a long statement costs more than carrying it out.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

AT_FIRST_USE = 0


@contextmanager
def cursor() -> Iterator[Any]:
    """Open a cursor whose statements are planned at their first use, by their text; a value must say its type.

    `%(shop)s::bigint` says it: what is planned does not know the values. Errors are Django's, and so is the log of
    statements: each stands there with its values beside it, as it was planned.
    """
    wrapper: Any = connection
    wrapper.ensure_connection()
    wrapper.validate_thread_sharing()
    raw = wrapper.connection
    raw.prepare_threshold = AT_FIRST_USE  # Django's own cursors never prepare anything
    binding: Any = ServerBindingCursor
    opened = LoggedCursor if wrapper.queries_logged else CursorWrapper
    with opened(binding(raw), wrapper) as found:
        yield found


class LoggedCursor(CursorDebugWrapper):
    """Writes each statement into Django's log by its own text: the driver keeps none that has its values in it."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        with self.debug_sql(sql, params):
            return CursorWrapper.execute(self, sql, params)


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of a block one after the other without waiting for an answer, in one way to the server.

    Each still begins after the one before it ended. Answers are read once all were sent, best after the
    block. A transaction in it begins and commits in the same way: that it was kept is known once the block ended.
    """
    wrapper: Any = connection
    with wrapper.together():
        yield


def array(values: Iterable[object]) -> str:
    """Write values as PostgreSQL's own text of an array: the driver would ask each of them for its type."""
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join([f'"{value}"' for value in quoted]) + "}"
