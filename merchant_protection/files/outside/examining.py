"""Have a file opened in the workshop, and take its answer."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from merchant_protection.files.outside.workshop.bounds import Refused

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0  # seconds on the wall; a busy machine is no fault of the file
SPENT = {-signal.SIGXCPU, -signal.SIGKILL}


class Interrupted(RuntimeError):
    """The workshop did not come to an end; the file may be tried again."""


@dataclass(frozen=True)
class Copy:
    """A harmless copy that was made, still in the folder of the workshop."""

    path: Path
    role: str
    number: int
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Examined:
    """What a file says of itself, its shades when it can be looked at, and its copies."""

    facts: dict[str, Any]
    shades: list[int] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)


def examine(path: Path, *, kind: str, media_type: str, folder: Path, patience: float = PATIENCE) -> Examined:
    """Open a file in a process of its own; raise Refused when it is not taken, Interrupted when that cannot be told."""
    command = [sys.executable, "-m", "merchant_protection.files.outside.workshop"]
    command += [kind, media_type, str(path), str(folder)]
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TMPDIR": str(folder), "HOME": str(folder)}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as workshop:
        try:
            told, complaint = workshop.communicate(timeout=patience)
        except subprocess.TimeoutExpired as error:
            os.killpg(workshop.pid, signal.SIGKILL)
            raise Interrupted("took too long") from error
    if workshop.returncode in SPENT:
        raise Refused("too_heavy")
    if workshop.returncode:
        if b"MemoryError" in complaint or b"Cannot allocate memory" in complaint:
            raise Refused("too_heavy")
        if workshop.returncode < 0:
            raise Refused("damaged")  # a file that makes a reader fall over is not one to keep
        raise Interrupted(complaint.decode(errors="replace")[-500:])
    return _answer(json.loads(told), folder)


def _answer(told: dict[str, Any], folder: Path) -> Examined:
    if code := told.get("refused"):
        raise Refused(code)
    copies = [Copy(path=folder / each.pop("file"), **each) for each in told["copies"]]
    return Examined(told["facts"], told["shades"], copies)
