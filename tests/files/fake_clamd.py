"""A scanner that speaks clamd's protocol, and can misbehave in the ways that real ones do."""

import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType

CLEAN = b"stream: OK\0"
FOUND = b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
TOO_LARGE = b"INSTREAM size limit exceeded. ERROR\0"
EXCEEDS = b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0"


class FakeClamd:
    """Listens on a port of its own; `received` holds what was streamed, put together again."""

    def __init__(self, answer: bytes = CLEAN, *, reads: int | None = None, hangs: bool = False) -> None:
        self.answer, self.reads, self.hangs = answer, reads, hangs
        self.received: list[bytes] = []
        self.commands: list[bytes] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.server.getsockname()[1]}"
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "FakeClamd":
        self.thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        self.server.close()
        self.thread.join(5)

    def _serve(self) -> None:
        self.server.settimeout(0.1)
        while not self.over.is_set():
            try:
                line, _peer = self.server.accept()
            except OSError:
                continue
            with line:
                line.settimeout(5)
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        exactly = _reader(line)
        self.commands.append(exactly(10))
        body, blocks = b"", 0
        while self.reads is None or blocks < self.reads:
            (size,) = struct.unpack(">I", exactly(4))
            if not size:
                break
            body += exactly(size)
            blocks += 1
        self.received.append(body)
        if self.hangs:
            self.over.wait(5)
        elif self.answer:
            line.sendall(self.answer)


def _reader(line: socket.socket) -> Callable[[int], bytes]:
    def exactly(size: int) -> bytes:
        body = b""
        while len(body) < size:
            more = line.recv(size - len(body))
            if not more:
                raise ConnectionError("hung up on the scanner")
            body += more
        return body

    return exactly
