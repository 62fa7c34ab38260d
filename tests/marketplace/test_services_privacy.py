"""Buyers' personal data: shown for a reason, held, erased; everything written down, nothing left behind."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation

from merchant_protection.audit import queries as audit
from merchant_protection.audit import services as auditing
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import crypto, logs, tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.marketplace.models import InboxEvent, Order
from merchant_protection.marketplace.services import deciding, privacy
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures import servers
from tests.fixtures.people import Persona
from tests.marketplace.posting import event, post

NAME, PHONE, ADDRESS = "金丝雀", "138 0013 8000", "浙江省杭州市西湖区金丝雀路12号3栋1202"
MEANS = ("device-canary", "203.0.113.77", "card-canary")
CANARIES = (NAME, PHONE, PHONE.replace(" ", ""), "金丝雀路12号", *MEANS)
WHY = "parcel came back"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def order(transactional_db: None, merchant: Persona, now: datetime, logged: io.StringIO) -> Order:
    InboundSourceFactory()
    recipient = {"name": NAME, "phone": PHONE, "address": ADDRESS}
    post(event(recipient=recipient))
    with tenancy.platform():
        deciding.decide_due(now=now + timedelta(hours=1))
        return Order.objects.get()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JsonLines())
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


def entries(action: str) -> list[Entry]:
    with tenancy.platform():
        return list(Entry.objects.filter(action=action))


def run(person: Persona, command: Any, order: Order, now: datetime, reason: str = WHY) -> Any:
    with tenancy.platform():
        return command(order_id=order.pk, actor=person.actor, at=now, reason=reason)


def stored() -> str:
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        names = server.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return "\n".join(str(server.execute(f"SELECT t::text FROM {name} t".encode()).fetchall()) for (name,) in names)


def unsealed() -> str:
    """All that can be opened with the keys at hand, of orders and of events."""
    with tenancy.platform():
        sealed = [row.recipient_sealed for row in Order.objects.exclude(recipient_sealed="")]
        sealed += [row.body["sealed"] for row in InboxEvent.objects.filter(body__has_key="sealed")]
    return str([json.loads(crypto.unseal(each)) for each in sealed])


def test_an_owner_sees_the_recipient_and_it_is_written_down(order: Order, merchant: Persona, now: datetime) -> None:
    told = run(merchant, privacy.show_recipient, order, now)

    assert (told.name, told.phone, told.address) == (NAME, PHONE, ADDRESS)
    (entry,) = entries("order.recipient_shown")
    assert (entry.subject_id, entry.reason, entry.actor_id) == (order.number, WHY, merchant.user.pk)
    assert all(canary not in str(vars(entry)) for canary in CANARIES)


@pytest.mark.parametrize("who", ["operator", "onlooker", "rival", "reviewer", "trainer"])
@pytest.mark.parametrize("command", [privacy.show_recipient, privacy.hold, privacy.release_hold, privacy.erase])
def test_who_may_not_gets_nothing(
    order: Order, who: str, command: Any, request: pytest.FixtureRequest, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        run(request.getfixturevalue(who), command, order, now)

    with tenancy.platform():
        kept = Order.objects.get()
        assert (kept.recipient_sealed, kept.legal_hold) == (order.recipient_sealed, False)
        assert not Entry.objects.filter(action__startswith="order.").exists()


@pytest.mark.parametrize("reason", ["", "    ", "abc", "x" * 301])
def test_without_a_reason_nothing_is_shown(order: Order, merchant: Persona, now: datetime, reason: str) -> None:
    with pytest.raises(Invalid):
        run(merchant, privacy.show_recipient, order, now, reason)

    assert entries("order.recipient_shown") == []


def test_who_looks_at_one_after_another_is_stopped(order: Order, merchant: Persona, now: datetime) -> None:
    for _ in range(privacy.LOOKS.amount):
        run(merchant, privacy.show_recipient, order, now)

    with pytest.raises(Conflict, match="60"):
        run(merchant, privacy.show_recipient, order, now)
    assert len(entries("order.recipient_shown")) == privacy.LOOKS.amount


def test_a_hold_beats_erasure_by_a_person_and_by_age(order: Order, merchant: Persona, now: datetime) -> None:
    run(merchant, privacy.hold, order, now)
    run(merchant, privacy.hold, order, now)

    with pytest.raises(Conflict):
        run(merchant, privacy.erase, order, now)
    with tenancy.platform():
        privacy.erase_due(now=now + timedelta(days=4_000))
        assert Order.objects.get().recipient_sealed == order.recipient_sealed
    assert len(entries("order.held")) == 1

    run(merchant, privacy.release_hold, order, now)
    run(merchant, privacy.erase, order, now)
    assert NAME not in unsealed()


def test_what_is_old_is_erased_and_what_is_young_is_kept(order: Order, now: datetime) -> None:
    with tenancy.platform():
        start = max(order.placed_at, InboxEvent.objects.get().received_at)
        assert privacy.erase_due(now=start + timedelta(days=89)) == 0
        assert privacy.erase_due(now=start + timedelta(days=91)) == 1
        assert "sealed" not in InboxEvent.objects.get().body
        assert Order.objects.get().recipient_sealed != ""
        assert privacy.erase_due(now=start + timedelta(days=1_100)) == 1
        assert privacy.erase_due(now=start + timedelta(days=1_100)) == 0
        erased = Order.objects.get()
    assert (erased.recipient_sealed, erased.phone_key, erased.device_key, erased.address_tags) == ("", "", "", [])
    assert erased.personal_erased_at is not None
    assert [entry.after["orders"] for entry in entries("retention.erased")] == [1]


def test_over_the_api_a_program_needs_the_scope_and_people_their_role(
    order: Order, merchant: Persona, operator: Persona, rival: Persona
) -> None:
    where, body = f"/api/v1/orders/{order.pk}/recipient", {"reason": WHY}

    def ask(headers: Any) -> Any:
        return Client().post(where, body, content_type="application/json", **headers)

    answer = ask(merchant.key("recipients:read"))
    assert (answer.json()["phone"], answer["Cache-Control"]) == (PHONE, "no-store")
    assert ask(merchant.key("orders:read")).status_code == 403
    assert ask(rival.key("recipients:read")).status_code == 404
    assert operator.client.post(where, body, content_type="application/json").status_code == 403
    assert merchant.client.post(where, {}, content_type="application/json").status_code == 422
    erase = f"/api/v1/orders/{order.pk}/erase"
    key = merchant.key("recipients:read")
    assert Client().post(erase, body, content_type="application/json", **key).status_code == 403
    held = merchant.client.post(f"/api/v1/orders/{order.pk}/hold", body, content_type="application/json")
    assert held.json() == {"legal_hold": True, "personal_erased_at": None}
    assert merchant.client.post(erase, body, content_type="application/json").status_code == 409


def test_the_page_asks_why_and_shows_once(order: Order, merchant: Persona, operator: Persona, rival: Persona) -> None:
    where = f"/m/orders/{order.pk}/recipient/"

    assert PHONE not in merchant.client.get(where).content.decode()
    assert merchant.client.post(where, {"reason": "x"}).status_code == 422
    shown = merchant.client.post(where, {"reason": WHY, "act": "show"})
    assert PHONE in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert where in merchant.client.get(f"/m/orders/{order.pk}/").content.decode()
    assert where not in operator.client.get(f"/m/orders/{order.pk}/").content.decode()
    assert (operator.client.get(where).status_code, rival.client.get(where).status_code) == (403, 404)
    merchant.client.post(where, {"reason": WHY, "act": "erase"})
    assert NAME not in unsealed()


@pytest.mark.case("T36")
def test_a_canary_is_found_nowhere_and_erasure_leaves_none(
    order: Order, merchant: Persona, staff: Persona, now: datetime, logged: io.StringIO
) -> None:
    """Through events, pages, files, the API, looks and holds: not in plain anywhere, and after erasure not sealed."""
    staff.user.is_demo = True
    staff.user.save()
    post(event(version=2, status="NOPE", recipient={"name": NAME, "phone": PHONE, "address": ADDRESS}))
    post(event("after_sale.changed", tracking="SF-CANARY-1"))
    with tenancy.platform():
        deciding.decide_due(now=now + timedelta(hours=1))
        event_id = InboxEvent.objects.order_by("pk").first().pk  # type: ignore[union-attr]
    settings.DEMO, before = True, settings.DEMO
    seen = [
        *(merchant.client.get(path) for path in ("/m/", "/m/orders/", "/m/orders.csv", "/m/events/", "/m/activity/")),
        *(
            merchant.client.get(path)
            for path in (f"/m/orders/{order.pk}/", f"/m/events/{event_id}/", "/m/activity.csv")
        ),
        *(merchant.client.get(f"/api/v1/{path}") for path in ("orders", f"orders/{order.pk}", "buyers")),
        *(merchant.client.get(f"/api/v1/{path}") for path in ("received-events", f"received-events/{event_id}")),
        *(staff.client.get(f"/admin/marketplace/{path}/") for path in ("order", "inboxevent", "buyer")),
        staff.client.get(f"/admin/marketplace/order/{order.pk}/change/"),
        staff.client.get(f"/admin/marketplace/inboxevent/{event_id}/change/"),
    ]
    settings.DEMO = before
    told = "\n".join(body(answer) for answer in seen)
    run(merchant, privacy.show_recipient, order, now)
    broker = redis.Redis.from_url(settings.REDIS_URL)
    in_redis = str({name: broker.dump(name) for name in broker.scan_iter()})
    for canary in (*CANARIES, "SF-CANARY-1"):
        for where, text in {"pages": told, "log": logged.getvalue(), "database": stored(), "Redis": in_redis}.items():
            assert canary not in text, (canary, where)
    assert NAME in unsealed(), "the control: it is there, sealed"

    run(merchant, privacy.hold, order, now)
    with pytest.raises(Conflict):
        run(merchant, privacy.erase, order, now)
    run(merchant, privacy.release_hold, order, now)
    with tenancy.platform():
        keys = {getattr(Order.objects.get(), name) for name, value in privacy.ERASED.items() if value == ""} - {""}
    assert len(keys) > 5
    run(merchant, privacy.erase, order, now)

    assert NAME not in unsealed()
    left = stored()
    assert [key for key in keys if key in left] == []
    with tenancy.platform():
        auditing.link_committed(now=now)
        assert audit.verify().first_bad is None
        assert audit.verify().length == Entry.objects.count()


def body(answer: Any) -> str:
    assert answer.status_code in (200, 302, 404), answer.status_code
    return b"".join(answer).decode(errors="replace") + str(answer.headers)
