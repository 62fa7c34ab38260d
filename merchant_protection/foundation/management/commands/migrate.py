"""`manage.py migrate` beside a running portal: nobody's request waits long for a table that is being changed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from merchant_protection.foundation import migrating

migrate.MigrationExecutor = migrating.Executor  # type: ignore[attr-defined]  # Django's command asks nobody which one to take
LOCK_SECONDS = 2.0
PAUSE = 1.0  # seconds in which those who queued behind the migration go first
TRIES = 60


class Command(migrate.Command):
    """Django's own command, which waits two seconds for a lock, lets the requests behind it pass, and tries again.

    Whoever changes a table waits for everybody who reads it, and everybody who comes later waits behind: one
    long transaction would stop the site. Each migration is one transaction, so a try goes on where the last one
    stopped. What a migration makes in a row is drawn up once (`foundation/migrating.py`).
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--lock-timeout", type=float, default=LOCK_SECONDS, help="seconds to wait for a lock")
        parser.add_argument("--tries", type=int, default=TRIES, help="how often to try before giving up")

    def handle(self, *args: Any, lock_timeout: float, tries: int, **options: Any) -> None:
        for left in range(tries - 1, -1, -1):
            try:
                with _waiting_at_most(lock_timeout):
                    super().handle(*args, **options)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                if not left:
                    raise CommandError(f"A table stayed in use through {tries} tries; see pg_stat_activity.") from error
                self.stderr.write(f"A table is in use; trying again in {PAUSE:.0f} s.")
                time.sleep(PAUSE)


@contextmanager
def _waiting_at_most(seconds: float) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds * 1000:.0f}ms"])
    try:
        yield
    finally:
        if not connection.in_atomic_block and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
