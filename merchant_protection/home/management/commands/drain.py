"""`manage.py drain`: handles event-driven work, with Redis stopped too; several may run at once."""

import os
import signal
import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from merchant_protection.foundation import checks, collecting
from merchant_protection.foundation.drain import Drain
from merchant_protection.home.drains import DRAINS


class Command(BaseCommand):
    requires_system_checks: tuple[str, ...] = ()  # they would load every page, and the drain has none
    help = "Decide received events, ask the platform for actions, send mail: as soon as they are due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="*", default=[], help="names of the loops to run; all when left out")

    def handle(self, *, only: list[str], **options: Any) -> None:
        checks.refuse_unsafe()
        collecting.rarely()
        drain = Drain([loop for loop in DRAINS if not only or loop.name in only])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: drain.stop())
        if not drain.run():
            sys.stderr.flush()
            os._exit(0)  # a call hangs; its lease runs out and somebody else takes it up
