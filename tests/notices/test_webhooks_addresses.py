"""Where the portal calls and where it never does, whatever an address looks like."""

import socket
from collections.abc import Iterator
from datetime import datetime

import pytest

from merchant_protection.foundation.errors import Invalid
from merchant_protection.notices.models import Endpoint
from merchant_protection.notices.outside import addresses, calling
from merchant_protection.notices.services import endpoints
from tests.fixtures.people import Persona
from tests.notices.listener import Listener

# P is the canary's port.
LITERAL = (
    *("http://127.0.0.1:P/", "https://127.0.0.1:P/", "https://127.1:P/", "https://127.0.1:P/", "https://0:P/"),
    *("https://0.0.0.0:P/", "https://2130706433:P/", "https://0x7f000001:P/", "https://0x7f.0.0.1:P/"),
    *("https://0177.0.0.1:P/", "https://127.0.0.01:P/", "https://localhost:P/", "https://LOCALHOST.:P/"),
    *("https://portal.localhost:P/", "https://[::1]:P/", "https://[::]:P/", "https://[0:0:0:0:0:0:0:1]:P/"),
    *("https://[::ffff:127.0.0.1]:P/", "https://[::ffff:7f00:1]:P/", "https://[::127.0.0.1]:P/"),
    *("https://[64:ff9b::7f00:1]:P/", "https://[2002:7f00:1::]:P/", "https://[2001:0:7f00:1::]:P/"),
    *("https://[::1%25lo]:P/", "https://[fe80::1%25lo]:P/", "https://[fec0::1]:P/", "https://[fd00:ec2::254]:P/"),
    *("https://169.254.169.254/latest/meta-data/", "https://metadata.google.internal/", "https://100.100.100.200/"),
    *("https://168.63.129.16/", "https://192.0.0.192/", "https://10.0.0.1:P/", "https://172.16.0.1:P/"),
    *("https://192.168.0.1:P/", "https://198.18.0.1:P/", "https://224.0.0.1:P/", "https://255.255.255.255:P/"),
    *("https://example.com@127.0.0.1:P/", "https://a:b@127.0.0.1:P/", "https://127.0.0.1:P\\@example.com/"),
    *("https://127.0.0.1:P\t/", "https://127.0.0.1\n:P/", " https://127.0.0.1:P/", "https://①②⑦.⓪.⓪.①:P/"),
    *("https://127。0。0。1:P/", "https://%31%32%37.0.0.1:P/", "https:127.0.0.1:P/", "https:///127.0.0.1:P/"),
    *("//127.0.0.1:P/", "file:///etc/passwd", "gopher://127.0.0.1:P/_", "ftp://127.0.0.1:P/", "javascript:1"),
    *("https://127.0.0.1:0/", "https://127.0.0.1:99999/", "https://[::1/", "https://[v1.x]:P/", ""),
)
# Names that stand for something inside, as a name server of the attacker's would say.
BEHIND_A_NAME = (
    *(["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "93.184.216.34"]),
    *(["10.1.2.3"], ["169.254.169.254"], ["fe80::1%lo"], ["64:ff9b::7f00:1"], ["0.0.0.7"], ["not an address"], []),
)


@pytest.fixture
def canary() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


def call(url: str, listener: Listener, **more: object) -> calling.Answer:
    """Call an address in which P stands for the listener's port."""
    port = str(listener.server.server_address[1])
    return calling.post(url.replace("P", port) if ":P" in url else url, headers={}, body=b"{}", **more)  # type: ignore[arg-type]


@pytest.mark.case("T28")
def test_no_shape_of_address_leads_inside(canary: Listener) -> None:
    assert len({*LITERAL}) >= 30

    said = {url: call(url, canary) for url in LITERAL}
    said |= {str(found): call("https://x.example:P/", canary, resolve=lambda *_, f=found: f) for found in BEHIND_A_NAME}

    assert {url: answer.error for url, answer in said.items() if not answer.error.startswith("address_")} == {}
    assert {answer.status for answer in said.values()} == {None}
    assert _is_asked_once_and_never_sent_on(canary) == [302, 307, 308]
    assert canary.connections == 0
    assert call(canary.url(), canary, listeners=[canary.place]).status == 200, "the canary would have sung"
    assert canary.connections == 1


def _is_asked_once_and_never_sent_on(canary: Listener) -> list[int | None]:
    """A listener that may be called sends on to the canary, and its name changes sides after the first question."""
    statuses = iter((302, 307, 308))
    with Listener(lambda _r: (next(statuses), {"Location": canary.url()}, b"")) as allowed:
        port = allowed.server.server_address[1]
        answers = []
        for _status in range(3):
            sides = iter([["127.0.0.1"], ["127.0.0.9"]])
            place = f"rebinding.example:{port}"
            answers.append(
                calling.post(
                    f"http://{place}/", headers={}, body=b"{}", listeners=[place], resolve=lambda *_, s=sides: next(s)
                )
            )
            assert next(sides) == ["127.0.0.9"], "the name was asked for once"
    return [each.status for each in answers]


@pytest.mark.parametrize("url", LITERAL)
def test_such_an_address_is_refused_when_it_is_entered(merchant: Persona, now: datetime, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        endpoints.add(
            actor=merchant.actor,
            merchant_id=merchant.shop.pk,
            name="x",
            url=url.replace(":P", ":8443"),
            kinds=["claim.decided"],
            at=now,
        )

    assert list(refused.value.fields) == ["url"]
    assert not Endpoint._default_manager.filter(merchant=merchant.shop).exists()


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_public_is_called(address: str) -> None:
    assert addresses.is_public(address)


def test_a_certificate_that_nobody_vouches_for_is_refused(canary: Listener) -> None:
    place = f"localhost:{canary.server.server_address[1]}"

    assert call("https://localhost:P/", canary, listeners=[place]).error == "tls"


def test_an_answer_that_drips_or_never_ends_is_cut_off(canary: Listener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        answer = calling.post(f"http://{place}/", headers={}, body=b"{}", listeners=[place], whole_call=0.3)
    canary.reply = lambda _received: (200, {}, b"x" * 1_000_000)
    long = call(canary.url(), canary, listeners=[canary.place])

    assert answer.error == "timeout"
    assert (long.status, len(long.text)) == (200, 500)


def test_who_does_not_listen_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"

    assert calling.post(f"http://{place}/", headers={}, body=b"", listeners=[place]).error == "unreachable"
