from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import recognition
from claims.rules.recognition import Counts, Facts, Level, SeenPicture, SeenWording, Settings

DELIVERED = datetime(2026, 6, 1, 12, tzinfo=UTC)
HONEST = Facts(
    order="o-1",
    amount=Decimal("89.00"),
    opened_at=DELIVERED + timedelta(days=2),
    delivered_at=DELIVERED,
    text="尺码偏小，想退货",
    pictures=(0x0F0F,),
    buyer=Counts(orders=40, after_sales=2, refund_only=0, claims=0, shops_claimed_lately=1),
)
GREEDY = Counts(orders=20, after_sales=18, refund_only=17, claims=15, shops_claimed_lately=6)
WORDS = "收到货打开就是坏的，客服不理人，要求仅退款"


def _codes(facts: Facts, settings: Settings = recognition.DEFAULTS) -> list[str]:
    return [reason.code for reason in recognition.score(facts, settings).reasons]


def test_an_ordinary_return_of_an_honest_buyer_scores_nothing():
    assert recognition.score(HONEST) == recognition.Score(0, Level.NONE, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"buyer": Counts(orders=20, claims=12)}, "BUYER_CLAIM_RATE"),
        ({"buyer": Counts(after_sales=20, refund_only=18)}, "BUYER_REFUND_ONLY_RATIO"),
        ({"buyer": Counts(shops_claimed_lately=4)}, "BUYER_MANY_SHOPS"),
        ({"cluster": Counts(orders=20, claims=12)}, "CLUSTER_CLAIM_RATE"),
        ({"cluster": Counts(after_sales=20, refund_only=18)}, "CLUSTER_REFUND_ONLY_RATIO"),
        ({"cluster": Counts(shops_claimed_lately=9)}, "CLUSTER_MANY_SHOPS"),
        ({"amount": Decimal(500), "opened_at": DELIVERED + timedelta(hours=2)}, "HIGH_VALUE_AT_ONCE"),
        ({"text": "不赔就投诉"}, "DEMAND_PHRASE"),
        ({"seen_pictures": (SeenPicture(0x0F0F ^ 0b1111111, "o-2"),)}, "SAME_PICTURE"),
        ({"text": WORDS, "seen_wordings": (SeenWording(WORDS + "！", "o-2"),)}, "SAME_WORDING"),
    ],
)
def test_each_signal_is_recognised_with_its_reason(change, code):
    found = recognition.score(replace(HONEST, **change))

    assert [reason.code for reason in found.reasons] == [code]
    assert found.points == found.reasons[0].points > 0
    assert found.reasons[0].facts


@pytest.mark.parametrize(
    "change",
    [
        {"buyer": Counts(orders=2, claims=2, after_sales=2, refund_only=2, shops_claimed_lately=3)},
        {"buyer": Counts(orders=4, claims=1)},
        {"buyer": Counts(orders=0, claims=0)},
        {"cluster": Counts()},
        {"amount": Decimal("499.99"), "opened_at": DELIVERED},
        {"amount": Decimal(900), "opened_at": DELIVERED + timedelta(hours=2, seconds=1)},
        {"amount": Decimal(900), "opened_at": DELIVERED - timedelta(seconds=1)},
        {"amount": Decimal(900), "delivered_at": None},
        {"seen_pictures": (SeenPicture(0x0F0F ^ 0b11111111, "o-2"),)},
        {"seen_pictures": (SeenPicture(0x0F0F, "o-1"),)},
        {"pictures": (), "seen_pictures": (SeenPicture(0x0F0F, "o-2"),)},
        {"text": "质量问题", "seen_wordings": (SeenWording("质量问题", "o-2"),)},
        {"text": WORDS, "seen_wordings": (SeenWording(WORDS, "o-1"),)},
        {"text": WORDS, "seen_wordings": (SeenWording("颜色和图片不一样，想换一个蓝色的", "o-2"),)},
    ],
)
def test_what_is_just_short_of_a_signal_scores_nothing(change):
    assert _codes(replace(HONEST, **change)) == []


def test_a_refund_only_gang_that_demands_money_is_high_with_all_its_reasons():
    found = recognition.score(replace(HONEST, buyer=GREEDY, cluster=GREEDY, text="不赔就投诉，大家私了"))

    assert found.level == Level.HIGH
    assert found.points == 100
    assert found.reasons[0].code == "DEMAND_PHRASE"
    assert found.reasons[0].facts["phrases"] == ("私了", "不赔…投诉")
    assert [reason.points for reason in found.reasons] == sorted((r.points for r in found.reasons), reverse=True)


def test_the_same_photo_with_another_order_is_flagged_and_names_the_orders_nearest_first():
    seen = (SeenPicture(0x0F0E, "o-3"), SeenPicture(0x0F0F, "o-2"), SeenPicture(0x0F00, "o-3"), SeenPicture(0, "o-9"))

    found = recognition.score(replace(HONEST, seen_pictures=seen))

    assert found.level == Level.LOW
    assert found.reasons[0].facts["orders"] == ("o-2", "o-3")


def test_likeness_alone_is_a_flag_and_never_high():
    keen = replace(recognition.DEFAULTS, picture_points=90, wording_points=90)
    alike = replace(
        HONEST,
        text=WORDS,
        seen_pictures=(SeenPicture(0x0F0F, "o-2"),),
        seen_wordings=(SeenWording(WORDS, "o-2"),),
    )

    assert recognition.score(alike, keen).level == Level.MEDIUM
    assert recognition.score(replace(alike, buyer=Counts(shops_claimed_lately=9)), keen).level == Level.HIGH


def test_the_list_of_phrases_is_the_desks_own():
    own = replace(recognition.DEFAULTS, phrases=())

    assert _codes(replace(HONEST, text="私了"), own) == []


def test_levels_follow_the_points():
    settings = replace(recognition.DEFAULTS, low=20, medium=25, high=60)

    def level(**change: object) -> Level:
        return recognition.score(replace(HONEST, **change), settings).level

    assert level(amount=Decimal(900), opened_at=DELIVERED) == Level.LOW
    assert level(buyer=Counts(shops_claimed_lately=4)) == Level.MEDIUM
    assert level(text="不赔就投诉，私了") == Level.HIGH


@pytest.mark.parametrize(
    ("hits", "of", "expected"),
    [(0, 0, 0.0), (0, 10, 0.0), (1, 1, 0.270), (5, 10, 0.269), (50, 100, 0.419), (20, 20, 0.881), (3, 2, 0.425)],
)
def test_few_cases_show_less_than_many(hits, of, expected):
    assert recognition.at_least(hits, of) == pytest.approx(expected, abs=0.001)


@given(of=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_certain_share_never_exceeds_the_seen_one(of, share):
    hits = round(of * share)

    assert 0.0 <= recognition.at_least(hits, of) <= hits / of
