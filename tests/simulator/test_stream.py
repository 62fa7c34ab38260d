"""The event stream: the same for the same seed, in order, and believable."""

import ast
import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.simulator import engine, market, settings
from benchmarks.simulator import live as running
from tests.simulator.conftest import NOON, QUIET

DAYS = timedelta(days=6)
FOLDER = Path(market.__file__).parent
PORTAL = {"merchant_protection", "claims", "pricing_guard", "scalper_policies", "training", "django"}
OPEN_TO = {
    "PLACED": {"PAID", "EXPIRED", "CANCELLED"},
    "PAID": {"SHIPPED", "CANCELLED"},
    "SHIPPED": {"DELIVERED"},
    "DELIVERED": {"REFUNDED"},
}


def _past(seed: int = 7) -> list[dict[str, Any]]:
    chosen = dataclasses.replace(QUIET, seed=seed)
    return [one.body() for one in running.past(market.Market(chosen, start=NOON - DAYS), until=NOON)]


def _live(seed: int, *, hours: float = 1) -> list[dict[str, Any]]:
    chosen = dataclasses.replace(QUIET, seed=seed)
    shops = market.Market(chosen, start=NOON)
    beat = engine.Beat(shops, rate=1, story_every=120, weights=dict(settings.STORIES))
    told: list[dict[str, Any]] = []
    while shops.now < NOON + timedelta(hours=hours):
        told += [one.body() for one in beat.step()]
    return told


def _of(events: Iterable[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in events if one["type"] == kind]


def test_one_seed_tells_one_past_and_one_live_stream() -> None:
    assert _past() == _past()
    assert _live(7) == _live(7)


def test_another_seed_tells_another() -> None:
    assert _past(7) != _past(8)
    assert _live(7) != _live(8)


def test_ids_never_repeat_and_versions_of_an_object_only_rise() -> None:
    events = _past() + _live(7)
    seen: dict[tuple[str, str, str], int] = {}

    for event in events:
        data = event["data"]
        name = data.get("number") or data.get("code") or data.get("ref") or data.get("sku")
        place = (event["type"], event["merchant"], name)
        assert event["version"] > seen.get(place, 0)
        seen[place] = event["version"]

    assert len({one["id"] for one in events}) == len(events)


def test_the_past_is_told_in_order_and_ends_before_now() -> None:
    times = [datetime.fromisoformat(one["occurred_at"]) for one in _past()]

    assert times == sorted(times)
    assert times[-1] < NOON


def test_orders_live_one_lawful_life() -> None:
    lives: dict[str, list[str]] = {}
    for event in _of(_past(), "order.changed"):
        lives.setdefault(event["data"]["number"], []).append(event["data"]["status"])

    for life in lives.values():
        assert life[0] == "PLACED"
        assert all(after in OPEN_TO[before] for before, after in itertools.pairwise(life))
    assert {"DELIVERED", "EXPIRED"} <= {life[-1] for life in lives.values()}


def test_orders_add_up_and_name_what_was_told_before() -> None:
    known: set[tuple[str, str, str]] = set()
    for event in _past():
        data, shop = event["data"], event["merchant"]
        if event["type"] == "order.changed":
            assert Decimal(data["total"]) == sum(Decimal(line["paid"]) for line in data["lines"])
            assert (shop, "buyer", data["buyer"]) in known
            assert all((shop, "sku", line["sku"]) in known and line["quantity"] >= 1 for line in data["lines"])
            known.add((shop, "order", data["number"]))
        if event["type"] == "after_sale.changed":
            assert (shop, "order", data["order"]) in known
        known |= {(shop, kind, data.get(field)) for kind, field in (("buyer", "ref"), ("sku", "sku"))}


def test_shops_are_believable() -> None:
    shops = market.Market(QUIET, start=NOON).shops

    assert {code: shop.merchant.name for code, shop in shops.items()} == {
        "QH-0001": "青禾优选旗舰店",
        "BW-0002": "北纬家电专营店",
    }
    for shop in shops.values():
        assert 40 <= len(shop.listings) <= 120
        assert all(0 < one.cost <= one.price * 2 for one in shop.listings.values())
        assert all(one.list_price >= one.price and one.stock > 0 for one in shop.listings.values())


def test_days_have_their_rhythm() -> None:
    placed = [one for one in _of(_past(), "order.changed") if one["version"] == 1]
    hours = Counter((datetime.fromisoformat(one["occurred_at"]).hour + 8) % 24 for one in placed)

    assert sum(hours[hour] for hour in (20, 21, 22)) > 3 * sum(hours[hour] for hour in (2, 3, 4))


def test_all_live_stories_come_to_be_told() -> None:
    kinds = Counter(one["type"] for one in _live(7, hours=3))

    assert set(kinds) == {
        "listing.changed",
        "price.changed",
        "promotion.changed",
        "buyer.changed",
        "order.changed",
        "after_sale.changed",
    }


def test_nothing_of_the_portal_is_imported() -> None:
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not {name.split(".")[0] for name in names} & PORTAL, path
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
