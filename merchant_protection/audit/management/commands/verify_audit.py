"""`manage.py verify_audit`: walks the audit's chain and names the first entry that is not as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from merchant_protection.audit import queries
from merchant_protection.foundation import tenancy


class Command(BaseCommand):
    help = "Check the audit's chain against its entries and checkpoints."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            metavar="SEQUENCE:DIGEST",
            help="a checkpoint kept elsewhere, such as one from the log, that the chain must still agree with",
        )

    def handle(self, *, checkpoint: list[str], **options: Any) -> None:
        with tenancy.platform():
            verdict = queries.verify(kept_elsewhere=dict(_parsed(each) for each in checkpoint))
        if verdict.first_bad is not None:
            raise CommandError(f"The audit's chain breaks at sequence {verdict.first_bad}: {verdict.fault}")
        self.stdout.write(f"{verdict.length} entries verified, {verdict.unlinked} not linked yet")


def _parsed(text: str) -> tuple[int, str]:
    sequence, _, digest = text.partition(":")
    if not (sequence.isascii() and sequence.isdigit() and digest):
        raise CommandError(f"“{text}” is not SEQUENCE:DIGEST")
    return int(sequence), digest
