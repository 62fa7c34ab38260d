"""Ask a virus scanner that speaks clamd's protocol; what it did not clearly call clean is not."""

import contextlib
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from merchant_protection.files.outside import store

CONNECTS_WITHIN = 3.0
ANSWERS_WITHIN = 30.0
LONGEST_ANSWER = 4096


class Verdict(StrEnum):
    """What the scanner said, or that it said nothing."""

    CLEAN = "CLEAN"
    FOUND = "FOUND"
    TOO_LARGE = "TOO_LARGE"
    SILENT = "SILENT"


@dataclass(frozen=True)
class Scan:
    """A verdict, with the name of what was found or the reason why there is none."""

    verdict: Verdict
    detail: str = ""


def scan(path: Path, *, address: str, patience: float = ANSWERS_WITHIN) -> Scan:
    """Send a file to the scanner at `tcp://host:port` or `unix:/path` block by block, and return what it said."""
    try:
        with _connected(address, patience) as line:
            # It may hang up in the middle: what it said before tells why.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                _send(line, path)
            return _judged(_answer(line))
    except (OSError, ValueError) as error:
        return Scan(Verdict.SILENT, type(error).__name__)


def _connected(address: str, patience: float) -> socket.socket:
    scheme, _, rest = address.partition(":")
    if scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(CONNECTS_WITHIN)
        try:
            line.connect(rest.removeprefix("//"))
        except OSError:
            line.close()
            raise
    else:
        host, _, port = rest.removeprefix("//").rpartition(":")
        line = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECTS_WITHIN)
    line.settimeout(patience)
    return line


def _send(line: socket.socket, path: Path) -> None:
    line.sendall(b"zINSTREAM\0")
    for block in store.blocks(path):
        line.sendall(struct.pack(">I", len(block)) + block)
    line.sendall(struct.pack(">I", 0))


def _answer(line: socket.socket) -> str:
    told = b""
    while not told.endswith(b"\0") and len(told) < LONGEST_ANSWER:
        more = line.recv(1024)
        if not more:
            break
        told += more
    return told.rstrip(b"\0\n").decode(errors="replace")


def _judged(answer: str) -> Scan:
    if answer == "stream: OK":
        return Scan(Verdict.CLEAN)
    if answer.endswith(" FOUND"):
        name = answer.removeprefix("stream: ").removesuffix(" FOUND")
        # clamd can be told to find what exceeds its own limits (AlertExceedsMax): looked at in part is not clean.
        return Scan(Verdict.TOO_LARGE if "Heuristics.Limits.Exceeded" in name else Verdict.FOUND, name[:100])
    if "size limit exceeded" in answer:
        return Scan(Verdict.TOO_LARGE, answer[:100])
    return Scan(Verdict.SILENT, answer[:100] or "no answer")
