"""Deciding events: order and duplicates do not matter, what fails is set aside, each change is owed once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from merchant_protection.foundation import leases, tenancy
from merchant_protection.marketplace.models import (
    Change,
    InboxEvent,
    Listing,
    Order,
    OrderStatusChange,
    PricePoint,
)
from merchant_protection.marketplace.queries import inbox
from merchant_protection.marketplace.services import changes, deciding
from merchant_protection.marketplace.services.applying import batches
from merchant_protection.notices.models import Notice
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona
from tests.marketplace.posting import event, post

NO_IDS = ("id", "order_id", "listing_id", "buyer_id", "updated_at", "recorded_at", "recipient_sealed")
STATUSES = ["PLACED", "PAID", "SHIPPED", "DELIVERED", "REFUNDED", "CANCELLED", "EXPIRED", "PAID"]


def decide_all(now: datetime) -> None:
    while deciding.decide_due(now=now):
        pass


def state() -> list[Any]:
    """Everything that stands at the end, without the database's own numbers."""
    rows: list[Any] = []
    for model in (Order, Listing, PricePoint, OrderStatusChange):
        for row in model.objects.all():
            plain = {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields}
            rows.append(sorted((k, str(v)) for k, v in plain.items() if k not in NO_IDS))
    for order in Order.objects.all():
        lines = order.lines.order_by("ordinal").values_list("ordinal", "sku", "quantity", "unit_price", "paid")
        rows.append([order.number, *map(str, lines)])
    return sorted(map(str, rows))


def story(versions: int) -> list[dict[str, Any]]:
    """So many versions each of an order, a listing and its price."""
    told: list[dict[str, Any]] = []
    for version in range(1, versions + 1):
        at = f"2026-11-20T{version:02}:00:00Z"
        more = {"version": version, "occurred_at": at}
        line = {"sku": "WM-1", "quantity": version, "unit_price": f"{version}", "paid": f"{version}"}
        lines = [line] * (1 + version % 3)
        told.append(event("order.changed", status=STATUSES[version - 1], lines=lines, total=f"{version}", **more))
        cost = f"{version}.50" if version % 2 else None
        told.append(event("price.changed", price=f"{version}.00", cost=cost, **more))
        told.append(event("listing.changed", title=f"t{version}", price=f"{version}.99", **more))
    return told


@pytest.mark.django_db
@examples(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_the_end_does_not_depend_on_order_and_duplicates(merchant: Persona, data: st.DataObject) -> None:
    _compare_ends(data)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.case("T10")
@pytest.mark.django_db
@examples(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_the_end_does_not_depend_on_order_and_duplicates_in_300_examples(
    merchant: Persona, data: st.DataObject
) -> None:
    _compare_ends(data)


def _compare_ends(data: st.DataObject) -> None:
    told = story(data.draw(st.integers(1, 8)))
    shuffled = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=4))))
    cuts = data.draw(st.integers(1, len(shuffled)))

    assert _end_of(told, size=len(told)) == _end_of(shuffled, size=cuts)


def _end_of(told: list[dict[str, Any]], *, size: int) -> list[Any]:
    """Take events in, so many at a time, in a transaction that is taken back."""
    with tenancy.platform():
        savepoint = connection.savepoint()
        InboundSourceFactory()
        for start in range(0, len(told), size):
            assert post(told[start : start + size]).status_code == 202
            decide_all(timezone.now() + timedelta(seconds=1))
        end = state()
        connection.savepoint_rollback(savepoint)
    return end


@pytest.mark.case("T09")
def test_the_same_event_fifty_times_at_once_is_one_row_and_one_decision(
    merchant: Persona, transactional_db: None
) -> None:
    InboundSourceFactory()
    one = event(id="evt-1")

    def send(_: int) -> int:
        try:
            return int(post(one).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(50)))
    other = post(event(id="evt-1", total="1.00"))

    assert set(answers) == {202}
    assert (other.status_code, other.json()["results"][0]["status"]) == (202, "conflict")
    with tenancy.platform():
        assert InboxEvent.objects.count() == 1
        assert deciding.decide_due(now=timezone.now()) == 1
        assert deciding.decide_due(now=timezone.now()) == 0
        assert Order.objects.get().total == 1198


