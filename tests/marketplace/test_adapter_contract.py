"""The adapter speaks with the simulator, which was written apart from it, and names each way a call can end."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from merchant_protection.foundation import signatures
from merchant_protection.marketplace.outside.adapters.base import Outcome, Request
from merchant_protection.marketplace.outside.adapters.signed_webhook import SignedWebhook
from tests.simulator.conftest import QUIET, Platform

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def simulator() -> Iterator[Platform]:
    platform = Platform(QUIET)
    yield platform
    platform.client.close()
    platform.server.stop()


@pytest.fixture
def adapter(simulator) -> Iterator[SignedWebhook]:
    adapter = SignedWebhook(base_url=simulator.server.address, secret=simulator.live.settings.secret_of_actions)
    yield adapter
    adapter.client.close()


def request(key="k1", **changes) -> Request:
    same = {
        "action_id": 1,
        "merchant": "QH-0001",
        "kind": "LISTING",
        "ref": "QH-001-01",
        "aspect": "availability",
        "value": "DELISTED",
        "verb": "delist",
        "generation": 1,
        "reason": "价格太低",
        "issued_at": NOW,
        "idempotency_key": key,
    }
    return Request(**same | changes)


def test_a_state_is_set_and_seen(adapter):
    assert adapter.state_of(request()).state == "LISTED"
    answer = adapter.perform(request())
    seen = adapter.state_of(request())

    assert (answer.outcome, answer.state) == (Outcome.DONE, "DELISTED")
    assert (seen.outcome, seen.state, seen.generation) == (Outcome.DONE, "DELISTED", 1)


def test_the_same_key_has_one_effect(adapter, simulator):
    answers = [adapter.perform(request()).outcome for _time in range(3)]

    assert answers == [Outcome.DONE] * 3
    assert simulator.server.desk.states["QH-0001", "LISTING", "QH-001-01", "availability"].effects == 1


@pytest.mark.parametrize(
    ("kind", "ref", "aspect", "value"),
    [
        ("LISTING", "QH-001-01", "price", {"amount": "129.00", "currency": "CNY"}),
        ("LISTING", "QH-001-01", "stock", 7),
        ("SHOP", "QH-0001", "new_orders", {"held_skus": ["QH-001-01"]}),
    ],
)
def test_each_kind_of_value_is_taken_and_shown_again(adapter, kind, ref, aspect, value):
    asked = request(kind=kind, ref=ref, aspect=aspect, value=value)

    assert adapter.perform(asked).state == value


def test_what_is_older_is_superseded(adapter):
    adapter.perform(request(generation=5))

    assert adapter.perform(request("k2", generation=4, value="LISTED")).outcome == Outcome.SUPERSEDED


def test_unknown_targets_and_wrong_values_are_refused(adapter):
    assert adapter.perform(request(ref="nothing")).outcome == Outcome.REFUSED
    assert adapter.state_of(request(ref="nothing")).outcome == Outcome.REFUSED
    assert adapter.perform(request("k2", value="SOLD")).outcome == Outcome.REFUSED


def test_a_wrong_secret_is_no_effect_and_no_refusal_of_the_action(simulator):
    stranger = SignedWebhook(base_url=simulator.server.address, secret="whsec_d3Jvbmc=")

    assert stranger.perform(request()).outcome == Outcome.NO_ANSWER
    assert stranger.state_of(request()).outcome == Outcome.NO_ANSWER
    assert simulator.server.desk.states == {}
    stranger.client.close()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"unavailable": 1.0}, Outcome.BUSY),
        ({"throttled": 1.0}, Outcome.BUSY),
        ({"lost": 1.0}, Outcome.NO_ANSWER),
        ({"down": True}, Outcome.NO_ANSWER),
    ],
)
def test_each_fault_has_its_name(adapter, simulator, fault, outcome):
    simulator.control(faults=fault)

    answer, seen = adapter.perform(request()), adapter.state_of(request())

    assert (answer.outcome, seen.outcome) == (outcome, outcome)
    assert (answer.retry_after > 0) == (outcome == Outcome.BUSY)


def test_a_platform_that_is_not_there_was_not_reached():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    adapter = SignedWebhook(base_url=f"http://127.0.0.1:{port}", secret="whsec_c2VjcmV0")

    assert adapter.perform(request()).outcome == Outcome.NOT_REACHED


def answering(response: httpx.Response) -> SignedWebhook:
    streamed = httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(response.content))
    transport = httpx.MockTransport(lambda request: streamed)
    return SignedWebhook(base_url="http://platform.example", secret="whsec_c2VjcmV0", transport=transport)


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (httpx.Response(200, content=b"not json"), Outcome.NO_ANSWER),
        (httpx.Response(200, json=["done"]), Outcome.NO_ANSWER),
        (httpx.Response(200, json={"status": "done"}), Outcome.NO_ANSWER),
        (httpx.Response(200, content=b"[" * 100_000), Outcome.NO_ANSWER),
        (httpx.Response(200, content=b"x" * 300_000), Outcome.NO_ANSWER),
        (httpx.Response(302, headers={"Location": "http://127.0.0.1/"}), Outcome.NO_ANSWER),
        (httpx.Response(409, json={"status": "conflict"}), Outcome.NO_ANSWER),
        (httpx.Response(500), Outcome.NO_ANSWER),
        (httpx.Response(503, headers={"Retry-After": "soon"}), Outcome.BUSY),
        (httpx.Response(410), Outcome.REFUSED),
    ],
)
def test_whatever_the_platform_says_is_no_error_of_ours(response, outcome):
    assert answering(response).perform(request()).outcome == outcome


def test_a_platform_that_drips_its_answer_does_not_hold_a_lease(monkeypatch):
    monkeypatch.setattr("merchant_protection.marketplace.outside.adapters.signed_webhook.WHOLE_ANSWER", 0.5)
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        connection, _address = server.accept()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(0.1):
            connection.sendall(b" ")
        connection.close()

    thread = threading.Thread(target=drip)
    thread.start()
    adapter = SignedWebhook(base_url=f"http://127.0.0.1:{server.getsockname()[1]}", secret="whsec_c2VjcmV0")
    outcome = adapter.perform(request()).outcome
    adapter.client.close()
    over.set()
    thread.join()
    server.close()

    assert outcome == Outcome.NO_ANSWER


def test_the_adapter_reads_what_was_signed_and_parses_each_form():
    body = b'{"id": "e1"}'
    headers = signatures.headers("whsec_c2VjcmV0", message_id="m1", at=NOW, body=body)
    adapter = answering(httpx.Response(200))

    assert adapter.verify(headers=headers, body=body, secrets=["whsec_b3RoZXI=", "whsec_c2VjcmV0"], now=NOW) == "m1"
    assert adapter.parse(content_type="application/json", body=body) == [{"id": "e1"}]
    assert adapter.parse(content_type="application/json", body=b"[1, 2]") == [1, 2]
    assert adapter.parse(content_type="application/x-ndjson", body=b'{"a": 1}\n\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": ""},
        {"webhook-id": "é"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "NaN"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-timestamp": str(int(NOW.timestamp()) - 301)},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,not base64 ü"},
        {"webhook-signature": "v2,AAAA"},
    ],
)
def test_a_bad_signature_is_told_and_nothing_else_is_raised(change):
    headers = signatures.headers("whsec_c2VjcmV0", message_id="m1", at=NOW, body=b"{}") | change

    with pytest.raises(signatures.BadSignature):
        signatures.verify(headers, body=b"{}", secrets=["whsec_c2VjcmV0"], now=NOW)
