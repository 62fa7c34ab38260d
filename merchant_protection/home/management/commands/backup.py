"""`manage.py backup FILE --from ADDRESS`: the whole database as of one moment, with a note of what is in it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from merchant_protection.embedded import backups


class Command(BaseCommand):
    help = "Write the database to a file, by a role that sees all rows."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--from", dest="source", required=True, help="address of the database, of a superuser")
        parser.add_argument("--tools", type=Path, help="folder of pg_dump, when it is not on the path")

    def handle(self, *, file: Path, source: str, tools: Path | None, **options: Any) -> None:
        try:
            rows = backups.write(source, file, tools=tools)
        except backups.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{sum(rows.values())} rows of {len(rows)} tables are in {file}")
