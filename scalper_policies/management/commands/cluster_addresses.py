"""`manage.py cluster_addresses FILE --out OUT`: find the addresses that are one place."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from merchant_protection.marketplace.management import tables
from merchant_protection.marketplace.outside.order_files import OrderFile
from merchant_protection.marketplace.rules import addresses


class Command(BaseCommand):
    """Write id and cluster for a file of id and address."""

    help = "Find addresses of one place. Example: manage.py cluster_addresses addresses.csv --out clusters.csv"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or CSV.GZ with the columns id and address")
        parser.add_argument(
            "--out", type=Path, required=True, help="CSV to write: id, cluster (the cluster's first id)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        read = (
            (values[0], values[1]) for _row, values in tables.columns(OrderFile(options["file"]), ("id", "address"))
        )
        count = tables.write(options["out"], ("id", "cluster"), addresses.same_place(read))
        self.stdout.write(f"{count:,} addresses written to {options['out']}.")
