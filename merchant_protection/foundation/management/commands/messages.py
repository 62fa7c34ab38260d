"""`manage.py messages`: keeps the Chinese catalogues in step, checks them, and compiles them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from merchant_protection.foundation import catalogues


class Command(BaseCommand):
    help = (
        "Collect the texts to translate into each app's catalogue; --check lists what is missing, --compile compiles."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("apps", nargs="*", help="only these catalogues, by app label or 'project'")
        parser.add_argument("--check", action="store_true", help="change nothing, fail when a translation is missing")
        parser.add_argument("--compile", action="store_true", help="write the binary files that Django reads")

    def handle(self, *, apps: list[str], check: bool, compile: bool, **options: Any) -> None:
        if check:
            self._check()
        elif compile:
            self.stdout.write(f"{catalogues.compile_all()} catalogues compiled")
        else:
            self._update(apps)

    def _check(self) -> None:
        found = sorted(catalogues.faults())
        for fault in found:
            self.stdout.write(fault)
        if found:
            raise CommandError(f"{len(found)} texts need a translator")

    def _update(self, only: list[str]) -> None:
        known = catalogues.translations()
        for home in catalogues.homes():
            if only and home.name not in only:
                continue
            catalogue = catalogues.update(home, known)
            self.stdout.write(f"{home.name}: {len(catalogue)} texts, {catalogues.missing(catalogue)} to translate")
