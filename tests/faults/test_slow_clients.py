"""Hostile bodies, and clients that send a byte now and then: refused cheaply, and the others do not notice."""

import gzip
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import httpx
import psutil
import pytest

from merchant_protection.home.management.commands import demo
from tests.faults.senders import Load, p95
from tests.fixtures.programs import until
from tests.marketplace.posting import PATH, signed

SLOW = 50
ROUNDS = 5
CPU, GROWTH = 0.05, 48 * 1024 * 1024  # memory: by as many posts as before, and less than one bomb unpacked
HEAD = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" % PATH.encode()
OPENINGS = (HEAD, HEAD + b"Content-Length: 100000\r\n\r\n")  # slow in the headers, slow in the body
PACKED = {"content-encoding": "gzip"}
HOSTILE: dict[str, tuple[bytes, dict[str, str]]] = {
    "257 KiB": (b'{"id": "' + b"x" * 257 * 1024 + b'"}', {}),
    "arrays 10,000 deep": (b"[" * 10_000 + b"]" * 10_000, {}),
    "objects 10,000 deep": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, {}),
    "a million digits": (b'{"version":' + b"9" * 1_000_000 + b"}", {}),
    "as many digits as fit": (b'{"version":' + b"9" * 200_000 + b"}", {}),
    "NUL": (b'{"id": "\\u0000"}', {}),
    "half a surrogate": (b'{"id": "\\ud800"}', {}),
    "a gzip bomb": (gzip.compress(bytes(64 * 1024 * 1024)), PACKED),
}


@contextmanager
def slow_clients(port: int) -> Iterator[None]:
    """Open fifty connections of each kind, which go on by one byte a second."""
    own = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW * len(OPENINGS))]
    for number, each in enumerate(own):
        each.sendall(OPENINGS[number % len(OPENINGS)])
    ending = threading.Event()

    def trickle() -> None:
        while not ending.wait(1):
            for each in own:
                try:
                    each.sendall(b" ")
                except OSError:
                    continue

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        for each in own:
            each.close()


def answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).is_success
    except httpx.HTTPError:
        return False


def family(pid):
    """The program and its workers."""
    whole = psutil.Process(pid)
    return [whole, *whole.children(recursive=True)]


def cpu_of(pid):
    return sum(each.cpu_times().user + each.cpu_times().system for each in family(pid))


def memory_of(pid):
    return sum(each.memory_info().rss for each in family(pid))


def post(client, port, name):
    body, more = HOSTILE[name]
    headers = {**signed(body), "content-type": "application/json", **more}
    try:
        return client.post(f"http://127.0.0.1:{port}{PATH}", content=body, headers=headers).status_code
    except httpx.RemoteProtocolError:  # who is refused with its body unread is cut off: it asks anew, as clients do
        return client.post(f"http://127.0.0.1:{port}{PATH}", content=body, headers=headers).status_code


def cost_of(client, port, pid, name):
    """Seconds of processor of one such post, by three of them."""
    before = cpu_of(pid)
    for _ in range(3):
        post(client, port, name)
    return (cpu_of(pid) - before) / 3


@pytest.mark.case("T11")
def test_hostile_bodies_and_slow_clients_hold_up_nobody(program, port):
    web = program.start(*demo.WEB, "--host", "127.0.0.1", "--port", str(port), demo.APPLICATION)
    until(lambda: answers(port), seconds=60)
    pid = web.process.pid

    with slow_clients(port), httpx.Client(timeout=30) as client:
        said = {(name, post(client, port, name)) for _ in range(3 * ROUNDS) for name in HOSTILE}
        assert {(name, status) for name, status in said if status not in (400, 413)} == set()
        memory = memory_of(pid)
        costs = {name: median(cost_of(client, port, pid, name) for _ in range(ROUNDS)) for name in HOSTILE}
        assert {name: cost for name, cost in costs.items() if cost > CPU} == {}
        assert memory_of(pid) < memory + GROWTH

        with Load(port) as load:
            while len(load.acknowledged) < 50 and not load.failures:
                for name in HOSTILE:
                    post(client, port, name)

    sys.stdout.write(f"{len(load.took)} posts beside them, p95 {p95(load.took):.3f} s; {costs}\n")
    assert load.failures == []
    assert p95(load.took) < 1
