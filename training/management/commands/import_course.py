"""`manage.py import_course FOLDER…`: courses from folders, as docs/training.md describes them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Refusal
from training.outside import course_disk
from training.rules import course_folder
from training.rules.yaml_reading import Faulty
from training.services import fault_words, importing, publishing


class Command(BaseCommand):
    """All or nothing for each folder; every fault is told with its file and line."""

    help = "Make the draft of a course from its folder, or only check the folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folders", nargs="+", type=Path)
        parser.add_argument("--check", action="store_true", help="only tell what is wrong; needs no database")
        parser.add_argument("--publish", action="store_true", help="publish at once, where anything changed")

    def handle(self, *, folders: list[Path], check: bool, publish: bool, **options: Any) -> None:
        broken = [folder for folder in folders if not self._take(folder, check=check, publish=publish)]
        if broken:
            raise CommandError(f"{len(broken)} of {len(folders)} folders have faults; nothing of them was imported.")

    def _take(self, folder: Path, *, check: bool, publish: bool) -> bool:
        try:
            content = course_disk.read_folder(folder)
            parts = course_folder.read(content)
            if not check:
                self._import(content, publish=publish)
        except Faulty as fault:
            self.stderr.write("\n".join([f"{folder}:", *(f"  {line}" for line in fault_words.lines(fault.faults))]))
            return False
        except (course_disk.NotAFolder, Refusal) as refusal:
            self.stderr.write(f"{folder}: {refusal}")
            return False
        self.stdout.write(f"{folder}: {len(parts.lessons)} lessons, {len(parts.questions)} questions")
        return True

    def _import(self, content: dict[str, bytes], *, publish: bool) -> None:
        actor, now = Actor.clock("import_course"), timezone.now()
        with tenancy.platform():
            if not publish:
                importing.draft_from_folder(actor=actor, content=content, at=now)
            elif draft := importing.draft_of_changes(actor=actor, content=content, at=now):
                publishing.publish_own(actor=actor, version_id=draft.pk, at=now)
