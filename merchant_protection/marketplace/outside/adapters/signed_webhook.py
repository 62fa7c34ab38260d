"""The generic adapter: signed JSON over HTTP, each change under its idempotency key."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from merchant_protection.foundation import signatures
from merchant_protection.marketplace.outside.adapters.base import Answer, Outcome, Request, Seen

TIMEOUT = httpx.Timeout(connect=3.0, read=10.0, write=10.0, pool=3.0)
WHOLE_ANSWER = 12.0  # seconds: a platform that drips its answer byte by byte must not hold a lease
LARGEST_ANSWER = 256 * 1024
SENT_NOTHING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
NOT_HANDLED_YET = (429, 503)
REFUSALS = (400, 404, 405, 410, 413, 415, 422)


class SignedWebhook:
    """Speaks with one platform at one address, with one secret; safe to use from several threads."""

    def __init__(self, *, base_url: str, secret: str, transport: httpx.BaseTransport | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.secret = secret
        self.client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, transport=transport)
        self.client.headers["Accept-Encoding"] = "identity"  # a small answer must not unfold into a large one

    def verify(self, *, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str:
        """Return the id of a well-signed, recent message, or raise BadSignature."""
        return signatures.verify(headers, body=body, secrets=secrets, now=now)

    def parse(self, *, content_type: str, body: bytes) -> list[Any]:
        """Return the events in a message: one object, an array, or one object a line."""
        if "ndjson" in content_type:
            return [json.loads(line) for line in body.splitlines() if line.strip()]
        found = json.loads(body)
        return found if isinstance(found, list) else [found]

    def perform(self, request: Request) -> Answer:
        """Ask for a state. The same request always has the same body, which its idempotency key stands for."""
        body = json.dumps(
            {
                "action_id": request.action_id,
                "merchant": request.merchant,
                "target": {"kind": request.kind, "ref": request.ref},
                "aspect": request.aspect,
                "value": request.value,
                "verb": request.verb,
                "generation": request.generation,
                "reason": request.reason,
                "issued_at": request.issued_at.astimezone(UTC).isoformat(),
            },
            ensure_ascii=False,
            sort_keys=True,
        ).encode()
        headers = self._headers(request, body) | {
            "Content-Type": "application/json",
            "Idempotency-Key": request.idempotency_key,
        }
        status, content, problem = self._call("POST", "/actions", headers=headers, content=body)
        if problem:
            return Answer(problem, note=str(content))
        return _answer(status, content)

    def state_of(self, request: Request) -> Seen:
        """Look at the present state of a target."""
        asked = {"merchant": request.merchant, "kind": request.kind, "ref": request.ref, "aspect": request.aspect}
        status, content, problem = self._call("GET", "/state", headers=self._headers(request, b""), params=asked)
        if problem:
            return Seen(problem, note=str(content))
        if status == 200 and isinstance(content, dict) and "state" in content:
            generation: Any = content.get("generation")
            return Seen(Outcome.DONE, state=content["state"], generation=generation if _is_count(generation) else 0)
        answer = _answer(status, content)
        outcome = Outcome.NO_ANSWER if answer.outcome in (Outcome.DONE, Outcome.SUPERSEDED) else answer.outcome
        return Seen(outcome, retry_after=answer.retry_after, note=answer.note)

    def _headers(self, request: Request, body: bytes) -> dict[str, str]:
        message_id = f"act_{request.idempotency_key[:40]}"
        return signatures.headers(self.secret, message_id=message_id, at=datetime.now(UTC), body=body)

    def _call(self, method: str, path: str, **parts: Any) -> tuple[int, Any, Outcome | None]:
        """Return status and content, or how the call failed: before anything was sent, or after."""
        until = time.monotonic() + WHOLE_ANSWER
        try:
            with self.client.stream(method, self.base_url + path, **parts) as response:
                content = _read(response, until=until)
        except SENT_NOTHING as error:
            return 0, type(error).__name__, Outcome.NOT_REACHED
        except (httpx.HTTPError, httpx.InvalidURL, TooMuch) as error:
            return 0, type(error).__name__, Outcome.NO_ANSWER
        parsed = _parsed(content)
        wait = response.headers.get("Retry-After", "")
        if response.status_code in NOT_HANDLED_YET:
            parsed = {"retry_after": float(wait) if wait.isascii() and wait.isdigit() else 0.0}
        return response.status_code, parsed, None


class TooMuch(Exception):
    """The answer is too long, or takes too long."""


def adapter(base_url: str, secret: str) -> SignedWebhook:
    """Return the adapter of a platform; its connections are kept between calls."""
    with _LOCK:
        if (base_url, secret) not in _KNOWN:
            _KNOWN[base_url, secret] = SignedWebhook(base_url=base_url, secret=secret)
        return _KNOWN[base_url, secret]


def hang_up() -> None:
    """Close every connection that is kept."""
    with _LOCK:
        for known in _KNOWN.values():
            known.client.close()
        _KNOWN.clear()


_KNOWN: dict[tuple[str, str], SignedWebhook] = {}
_LOCK = threading.Lock()
ADAPTERS: dict[str, Callable[[str, str], SignedWebhook]] = {"signed_webhook": adapter}


def _read(response: httpx.Response, *, until: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > LARGEST_ANSWER or time.monotonic() > until:
            raise TooMuch
    return bytes(content)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _answer(status: int, content: Any) -> Answer:
    said = content if isinstance(content, dict) else {}
    note = f"HTTP {status} {said.get('status', '')} {said.get('detail', '')}".strip()[:200]
    if status == 200 and said.get("status") == "done" and "state" in said:
        return Answer(Outcome.DONE, state=said["state"], note=note)
    if status == 409 and said.get("status") == "superseded":
        return Answer(Outcome.SUPERSEDED, note=note)
    if status in NOT_HANDLED_YET:
        return Answer(Outcome.BUSY, retry_after=said.get("retry_after", 0.0), note=note)
    if status in REFUSALS:
        return Answer(Outcome.REFUSED, note=note)
    return Answer(Outcome.NO_ANSWER, note=note)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
