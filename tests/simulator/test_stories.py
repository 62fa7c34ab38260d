"""The stories: what each tells, and that holding, delisting and restricting stop it."""

import dataclasses
import random
from decimal import Decimal

import pytest

from benchmarks.simulator import addresses, chance, engine, market, settings, stories
from benchmarks.simulator.stories import price_slip
from benchmarks.simulator.things import Order
from tests.simulator.conftest import NOON, QUIET

THREATS = ("私了", "私下", "不赔", "差评", "12315")


def _play(shops: market.Market) -> list[market.Event]:
    """Let every urgent step happen, and no ordinary one."""
    beat = engine.Beat(shops, rate=0, story_every=0, weights={})
    told = shops.take_outbox()
    while shops.urgent:
        told += beat.step()
    return told


def _orders(shops: market.Market, story: str) -> list[Order]:
    return [one for one in shops.orders.values() if one.story.startswith(story)]


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("decimal_shift", "12.90"),
        ("decimal_shift_up", "1290.00"),
        ("cents", "1.29"),
    ],
)
def test_a_slip_is_written_as_told(kind: str, wrong: str) -> None:
    assert price_slip.slipped(Decimal("129.00"), kind, random.Random(1)) == Decimal(wrong)


def test_digits_are_dropped_and_swapped() -> None:
    dropped = {price_slip.slipped(Decimal("129.00"), "dropped_digit", random.Random(n)) for n in range(30)}

    assert dropped == {Decimal("12.00"), Decimal("19.00"), Decimal("29.00")}
    assert price_slip.slipped(Decimal("2199.00"), "swapped_digits", random.Random(1)) == Decimal("1299.00")


def test_a_slip_draws_buyers_until_the_price_is_put_right(shop_market: market.Market) -> None:
    told = stories.tell(shop_market, "price_slip", merchant="QH-0001", more={"sku": "QH-001-02", "kind": "cents"})

    events = _play(shop_market)

    prices = [one.data["price"] for one in events if one.type == "price.changed"]
    assert prices == [told["price"], told["before"]]
    assert len(_orders(shop_market, "price_slip")) >= 3
    assert all(line.unit_price == Decimal("1.29") for one in _orders(shop_market, "price_slip") for line in one.lines)


def test_delisting_ends_the_rush(shop_market: market.Market) -> None:
    stories.tell(shop_market, "price_slip", merchant="QH-0001", more={"sku": "QH-001-02", "factor": "0.1"})
    shop_market.shops["QH-0001"].listings["QH-001-02"].status = "DELISTED"

    _play(shop_market)

    assert not _orders(shop_market, "price_slip")


def test_a_repricing_program_sets_a_whole_shop_to_a_penny() -> None:
    shop = settings.Merchant("QH-0001", "青禾", "household", listings=300)
    large = market.Market(dataclasses.replace(QUIET, merchants=(shop,)), start=NOON)

    told = stories.tell(large, "repricer_feed", merchant="QH-0001", more={"hunters": 40})

    events = _play(large)
    prices = [one.data["price"] for one in events if one.type == "price.changed"]
    assert told["listings"] == len(prices) == len({one.sku for one in large.shops["QH-0001"].listings.values()}) == 300
    assert set(prices) == {"0.01"}
    assert _orders(large, "price_slip")


@pytest.mark.parametrize("kind", ["swapped_threshold", "three_coupons", "percent_as_money"])
def test_a_stack_mistake_is_announced_before_it_costs(shop_market: market.Market, kind: str) -> None:
    told = stories.tell(shop_market, "stack_mistake", merchant="QH-0001", more={"kind": kind})

    planned = [one.data for one in shop_market.outbox if one.type == "promotion.changed"]
    assert {one["code"] for one in planned} == set(told["promotions"])
    assert all(one["status"] == "PLANNED" and one["starts_at"] > shop_market.now.isoformat() for one in planned)
    if kind == "swapped_threshold":
        assert Decimal(planned[0]["value"]) > Decimal(planned[0]["threshold"])
    if kind == "three_coupons":
        assert len({one["stack_group"] for one in planned}) == 3


