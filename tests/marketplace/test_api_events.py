"""Posting events: what is taken in, what is refused, and how it is told."""

import time
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace import drains
from merchant_protection.marketplace.models import (
    AfterSale,
    Buyer,
    InboundSource,
    InboxEvent,
    Listing,
    Order,
    Promotion,
)
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona
from tests.marketplace.posting import event, lines, post, signed


@pytest.fixture
def source(merchant: Persona) -> InboundSource:
    """The selling platform, known to us."""
    return InboundSourceFactory()


def results(response: Any) -> list[str]:
    return [each["status"] for each in response.json()["results"]]


def test_one_event_becomes_an_order(source: InboundSource, platform_scope: None) -> None:
    response = post(event("order.changed"))
    handled = drains.decide(timezone.now)

    assert response.status_code == 202, response.content
    assert response.json()["accepted"] == 1
    assert handled == 1
    order = Order.objects.get()
    assert (order.number, order.status, order.total, order.units) == ("O-1", "PAID", Decimal("1198.00"), 1)
    assert order.paid_at == datetime.fromisoformat("2026-11-20T10:00:00+08:00")
    assert order.lines.get().listing == Listing.objects.get(sku="WM-1")
    assert order.status_changes.count() == 1
    assert order.buyer == Buyer.objects.get(ref="b-774821")
    assert all([order.phone_key, order.address_exact, order.address_building, order.address_fuzzy, order.ip_net_key])


def test_every_type_is_taken_in_and_decided(source: InboundSource, platform_scope: None) -> None:
    types = ["after_sale", "order", "buyer", "promotion", "price", "listing"]
    response = post(lines([event(f"{name}.changed") for name in types]), content_type="application/x-ndjson")
    drains.decide(timezone.now)

    assert results(response) == ["accepted"] * 6
    assert set(InboxEvent.objects.values_list("status", "last_error")) == {("DECIDED", "")}
    listing = Listing.objects.get()
    assert (listing.price, listing.list_price, listing.cost) == (Decimal("1199"), Decimal("1599"), Decimal("900"))
    assert Promotion.objects.get().skus == ["WM-1"]
    assert Buyer.objects.get().paid_orders == 7
    assert AfterSale.objects.get().order == Order.objects.get()


def test_nothing_personal_is_stored_readable(source: InboundSource, platform_scope: None) -> None:
    post([event("order.changed"), event("after_sale.changed")])
    drains.decide(timezone.now)

    stored = " ".join(str(row) for model in (InboxEvent, Order, AfterSale) for row in model.objects.values())
    for canary in ("张三", "138", "文三路", "canary", "203.0.113", "SF123"):
        assert canary not in stored.replace("1198", "")


def test_a_bad_item_does_not_sink_its_neighbours(source: InboundSource, platform_scope: None) -> None:
    bad = event("order.changed", id="bad")
    bad["data"]["lines"][0]["quantity"] = 0
    stranger = event("order.changed", id="stranger", merchant="nobody")
    response = post([event(), bad, stranger, event("price.changed", price="-1.00")])

    assert response.status_code == 202
    assert results(response) == ["accepted", "invalid", "invalid", "invalid"]
    answers = response.json()["results"]
    assert answers[1]["errors"][0]["field"] == "data.lines[0].quantity"
    assert answers[1]["errors"][0]["code"] == "range"
    assert answers[2]["errors"][0]["code"] == "merchant"
    assert (answers[3]["errors"][0]["field"], answers[3]["errors"][0]["code"]) == ("data.price", "format")
    assert InboxEvent.objects.count() == 1


def test_the_same_event_again_is_a_duplicate_and_another_body_a_conflict(
    source: InboundSource, platform_scope: None
) -> None:
    first = event(id="evt-1")
    post(first)
    response = post([first, event(id="evt-1", total="1.00"), event(id="evt-2"), event(id="evt-2")])

    assert results(response) == ["duplicate", "conflict", "accepted", "duplicate"]
    assert response.json()["results"][1]["errors"][0]["code"] == "conflict"
    assert InboxEvent.objects.count() == 2


def test_a_shops_own_source_speaks_for_its_shop_only(merchant: Persona, rival: Persona, platform_scope: None) -> None:
    InboundSourceFactory(merchant=merchant.shop)

    response = post([event(merchant="shop-a"), event(merchant="shop-b")])

    assert results(response) == ["accepted", "invalid"]
    assert response.json()["results"][1]["errors"][0]["code"] == "merchant"


UNREADABLE: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "no items": (b"[]", 400),
    "array cut off": (b"[{", 400),
    "no number": (b"[NaN]", 400),
    "object cut off": (b"{", 400),
    "a text": (b'"x"', 422),
    "no fields": (b"{}", 422),
    "no text at all": (b"\xff\xfe\x00", 400),
    "another encoding": ('{"id": "中"}'.encode("gb18030"), 400),
    "deep arrays": (b"[" * 10_000 + b"]" * 10_000, 400),
    "deep objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
    "a long number": (b'{"version":' + b"9" * 200_000 + b"}", 400),
    "a million digits": (b'{"version":' + b"9" * 1_000_000 + b"}", 413),
    "a million digits in an array": (b"[" + b"9" * 1_000_000 + b"]", 202),
    "half a surrogate": (b'{"id": "\\ud800"}', 400),
    "NUL": (b'{"id": "\\u0000"}', 400),
    "257 KiB": (b'{"id": "' + b"x" * 257 * 1024 + b'"}', 413),
    "5,001 items": (b"[" + b",".join([b"{}"] * 5_001) + b"]", 413),
    "5,001 lines": (b"{}\n" * 5_001, 413),
    "two million numbers": (b"[" + b"1," * 2_000_000 + b"1]", 413),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_told_and_never_an_error_of_ours(
    source: InboundSource, platform_scope: None, name: str
) -> None:
    body, status = UNREADABLE[name]
    kind = "application/x-ndjson" if "lines" in name else "application/json"
    start = time.process_time()
    response = post(body, content_type=kind)

    assert response.status_code == status
    assert time.process_time() - start < 5  # a runaway would take many times that
    if status != 202:
        assert response.headers["Content-Type"] == "application/problem+json"
    assert InboxEvent.objects.count() == 0


def test_compressed_bodies_are_refused(source: InboundSource, platform_scope: None) -> None:
    body = b"{}"
    response = post(body, headers={**signed(body), "content-encoding": "gzip"})

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_scope_is_clean_after_a_post(source: InboundSource) -> None:
    post(event())

    assert tenancy.current() == ""