def test_a_poison_event_is_parked_after_five_tries_and_its_neighbours_are_decided(
    merchant: Persona, platform_scope: None
) -> None:
    InboundSourceFactory()
    post([event(number="good-1"), event(number="poison"), event(number="good-2")])
    orders = batches.STEPS["order.changed"]

    def poisoned(events: Any, at: datetime) -> Any:
        if any(each.object_key == "poison" for each in events):
            raise ZeroDivisionError
        return orders(events, at)

    now = timezone.now()
    with mock.patch.dict(batches.STEPS, {"order.changed": poisoned}):
        deciding.decide_due(now=now)
        decided_first = Order.objects.count()
        for turn in range(1, 8):
            deciding.decide_due(now=now + timedelta(minutes=turn))

    event_row = InboxEvent.objects.get(object_key="poison")
    assert decided_first == 2
    assert (event_row.status, event_row.attempts, event_row.last_error) == ("PARKED", 5, "ZeroDivisionError")
    assert Notice.objects.filter(kind="inbox.parked", merchant=merchant.shop).count() == 1
    figures = inbox.conservation(now=now)
    assert figures["received"] == figures["decided"] + figures["parked"] + figures["pending"] == 3


def test_an_event_of_an_unknown_schema_is_left_untouched(
    merchant: Persona, platform_scope: None, caplog: pytest.LogCaptureFixture
) -> None:
    InboundSourceFactory()
    post(event())
    InboxEvent.objects.update(schema=2)
    now = timezone.now()

    for turn in range(10):
        deciding.decide_due(now=now + timedelta(minutes=2 * turn))

    row = InboxEvent.objects.get()
    assert (row.status, row.attempts, Order.objects.count()) == ("PENDING", 0, 0)
    assert "unknown schema" in caplog.text


def test_who_lost_the_lease_writes_nothing(merchant: Persona, platform_scope: None) -> None:
    InboundSourceFactory()
    post(event())
    now = timezone.now()
    late = leases.claim(inbox.events_due(), now=now, limit=10)
    leases.claim(inbox.events_due(), now=now + timedelta(minutes=2), limit=10)

    deciding._decide(batch=late, at=now + timedelta(minutes=3))

    assert InboxEvent.objects.get().status == "PENDING"
    assert Order.objects.count() == 0


def test_each_consumer_sees_each_change_once(merchant: Persona, platform_scope: None) -> None:
    InboundSourceFactory()
    seen: list[tuple[str, int]] = []
    now = timezone.now()
    with mock.patch.object(settings, "CHANGE_CONSUMERS", {"one": ["price.changed"], "two": ["price.changed"]}):
        post([event("price.changed", version=1), event("order.changed")])
        decide_all(now + timedelta(seconds=1))
        post([event("price.changed", version=3), event("price.changed", version=2)])
        decide_all(now + timedelta(seconds=2))
    later = now + timedelta(seconds=5)
    for consumer in ("one", "two", "one"):
        changes.work_off(consumer, lambda rows: seen.extend((row.consumer, row.version) for row in rows), now=later)

    assert sorted(seen) == [("one", 1), ("one", 3), ("two", 1), ("two", 3)]


def test_a_change_that_cannot_be_handled_is_parked_and_holds_up_no_other(
    merchant: Persona, platform_scope: None
) -> None:
    InboundSourceFactory()
    seen: list[int] = []
    now = timezone.now()
    with mock.patch.object(settings, "CHANGE_CONSUMERS", {"one": ["price.changed"]}):
        post([event("price.changed", sku="A"), event("price.changed", sku="B")])
        decide_all(now + timedelta(seconds=1))
    bad = Listing.objects.get(sku="A").pk

    def look(rows: Any) -> None:
        if any(row.subject_id == bad for row in rows):
            raise ZeroDivisionError
        seen.extend(row.subject_id for row in rows)

    for turn in range(8):
        changes.work_off("one", look, now=now + timedelta(minutes=turn + 1))

    assert seen == [Listing.objects.get(sku="B").pk]
    assert Change.objects.get(subject_id=bad).is_parked


def test_an_after_sale_before_its_order_is_tied_to_it(merchant: Persona, platform_scope: None) -> None:
    InboundSourceFactory()
    now = timezone.now() + timedelta(seconds=1)
    post(event("after_sale.changed"))
    decide_all(now)
    post(event("order.changed"))
    decide_all(now)

    assert Order.objects.get().after_sales.count() == 1


def test_applying_costs_the_same_number_of_queries_for_one_event_and_for_fifty(
    merchant: Persona, platform_scope: None, django_assert_max_num_queries: Any
) -> None:
    InboundSourceFactory()
    post([event(number=f"O-{n}", buyer=f"b-{n}") for n in range(50)])

    with django_assert_max_num_queries(30):
        deciding.decide_due(now=timezone.now() + timedelta(seconds=1))
    assert Order.objects.count() == 50
