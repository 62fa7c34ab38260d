"""Anybody who has a draw's commitment sees what was published and what it said to an entry, and no buyer's name."""

import csv
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from merchant_protection.foundation import tenancy
from scalper_policies.models import Draw
from scalper_policies.queries import draws as queries
from scalper_policies.rules import draw as rules
from scalper_policies.services import draws
from tests.factories.scalper_policies import DrawFactory
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, buyer_key

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BUYERS = [f"buyer-{index}" for index in range(6)]


@pytest.fixture
def draw(merchant: Persona, now: datetime) -> Draw:
    with tenancy.platform():
        made = draws.commit(
            actor=merchant.actor, merchant_id=merchant.shop.pk, name="限量首发", places=2, opens_at=now,
            closes_at=now + HOUR, at=now,
        )  # fmt: skip
        for buyer in BUYERS:
            assert draws.enter(actor=CLOCK, draw_id=made.pk, buyer=buyer, at=now) == buyer_key(buyer)
    return made


def drawn(draw: Draw, now: datetime) -> list[str]:
    with tenancy.platform():
        draws.draw_due(now=now + HOUR)
        draw.refresh_from_db()
        entries = queries.entries_of(draw).values_list("entry", flat=True)
        return rules.winners(bytes.fromhex(draw.seed), draw.name, entries, draw.places)


def page(draw: Draw, entry: str = "") -> str:
    answer = Client().get(f"/draws/{draw.commitment}/", {"entry": entry}, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_before_it_is_drawn_the_seed_is_not_told_and_an_entry_waits(draw: Draw) -> None:
    told = page(draw, buyer_key("buyer-1"))

    assert "This entry takes part." in told
    assert draw.commitment in told
    assert "revealed after entries have closed" in told


def test_each_entry_is_told_whether_it_was_chosen(draw: Draw, now: datetime) -> None:
    won = drawn(draw, now)

    told = {buyer: page(draw, buyer_key(buyer)) for buyer in BUYERS}

    assert {buyer for buyer, said in told.items() if "This entry was chosen." in said} == {
        buyer for buyer in BUYERS if buyer_key(buyer) in won
    }
    assert sum("took part and was not chosen" in said for said in told.values()) == len(BUYERS) - 2
    assert "There is no such entry" in page(draw, "0" * 64)
    assert draw.seed in page(draw)


def test_no_buyer_is_named_and_the_entries_can_be_taken_away(draw: Draw, now: datetime) -> None:
    drawn(draw, now)
    with tenancy.platform():
        shown = set(queries.entries_of(draw).values_list("shown", flat=True))

    answer: Any = Client().get(f"/draws/{draw.commitment}/entries.csv")
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))

    assert sorted(row[0] for row in rows[1:]) == sorted(map(buyer_key, BUYERS))
    assert not [name for name in shown if name in page(draw) or name in str(rows)]


def test_who_has_no_commitment_sees_nothing(draw: Draw) -> None:
    for wrong in ("f" * 64, draw.commitment[:-1], draw.name):
        assert Client().get(f"/draws/{wrong}/").status_code == 404
        assert Client().get(f"/draws/{wrong}/entries.csv").status_code == 404


def test_pages_show_what_was_kept_and_work_nothing_out(
    merchant: Persona, draw: Draw, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    won = drawn(draw, now)

    def worked_out(*_: object, **__: object) -> list[str]:
        raise AssertionError("a page works a draw out")

    for name in ("tickets", "winners", "entries_digest", "outcome"):
        monkeypatch.setattr(rules, name, worked_out)

    own = merchant.client.get(reverse("scalper_draw", args=[draw.pk])).content.decode()

    assert all(entry in page(draw) and entry[:16] in own for entry in won)
    assert "seed and entries are the ones that were committed" in page(draw)


def test_a_draw_is_found_by_its_commitment_without_looking_at_the_others(merchant: Persona, draw: Draw) -> None:
    with tenancy.platform():
        others = DrawFactory.build_batch(2_000, merchant=merchant.shop)
        for number, other in enumerate(others):
            other.commitment = f"{number:064x}"
        Draw.objects.bulk_create(others)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE scalper_policies_draw")
        plan = Draw.objects.filter(commitment=draw.commitment).order_by("pk")[:1].explain()

        assert queries.published(draw.commitment.upper()) == draw
    assert "scalper_draw_commitment" in plan
    assert "Seq Scan" not in plan
