"""A selling platform over real HTTP that honours idempotency keys, counts effects and fails when told to."""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from merchant_protection.foundation import signatures

SECRET = "whsec_cGxhdGZvcm0tc2VjcmV0LWZvci10ZXN0cw=="
FAULTS = ("", "unavailable", "throttled", "lost", "hang", "error", "refused", "drip")


class FakePlatform:
    """What arrived, what was done, and how it is to fail: `fault(key, nth)` names the fault of each request."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.effects: list[dict[str, Any]] = []
        self.states: dict[tuple[str, str, str, str], tuple[Any, int]] = {}
        self.answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self.arrived: Counter[str] = Counter()
        self.arrived_at: list[float] = []
        self.looks: list[str] = []
        self.reused: list[str] = []
        self.badly_signed = 0
        self.hang_seconds = 11.0
        self.retry_after = "1"
        self.is_down = False
        self.fault: Callable[[str, int], str] = lambda key, nth: ""
        self.server = Server(self)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def state(self, kind: str, ref: str, aspect: str, merchant: str = "shop-a") -> Any:
        return self.states.get((merchant, kind, ref, aspect), (None, 0))[0]

    def take(self, key: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Do what was asked, once for each key and never an older generation after a newer one."""
        asked = json.loads(body)
        with self.lock:
            if key in self.answers:
                before, status, answer = self.answers[key]
                if before != body.decode():
                    self.reused.append(key)
                    return 422, {"status": "key_reused"}
                return status, answer
            place = (asked["merchant"], asked["target"]["kind"], asked["target"]["ref"], asked["aspect"])
            if asked["generation"] < self.states.get(place, (None, 0))[1]:
                result = (409, {"status": "superseded"})
            else:
                self.states[place] = (asked["value"], asked["generation"])
                self.effects.append(asked)
                result = (200, {"status": "done", "state": asked["value"]})
            self.answers[key] = (body.decode(), *result)
            return result


class Server(ThreadingHTTPServer):
    """The platform's address."""

    daemon_threads = True

    def __init__(self, platform: FakePlatform) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.platform = platform


class Handler(BaseHTTPRequestHandler):
    """Reads a request and lets the platform answer, or fail."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.platform.is_down or not self._is_signed(body):
            return self._hang_up()
        key = self.headers["Idempotency-Key"]
        with self.server.platform.lock:
            self.server.platform.arrived[key] += 1
            self.server.platform.arrived_at.append(time.time())
            fault = self.server.platform.fault(key, self.server.platform.arrived[key])
        if fault == "hang":
            time.sleep(self.server.platform.hang_seconds)
        if fault in ("", "lost", "hang"):
            status, answer = self.server.platform.take(key, body)
            return self._hang_up() if fault == "lost" else self._say(status, answer)
        statuses = {"unavailable": 503, "throttled": 429, "error": 500, "refused": 404}
        return self._say(statuses[fault], {"status": fault})

    def do_GET(self) -> None:
        if self.server.platform.is_down or not self._is_signed(b""):
            return self._hang_up()
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        with self.server.platform.lock:
            self.server.platform.looks.append(asked["ref"])
            place = (asked["merchant"], asked["kind"], asked["ref"], asked["aspect"])
            state, generation = self.server.platform.states.get(place, ("LISTED", 0))
        return self._say(200, {"state": state, "generation": generation})

    def _is_signed(self, body: bytes) -> bool:
        try:
            signatures.verify(dict(self.headers), body=body, secrets=[SECRET], now=timezone.now())
        except signatures.BadSignature:
            self.server.platform.badly_signed += 1
            return False
        return True

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        if status in (429, 503) and self.server.platform.retry_after:
            self.send_header("Retry-After", self.server.platform.retry_after)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
