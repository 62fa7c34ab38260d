"""`manage.py verify_evidence FILE`: check an evidence file against its own manifest, anywhere."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pricing_guard.outside import packing


class Command(BaseCommand):
    """Say whether every part of an evidence file is as it was when it was made; needs neither database nor network."""

    help = "Check an evidence file. Example: manage.py verify_evidence incident.zip --sha256 3f9a…"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--sha256", default="", help="the fingerprint that the portal shows and the platform was given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            packed = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        digest = hashlib.sha256(packed).hexdigest()
        found = packing.faults(packed)
        wanted = options["sha256"].strip().lower()
        if wanted and wanted != digest:
            found.append(f"the file is not the one with the fingerprint {wanted}: it has {digest}")
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("Every part is as it was when the file was made.")
        self.stdout.write(f"SHA-256 of the whole: {digest}")
