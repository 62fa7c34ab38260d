"""What the tests of faults share: the web program at a port, and the clock of seconds."""

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories.marketplace import InboundSourceFactory
from tests.faults.senders import free_port
from tests.fixtures.people import Persona
from tests.fixtures.programs import CELERY, Program, Programs

TICKING = tuple("tests.faults.ticking:app" if word.endswith("celery:app") else word for word in CELERY)


class Ticking:
    """Clocks and workers with a sweep of every two seconds."""

    def __init__(self, program: Programs, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.file = folder / "ticks"
        self.beats = itertools.count()

    def beat(self) -> Program:
        schedule = str(self.folder / f"clock-{next(self.beats)}")
        words = ("beat", "--loglevel", "info", "--max-interval", "1", "--schedule", schedule)
        return self.program.start(*TICKING, *words, TICKS=str(self.file)).wait_for("beat: Starting")

    def worker(self) -> Program:
        words = ("worker", "--concurrency", "2", "--loglevel", "info", "--without-gossip", "--without-mingle")
        return self.program.start(*TICKING, *words, TICKS=str(self.file)).wait_for(" ready.")

    def worked(self, name: str = "often") -> Counter[int]:
        """How often each slot was worked."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return Counter(int(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.fixture
def ticking(program: Programs, tmp_path: Path) -> Ticking:
    return Ticking(program, tmp_path)


@pytest.fixture
def port(merchant: Persona, program: Programs) -> int:
    """Where the web program will listen; shop A and a source of events are there."""
    InboundSourceFactory()
    return free_port()


@pytest.fixture
def web(program: Programs, port: int) -> Callable[[], Program]:
    return lambda: program.web(port=port)
