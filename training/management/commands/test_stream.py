"""`manage.py test_stream`: a stream for the demo's live session, until it is stopped."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from training.outside import test_stream


class Command(BaseCommand):
    """Becomes the program that makes the stream, so that stopping one stops the other."""

    help = "Make a test stream (VP9 in fMP4, HLS) under var/stream. For the demo and for trying a room."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The test stream is for the demo: run this with DEMO=1.")
        folder = settings.STATE_DIR / "stream"
        test_stream.clear(folder)
        words = test_stream.command(folder)
        os.execv(words[0], words)  # noqa: S606  a list of words of our own, no shell
