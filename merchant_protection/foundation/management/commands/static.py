"""`manage.py static`: collects the pages' files anew when one of them changed, and not otherwise."""

import fcntl
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

MARK = ".collected"


class Command(BaseCommand):
    help = "Collect the static files if any changed since the last time."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        root = Path(settings.STATIC_ROOT).resolve()
        root.mkdir(parents=True, exist_ok=True)
        mark, state = root / MARK, _state_of_files()
        with root.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may want it at once
            if mark.exists() and mark.read_text() == state:
                return
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            mark.write_text(state)


def _state_of_files() -> str:
    """A digest of every source file's name, size and time."""
    found = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            found.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return found.hexdigest()
