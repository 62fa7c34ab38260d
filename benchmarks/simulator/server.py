"""The platform's HTTP side: actions and state for the portal, control and ledger for people and tests."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.simulator import control, signing
from benchmarks.simulator.desk import Answer, Desk
from benchmarks.simulator.live import Live

LARGEST_BODY = 256 * 1024
DROP: Answer = (0, {})
REFUSED_BODY: Answer = (413, {"status": "invalid", "detail": "Content-Length is missing or too large."})


class Platform(ThreadingHTTPServer):
    """The server with what its handlers need."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, live: Live, *, host: str, port: int) -> None:
        super().__init__((host, port), Handler)
        self.live = live
        self.desk = Desk(live.market, live.ledger, live.lock, accept_unknown=live.settings.accept_unknown)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def address(self) -> str:
        """Return where this platform can be reached."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def start(self) -> None:
        """Begin to serve in a thread."""
        self.thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about callers who hung up."""


class Handler(BaseHTTPRequestHandler):
    """Reads a request, lets the platform answer, plays the faults."""

    protocol_version = "HTTP/1.1"
    server: Platform
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a question."""
        url = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        if url.path == "/state":
            self._send(self._guarded(f"state {url.query}", b"", lambda: self._state(asked)))
        elif url.path in ("/", "/healthz"):
            self._send((200, {"status": "ok", "marketplace": "simulator"}))
        elif url.path == "/ledger":
            self._send(control.ledger(self.server.live, asked))
        elif url.path == "/webhooks":
            self._send(control.webhooks(self.server.live, asked))
        elif url.path == "/control":
            self._send((200, control.present(self.server.live)))
        else:
            self._send((404, {"status": "unknown", "detail": f"No such path: {url.path}"}))

    def do_POST(self) -> None:
        """Take an action or an instruction."""
        path = urlsplit(self.path).path
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(REFUSED_BODY)
        elif path == "/actions":
            key = self.headers.get("Idempotency-Key", "").strip()
            self._send(self._guarded(key, body, lambda: self._act(key, body)))
        elif path == "/webhooks":
            self._send(self._hear(body))
        elif path == "/control":
            self._send(control.change(self.server.live, self.server.desk, body))
        else:
            self._send((404, {"status": "unknown", "detail": f"No such path: {path}"}))

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _guarded(self, key: str, body: bytes, answer: Any) -> Answer:
        """Check the signature, then answer, with the faults that befall this request."""
        live, faults = self.server.live, self.server.live.faults
        if faults.down:
            live.ledger.fault("down")
            return DROP
        secret = live.settings.secret_of_actions
        received = {name.lower(): value for name, value in self.headers.items()}
        try:
            signing.verify(secret, received, body, now=time.time())
        except signing.BadSignature as bad:
            live.ledger.fault("bad signature")
            return 401, {"status": "unauthorised", "detail": str(bad)}
        seen = live.ledger.arrived(key) if self.command == "POST" else live.ledger.asked(key)
        faults.wait(faults.rates.slow_seconds)
        fault = faults.pick(key, seen)
        if fault:
            live.ledger.fault(fault)
        if fault in ("unavailable", "throttled"):
            return (503 if fault == "unavailable" else 429), {"status": fault}
        if fault == "hang":
            faults.wait(faults.rates.hang_seconds)
        found: Answer = answer()
        return DROP if fault == "lost" else found

    def _act(self, key: str, body: bytes) -> Answer:
        if not key:
            return 400, {"status": "invalid", "detail": "Idempotency-Key is missing."}
        answer = self.server.desk.take(key, body)
        self.server.live.wake()
        return answer

    def _hear(self, body: bytes) -> Answer:
        """Play a merchant's own system that the portal tells what happens: check, note, and say thanks at once."""
        live = self.server.live
        received = {name.lower(): value for name, value in self.headers.items()}
        if not live.settings.webhook_secret:
            return 404, {"status": "unknown", "detail": "Nobody listens here: there is no webhook_secret."}
        try:
            message_id = signing.verify(live.settings.webhook_secret, received, body, now=time.time())
            told = json.loads(body)
        except (signing.BadSignature, ValueError) as bad:
            live.ledger.fault("bad webhook")
            return 401, {"status": "unauthorised", "detail": str(bad)}
        live.ledger.heard(message_id, told)
        return 200, {"status": "taken"}

    def _state(self, asked: dict[str, str]) -> Answer:
        missing = {"merchant", "kind", "ref", "aspect"} - asked.keys()
        if missing:
            return 400, {"status": "invalid", "detail": f"Missing: {', '.join(sorted(missing))}."}
        return self.server.desk.state_of(asked["merchant"], asked["kind"], asked["ref"], asked["aspect"])

    def _send(self, answer: Answer) -> None:
        status, content = answer
        if answer is DROP:
            self._hang_up()
            return
        body = json.dumps(content, ensure_ascii=False, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if status in (429, 503):
            self.send_header("Retry-After", str(self.server.live.faults.rates.retry_after))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        """Break the connection without a word, as a crash would."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Write no line per request: the ledger tells what came."""
