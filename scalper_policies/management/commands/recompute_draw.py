"""`manage.py recompute_draw SEED NAME ENTRIES.csv --places 50`: the winners of a draw, for anybody to check."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scalper_policies.rules import draw as rules


class Command(BaseCommand):
    """Work out who won from what was published, without the database."""

    help = "Recompute a draw's winners from the revealed seed, the draw's name and the file of entries."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("seed", help="the revealed seed, in hex")
        parser.add_argument("name", help="the draw's name, as published")
        parser.add_argument("entries", type=Path, help="CSV whose first column is the entry")
        parser.add_argument("--places", type=int, required=True)
        parser.add_argument("--commitment", default="", help="what was published before entries opened")
        parser.add_argument("--digest", default="", help="what was published when entries closed")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seed = bytes.fromhex(options["seed"])
        except ValueError as error:
            raise CommandError("The seed is hexadecimal.") from error
        if options["commitment"] and not rules.is_seed_of(seed, options["commitment"]):
            raise CommandError("This seed is not the one that was committed.")
        with options["entries"].open(encoding="utf-8-sig", newline="") as file:
            entries = [row[0] for row in csv.reader(file) if row and row[0] and row[0] != "entry"]
        if options["digest"] and rules.entries_digest(entries) != options["digest"]:
            raise CommandError("These are not the entries that were published.")
        for place, entry in enumerate(rules.winners(seed, options["name"], entries, options["places"]), 1):
            self.stdout.write(f"{place},{entry}")
