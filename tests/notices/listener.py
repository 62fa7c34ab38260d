"""A merchant's system over real HTTP: it notes what arrives, and answers as it is told."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

type Reply = tuple[int, dict[str, str], bytes]
TAKEN: Reply = (200, {}, b"ok")


@dataclass(frozen=True)
class Received:
    """One call as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]


class Listener:
    """Answers each call with what `reply(received)` says; `connections` counts also who said nothing."""

    def __init__(self, reply: Callable[[Received], Reply] = lambda _received: TAKEN, host: str = "127.0.0.1") -> None:
        self.reply = reply
        self.received: list[Received] = []
        self.connections = 0
        self.ending = threading.Event()
        self.server = _Server((host, 0), _Handler)
        self.server.listener = self
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def place(self) -> str:
        return f"{self.server.server_address[0]!s}:{self.server.server_address[1]}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.place}{path}"

    def paths(self) -> list[str]:
        return [each.path for each in self.received]

    def hang(self, _received: Received) -> Reply:
        """Say nothing until the test is over."""
        self.ending.wait(60)
        return TAKEN

    def __enter__(self) -> "Listener":
        self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    listener: Listener

    def get_request(self) -> Any:
        self.listener.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about callers who hung up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        names = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, names, body, time.monotonic())
        self.server.listener.received.append(received)
        status, headers, content = self.server.listener.reply(received)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """The test looks at what was received."""
