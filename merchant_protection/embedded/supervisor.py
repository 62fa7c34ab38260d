"""Keeps a handful of programs running, says what they say, and leaves none behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from merchant_protection.embedded import programs

LONGEST_PAUSE = 30.0
ORDERLY_END = 8.0  # seconds until what did not end by itself is killed
STEADY = 60.0  # a program that ran so long starts again without a pause
LOOK = 0.3

type Say = Callable[[str], None]


@dataclass
class Program:
    """One program of the portal: its name in the log, its command, and how it fares."""

    name: str
    command: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts programs as process groups, restarts one that dies, and ends them all together."""

    def __init__(self, programs: Sequence[Program], *, say: Say, each_look: Callable[[], None] = lambda: None) -> None:
        self.programs = programs
        self.say = say
        self.each_look = each_look
        self.ending = threading.Event()

    def run(self, *, once_started: Callable[[], None] = lambda: None) -> None:
        """Return when somebody asked for the end (Ctrl-C, SIGTERM, SIGHUP) and every program is gone."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.ending.set())
        try:
            for program in self.programs:
                self._start(program)
            threading.Thread(target=once_started, daemon=True).start()
            while not self.ending.wait(LOOK):
                for program in self.programs:
                    self._look_after(program)
                self.each_look()
        finally:
            self.stop()

    def stop(self) -> None:
        """End every program: asked first, killed with its children when it does not listen."""
        self.say("stopping")
        for program in self.programs:
            if program.is_running and program.process:
                program.process.terminate()
        deadline = time.monotonic() + ORDERLY_END
        for program in self.programs:
            if program.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.process.wait(max(0.0, deadline - time.monotonic()))
                _kill_group(program.process)
        self.say("stopped")

    def _look_after(self, program: Program) -> None:
        if program.is_running:
            return
        now = time.monotonic()
        if program.process:
            _kill_group(program.process)  # children of a program that died must not work beside its successor
            program.deaths = 1 if now - program.started_at > STEADY else program.deaths + 1
            pause = min(LONGEST_PAUSE, 2.0 ** (program.deaths - 1))
            self.say(f"{program.name} ended with {program.process.returncode}; starting it again in {pause:.0f} s")
            program.process, program.start_at = None, now + pause
        elif now >= program.start_at:
            self._start(program)

    def _start(self, program: Program) -> None:
        program.process = subprocess.Popen(
            program.command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **program.settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches us alone: we end them in order
            preexec_fn=programs.end_with_parent,
        )
        program.started_at = time.monotonic()
        said = program.process.stdout
        threading.Thread(target=self._repeat, args=(program.name, said), daemon=True).start()

    def _repeat(self, name: str, said: IO[str]) -> None:
        with contextlib.suppress(ValueError), said:
            for line in said:
                self.say(f"{name:>10} | {line.rstrip()}")


def _kill_group(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
