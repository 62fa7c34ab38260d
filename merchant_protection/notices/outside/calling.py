"""Call an endpoint once: its name is resolved once, looked at, and that very address is called."""

import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from merchant_protection.notices.outside import addresses
from merchant_protection.notices.outside.addresses import BadAddress, Target

CONNECTS_WITHIN = 3.0
READS_WITHIN = 10.0
WHOLE_CALL = 15.0  # seconds: name, connection, question and answer together, also from one that drips
LARGEST_ANSWER = 64 * 1024
KEPT_ANSWER = 500
AGENT = "MerchantProtection-Webhooks/1"

type Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Answer:
    """How a call ended: a status, or the word for what failed before there was one."""

    status: int | None = None
    error: str = ""
    text: str = ""
    retry_after: str = ""
    took_ms: int = 0

    @property
    def is_success(self) -> bool:
        """Whether the endpoint took the message."""
        return self.status is not None and 200 <= self.status < 300


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses that a name stands for, asked once."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def post(
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    listeners: Collection[str] = (),
    resolve: Resolve = resolved,
    whole_call: float = WHOLE_CALL,
) -> Answer:
    """Send one message, follow nothing, and return how it ended; never raises for what an endpoint does."""
    begun = time.monotonic()
    try:
        target = addresses.read(url, listeners=listeners)
        until = begun + whole_call
        with httpcore.ConnectionPool(
            ssl_context=_tls(), network_backend=_Guard(target, resolve, until), max_connections=1
        ) as pool:
            status, retry_after, text = _ask(pool, target, headers, body)
    except BadAddress as error:
        fault = f"address_{error}"
    except httpcore.TimeoutException:
        fault = "timeout"
    except httpcore.ConnectError as error:
        fault = "tls" if "SSL" in str(error) or "CERT" in str(error).upper() else "unreachable"
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ssl.SSLError, OSError):
        fault = "broken_off"
    else:
        return Answer(status=status, retry_after=retry_after, text=text, took_ms=_since(begun))
    return Answer(error=fault, took_ms=_since(begun))


def _ask(
    pool: httpcore.ConnectionPool, target: Target, headers: Mapping[str, str], body: bytes
) -> tuple[int, str, str]:
    said: dict[bytes | str, bytes | str] = {
        "Host": target.authority,
        "User-Agent": AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept": "*/*",
        "Accept-Encoding": "identity",  # a small answer must not unfold into a large one
        "Connection": "close",
    }
    said.update(headers.items())
    place = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    times = {"connect": CONNECTS_WITHIN, "read": READS_WITHIN, "write": READS_WITHIN, "pool": CONNECTS_WITHIN}
    with pool.stream("POST", place, headers=said, content=body, extensions={"timeout": times}) as response:
        content = bytearray()
        for chunk in response.iter_stream():
            content += chunk
            if len(content) > LARGEST_ANSWER:
                break
        found = {name.lower(): value for name, value in response.headers}
    text = bytes(content[: KEPT_ANSWER * 4]).decode("utf-8", "replace").replace("\x00", "")[:KEPT_ANSWER]
    return response.status, found.get(b"retry-after", b"").decode("ascii", "replace")[:60], text


class _Guard(httpcore.NetworkBackend):
    """Connects to the address it looked at, or not at all."""

    def __init__(self, target: Target, resolve: Resolve, until: float) -> None:
        self.target = target
        self.resolve = resolve
        self.until = until
        self.wires = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise BadAddress("unknown") from error
        if not found:
            raise BadAddress("unknown")
        # One look for all: a name that also stands for something inside is not called at all.
        if not self.target.is_listener and not all(addresses.is_public(each) for each in found):
            raise BadAddress("inside")
        return _Wire(self._connected(found, port, timeout), self.until)

    def _connected(self, found: Sequence[str], port: int, timeout: float | None) -> httpcore.NetworkStream:
        for address in found[:-1]:
            try:
                return self.wires.connect_tcp(address, port, timeout=_left(self.until, timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self.wires.connect_tcp(found[-1], port, timeout=_left(self.until, timeout))

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise BadAddress("inside")


class _Wire(httpcore.NetworkStream):
    """A connection on which nothing takes longer than the whole call may."""

    def __init__(self, wire: httpcore.NetworkStream, until: float) -> None:
        self.wire = wire
        self.until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.wire.read(max_bytes, _left(self.until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.wire.write(buffer, _left(self.until, timeout))

    def close(self) -> None:
        self.wire.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Wire(self.wire.start_tls(ssl_context, server_hostname, _left(self.until, timeout)), self.until)

    def get_extra_info(self, info: str) -> Any:
        return self.wire.get_extra_info(info)


def _left(until: float, wanted: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the whole call took too long")
    return min(left, wanted) if wanted is not None else left


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)


_CONTEXTS: list[ssl.SSLContext] = []


def _tls() -> ssl.SSLContext:
    """Return how certificates are judged: made once, for it reads a large file."""
    if not _CONTEXTS:
        _CONTEXTS.append(httpx.create_ssl_context(trust_env=False))
    return _CONTEXTS[0]
