"""`manage.py import_orders FILE`: load a shop's order history."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.accounts.services import merchants
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Invalid
from merchant_protection.marketplace.models import Import
from merchant_protection.marketplace.outside.order_files import OrderFile
from merchant_protection.marketplace.queries import imports as queries
from merchant_protection.marketplace.rules import order_rows
from merchant_protection.marketplace.services import imports


class Command(BaseCommand):
    """Load a file of order lines into a shop; running it twice changes nothing."""

    help = "Load a file of order lines (CSV, CSV.GZ, XLSX) into a shop. Running it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--merchant", help="number of the shop; opened when there is none (default: the preset)")
        parser.add_argument("--map", default="", help="field=Column,…; recognised from the header when left out")
        parser.add_argument("--currency", default="")
        parser.add_argument("--time-zone", default="")
        parser.add_argument("--dry-run", action="store_true", help="check and count only")
        parser.add_argument("--errors", type=Path, help="write the rows that could not be taken to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].resolve()
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        actor = Actor.clock("import_orders")
        with tenancy.platform():
            merchant = self._shop(path, options, actor)
            try:
                job = self._waiting(merchant, path, options, actor)
            except Invalid as error:
                reasons = [f"{name}: {' '.join(texts)}" for name, texts in error.fields.items()]
                raise CommandError("\n".join([error.message, *reasons])) from error
            imports.run_due(now=timezone.now, only=job.pk, progress=self._progress)
            job.refresh_from_db()
            self._report(job, options["errors"])

    def _shop(self, path: Path, options: dict[str, Any], actor: Actor) -> Merchant:
        preset = order_rows.preset_for(OrderFile(path).header())
        code = options["merchant"] or preset
        if not code:
            raise CommandError("Say which shop the orders belong to: --merchant NUMBER.")
        known = order_rows.PRESETS.get(preset)
        return merchants.open_shop(
            actor=actor,
            code=code,
            name=code.replace("-", " ").title() if code == preset else code,
            currency=options["currency"] or (known.currency if known else "CNY"),
            time_zone=options["time_zone"] or (known.time_zone if known else "Asia/Shanghai"),
            at=timezone.now(),
        )

    def _waiting(self, merchant: Merchant, path: Path, options: dict[str, Any], actor: Actor) -> Import:
        """Take up the unfinished import of the same file, or ask for a new one."""
        unfinished = queries.unfinished(
            merchant.pk, digest=OrderFile(path).digest(), path=str(path), is_dry_run=options["dry_run"]
        )
        if unfinished is not None:
            self.stdout.write(f"Taking up import {unfinished.pk} behind row {unfinished.rows_read}.")
            return imports.take_over(actor=actor, import_id=unfinished.pk, at=timezone.now())
        return imports.ask(
            actor=actor,
            merchant_id=merchant.pk,
            path=str(path),
            file_name=path.name,
            at=timezone.now(),
            mapping=dict(pair.split("=", 1) for pair in options["map"].split(",") if "=" in pair) or None,
            currency=options["currency"],
            time_zone=options["time_zone"],
            is_dry_run=options["dry_run"],
        )

    def _progress(self, job: Import) -> None:
        self.stdout.write(
            f"  {min(job.rows_read, job.rows_total or 0):>9,} of {job.rows_total or 0:,} rows, {job.rows_added:,} added"
        )

    def _report(self, job: Import, errors: Path | None) -> None:
        for name, count in job.totals.items():
            self.stdout.write(f"{name.replace('_', ' '):<28}{count:>10,}")
        self.stdout.write(f"{'added':<28}{job.rows_added:>10,}\n{'known already':<28}{job.rows_known:>10,}")
        self.stdout.write(f"{'rows with faults':<28}{job.rows_faulty:>10,}")
        if errors is not None:
            with errors.open("w", newline="", encoding="utf-8-sig") as file:
                rows = csv.writer(file)
                rows.writerow(["row", "field", "reason"])
                rows.writerows(queries.faults_of(job.pk).values_list("row", "field", "code"))
        if job.status != Import.Status.DONE:
            raise CommandError(f"Import {job.pk} ended as {job.status.lower()}: {job.last_error}")
