"""Keys of programs: never kept in plain, limited to their scopes, dead at once, and counted exactly."""

import io
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from merchant_protection.accounts import policies
from merchant_protection.accounts.models import ApiKey
from merchant_protection.accounts.services import keys
from merchant_protection.foundation import logs, tenancy
from merchant_protection.foundation.models import Rate
from tests.factories.accounts import ApiKeyFactory
from tests.fixtures import servers
from tests.fixtures.people import Persona

ALL = list(policies.scopes_for(1))


def asked(key: str, path: str = "/api/v1/orders") -> Any:
    return Client(raise_request_exception=False).get(path, headers={"Authorization": f"Bearer {key}"})


def made(merchant: Persona, now: datetime, **fields: Any) -> tuple[ApiKey, str]:
    with tenancy.merchant(merchant.shop.pk):
        return keys.create(
            **{"actor": merchant.actor, "merchant_id": merchant.shop.pk, "name": "warehouse", "scopes": ALL}
            | {"expires_at": None, "at": now}
            | fields
        )


def everything_stored() -> str:
    """Every row of every table, as text, as whoever dumps the database sees it."""
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        tables = server.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [server.execute(f"SELECT t::text FROM {name} t".encode()).fetchall() for (name,) in tables]
    return "\n".join(str(row) for table in rows for row in table)


def everything_in_redis() -> str:
    there = redis.Redis.from_url(settings.REDIS_URL)
    return str({name: there.dump(name) for name in there.scan_iter()})


@pytest.fixture
def logged() -> Any:
    """What the log says, in the form in which it is written."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JsonLines())
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


@pytest.mark.case("T33")
def test_a_keys_whole_life(transactional_db: None, merchant: Persona, now: datetime, logged: io.StringIO) -> None:
    """No plain text anywhere; scopes hold; what is revoked or expired opens nothing; fifty at once are counted."""
    key, secret = made(merchant, now)
    assert asked(secret).status_code == 200
    narrow = made(merchant, now, scopes=["listings:read"])[1]
    assert (asked(narrow).status_code, asked(narrow, "/api/v1/listings").status_code) == (403, 200)
    brief = made(merchant, now, expires_at=now + timedelta(seconds=2))[1]

    in_address = [
        Client().get(f"/api/v1/orders?key={secret}"),
        Client().get(f"/api/v1/orders?access_token={secret}", headers={"Authorization": f"Bearer {secret}"}),
        Client().get(f"/api/v1/orders/{secret}"),
        Client().get("/api/v1/orders?key=" + secret.replace("_", "%5F")),
    ]
    assert [answer.status_code for answer in in_address] == [400] * 4
    assert all(secret not in answer.content.decode() for answer in in_address)

    assert exactly_counted(made(merchant, now)[1]) == {200: 20, 429: 30}

    with tenancy.merchant(merchant.shop.pk):
        keys.revoke(actor=merchant.actor, key_id=key.pk, at=now)
    start = time.monotonic()
    assert asked(secret).status_code == 401
    assert time.monotonic() - start < 1
    time.sleep(max(0.0, 2.05 - (time.monotonic() - start)))
    assert asked(brief).status_code == 401

    stored, log, broker = everything_stored(), logged.getvalue(), everything_in_redis()
    assert "Bad Request" in log
    for plain in (secret, secret.split("_", 3)[3], narrow, brief):
        assert plain not in stored
        assert plain not in log
        assert plain not in broker


def exactly_counted(secret: str) -> dict[int, int]:
    gate = threading.Barrier(50)

    def one(_: int) -> int:
        gate.wait(30)
        try:
            return int(asked(secret).status_code)
        finally:
            connection.close()

    with override_settings(API_RATES={"KEY": (20, timedelta(hours=1))}), ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(50)))
    return {status: answers.count(status) for status in sorted(set(answers))}


def test_one_too_many_is_told_when_to_ask_again(merchant: Persona, rival: Persona) -> None:
    ours, theirs = merchant.key("orders:read"), rival.key("orders:read")

    with override_settings(API_RATES={"KEY": (1, timedelta(minutes=1))}):
        first, second = (Client().get("/api/v1/orders", **ours) for _ in range(2))
        others = Client().get("/api/v1/orders", **theirs)
        people = [merchant.client.get("/api/v1/orders").status_code for _ in range(3)]

    assert (first.status_code, second.status_code, others.status_code, people) == (200, 429, 200, [200] * 3)
    assert second["Content-Type"] == "application/problem+json"
    assert 58 <= int(second["Retry-After"]) <= 61


def test_a_key_notes_when_it_was_used_once_a_minute(merchant: Persona, now: datetime) -> None:
    key = ApiKeyFactory(merchant=merchant.shop, scopes=["orders:read"])

    asked(key.presented)
    with tenancy.platform():
        first = ApiKey.objects.get(pk=key.pk).last_used_at
    asked(key.presented)
    with tenancy.platform():
        second = ApiKey.objects.get(pk=key.pk).last_used_at

    assert first is not None
    assert first >= now
    assert second == first
    assert Rate.objects.filter(name=f"key {key.pk}").exists()


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "mp_live_",
        "mp_live_short_x",
        "x" * 5000,
        "mp_live_abcdefghij_" + "é" * 30,
        "mp_live_abcdefghij_\x00" + "a" * 30,
    ],
)
def test_what_is_no_key_opens_nothing(db: None, presented: str) -> None:
    assert asked(presented.encode("utf-8").decode("latin-1")).status_code == 401


def test_two_keys_live_while_a_program_changes_over(merchant: Persona, now: datetime) -> None:
    (old, old_secret), (_new, new_secret) = made(merchant, now), made(merchant, now)
    assert (asked(old_secret).status_code, asked(new_secret).status_code) == (200, 200)

    with tenancy.merchant(merchant.shop.pk):
        keys.revoke(actor=merchant.actor, key_id=old.pk, at=now)

    assert (asked(old_secret).status_code, asked(new_secret).status_code) == (401, 200)


@pytest.mark.parametrize(
    "text",
    [
        "key mp_live_abcdefghij_0123456789abcdefABCDEF-_ used",
        "whsec_cG9zdGluZy10ZXN0cy1zZWNyZXQ=",
        "Key (email)=(zhang.san@example.com) already exists",
        "phone 13800138000.",
        "phone 138 0013 8000",
        "phone +86-138-0013-8000",
    ],
)
def test_the_log_hides_what_must_not_stand_in_it(text: str) -> None:
    for formatter in (logs.JsonLines(), logs.Text("%(message)s")):
        line = formatter.format(logging.LogRecord("x", logging.ERROR, "", 0, text, None, None))

        assert "***" in line
        for part in ("0123456789abcdef", "cG9zdGluZy", "zhang", "example.com", "8000"):
            assert part not in line


def test_the_log_leaves_what_is_not_secret(db: None) -> None:
    for text in ("order 2026112613800138000", "/api/v1/orders/13800", "took 0.138001380001 s", "evt-13800138000x"):
        assert logs.hide(text) == text
