"""Fifty clients that send a byte now and then: the others do not notice."""

import socket
import sys
import threading
import time

import httpx
import pytest

from merchant_protection.home.management.commands import demo
from tests.faults.senders import Load, p95
from tests.fixtures.programs import until
from tests.marketplace.posting import PATH

SLOW = 50
HEAD = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" % PATH.encode()


def slow_clients(port, opening, ending):
    """Open fifty connections that begin like this and go on by one byte a second."""
    own = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    for each in own:
        each.sendall(opening)

    def trickle():
        while not ending.wait(1):
            for each in own:
                try:
                    each.sendall(b" ")
                except OSError:
                    continue
        for each in own:
            each.close()

    return threading.Thread(target=trickle)


def answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).is_success
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize(
    "opening", [HEAD, HEAD + b"Content-Length: 100000\r\n\r\n"], ids=["in the headers", "in the body"]
)
def test_slow_clients_hold_up_nobody(program, port, opening):
    address = ("--host", "127.0.0.1", "--port", str(port))
    program.start(*demo.WEB, *address, demo.APPLICATION)
    until(lambda: answers(port), seconds=30)
    ending = threading.Event()
    trickle = slow_clients(port, opening, ending)
    trickle.start()
    try:
        time.sleep(1)
        with Load(port) as load:
            load.reach(50, seconds=30)
    finally:
        ending.set()
        trickle.join()

    sys.stdout.write(f"{len(load.took)} posts beside {SLOW} slow clients, p95 {p95(load.took):.3f} s\n")
    assert load.failures == []
    assert p95(load.took) < 1