def test_a_ring_shares_devices_and_one_door_in_many_disguises(shop_market: market.Market) -> None:
    told = stories.tell(shop_market, "scalper_ring", merchant="BW-0002", more={"accounts": 16})

    _play(shop_market)

    ring = _orders(shop_market, "scalper_ring")
    assert len({one.buyer for one in ring}) == len(ring) == 16
    assert len({one.device for one in ring}) <= 5
    assert len({one.ip.rpartition(".")[0] for one in ring}) == 1
    assert len({one.recipient["address"] for one in ring}) > 8
    assert all(one.lines[0].sku == told["sku"] for one in ring)
    dormitory = _orders(shop_market, "dormitory")
    assert len({one.device for one in dormitory}) == len(dormitory) == 4


def test_every_disguise_keeps_the_door_and_differs_from_the_plain_address() -> None:
    rng = chance.stream(1, "test")
    for _ in range(200):
        home = addresses.somewhere(rng)
        for name, write in addresses.JIGS.items():
            text = write(home, rng).translate({0xFF10 + n: str(n) for n in range(10)})
            assert write(home, rng) != home.text(), name
            assert str(home.room) in text, name
            assert home.estate in text, name


@pytest.mark.parametrize(
    ("number", "words"), [(0, "零"), (3, "三"), (10, "十"), (12, "十二"), (20, "二十"), (28, "二十八")]
)
def test_numerals(number: int, words: str) -> None:
    assert addresses.numeral(number) == words


def test_a_blackmailer_threatens_in_words_once_the_parcel_is_there(shop_market: market.Market) -> None:
    stories.tell(shop_market, "blackmailer", merchant="QH-0001")

    events = _play(shop_market)

    cases = [one.data for one in events if one.type == "after_sale.changed"]
    assert len(cases) == 2
    assert all(any(word in one["wording"] for word in THREATS) for one in cases)
    statuses = [one.data["status"] for one in events if one.type == "order.changed"]
    assert statuses == ["PLACED", "PAID", "SHIPPED", "DELIVERED"]


def test_a_gang_uses_one_picture_and_nearly_one_wording(shop_market: market.Market) -> None:
    told = stories.tell(shop_market, "refund_gang", more={"accounts": 6})

    events = _play(shop_market)

    cases = [one.data for one in events if one.type == "after_sale.changed"]
    assert len(cases) >= 4
    assert {one["kind"] for one in cases} == {"REFUND_ONLY"}
    assert all(one["pictures"] == [told["picture"]] for one in cases)
    assert len({one.device for one in _orders(shop_market, "refund_gang")}) <= 2


def test_hoarders_take_the_stock_and_never_pay(shop_market: market.Market) -> None:
    listing = shop_market.shops["QH-0001"].listings["QH-001-01"]
    before = listing.stock
    stories.tell(shop_market, "hoarding", merchant="QH-0001", more={"sku": "QH-001-01"})

    _play(shop_market)

    assert listing.stock < before / 2
    assert {one.status for one in _orders(shop_market, "hoarding")} == {"PLACED"}


def test_extra_charges_are_ordered_alone(shop_market: market.Market) -> None:
    stories.tell(shop_market, "extra_charge", merchant="BW-0002")

    _play(shop_market)

    found = _orders(shop_market, "extra_charge")
    assert len(found) >= 3
    assert all("补差价" in line.title for one in found for line in one.lines)


def test_the_same_seed_tells_the_same_story(shop_market: market.Market) -> None:
    again = market.Market(shop_market.settings, start=shop_market.start)

    assert stories.tell(shop_market, "scalper_ring") == stories.tell(again, "scalper_ring")
    assert [one.body() for one in _play(shop_market)] == [one.body() for one in _play(again)]


def test_the_serial_returner_sends_back_all_but_the_last(shop_market: market.Market) -> None:
    told = stories.tell(shop_market, "serial_returner", merchant="QH-0001")

    _play(shop_market)

    returned = [one for one in shop_market.after_sales.values() if one.buyer == told["buyer"]]
    assert (len(_orders(shop_market, "serial_returner")), len(returned)) == (6, 5)
    assert {one.kind for one in returned} == {"RETURN"}
