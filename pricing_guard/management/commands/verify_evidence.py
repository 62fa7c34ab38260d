"""`manage.py verify_evidence FILE`: check an evidence file against its own manifest, anywhere."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pricing_guard.outside import packing


class Command(BaseCommand):
    """Say whether every part of an evidence file is as it was when it was made."""

    help = "Check an evidence file. Example: manage.py verify_evidence incident.zip"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        found = packing.faults(options["file"].read_bytes())
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("Every part is as it was when the file was made.")
