"""A small portal that takes events, so that the simulator can be tried alone."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks.simulator import signing


class FakePortal(ThreadingHTTPServer):
    """Verifies signatures, keeps event bodies by id, and fails as often as it is told."""

    daemon_threads = True

    def __init__(self, secret: str, *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.secret = secret
        self.events: dict[str, dict[str, Any]] = {}
        self.order: list[dict[str, Any]] = []
        self.answers: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.fail_next = 0
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """Return where events go."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def take(self, event: dict[str, Any]) -> str:
        """Keep one event and say how it was taken."""
        known = self.events.get(event["id"])
        if known is None:
            self.events[event["id"]] = event
            self.order.append(event)
            return "accepted"
        return "duplicate" if known == event else "conflict"

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return what was told of this type."""
        with self.lock:
            return [event for event in self.order if event["type"] == kind]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakePortal
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        portal = self.server
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            signing.verify(portal.secret, headers, body, now=time.time())
        except signing.BadSignature:
            self._answer(401, {})
            return
        with portal.lock:
            portal.requests.append((headers["webhook-id"], headers["portal-source"]))
            if portal.fail_next > 0:
                portal.fail_next -= 1
                self._answer(503, {})
                return
            single = headers["content-type"] == "application/json"
            events = [json.loads(body)] if single else [json.loads(line) for line in body.splitlines()]
            taken = [portal.take(event) for event in events]
            portal.answers += taken
        pairs = enumerate(zip(events, taken, strict=True))
        results = [{"index": index, "id": one["id"], "status": status} for index, (one, status) in pairs]
        self._answer(202, {"results": results})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass
