"""`manage.py restore FILE --into ADDRESS`: a backup into an empty database, every table compared with its note."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from merchant_protection.embedded import backups


class Command(BaseCommand):
    help = "Put a backup into an empty database; the roles must be there already."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--into", dest="target", required=True, help="address of the database, of a superuser")
        parser.add_argument("--tools", type=Path, help="folder of pg_restore, when it is not on the path")

    def handle(self, *, file: Path, target: str, tools: Path | None, **options: Any) -> None:
        try:
            rows = backups.put_back(file, target, tools=tools)
        except backups.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{sum(rows.values())} rows of {len(rows)} tables are back as they were written")
