import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import wording
from claims.rules.wording import DEMAND_PHRASES, Phrase


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("我们私了吧", "私了"),
        ("我们私 了 吧", "私了"),
        ("我们私-了吧", "私了"),
        ("私\u200b了", "私了"),
        ("不赔就投诉", "不赔…投诉"),
        ("不赔钱我就去投诉你", "不赔…投诉"),
        ("不退款就给差评", "不退…差评"),
        ("先发红包，我马上撤", "红包…撤"),
        ("PAY  ME or I complain!", "pay me"),
        ("ＰＡＹ ＭＥ", "pay me"),
        ("Or I'll leave it. Pay me, or I COMPLAIN", "or i complain"),
    ],
)
def test_a_demand_is_found_however_it_is_dressed_up(text, phrase):
    assert phrase in [found.text for found in wording.demands_in(text, DEMAND_PHRASES)]


@pytest.mark.parametrize(
    "text",
    ["", "东西很好，谢谢", "尺码不合适，想换一件大的", "The zip broke on the second day, can I have a new one?"],
)
def test_an_ordinary_complaint_demands_nothing(text):
    assert wording.demands_in(text, DEMAND_PHRASES) == ()


def test_a_gap_is_only_a_few_characters_wide():
    phrases = [Phrase("不赔…投诉")]

    assert wording.demands_in("不赔" + "啊" * 8 + "投诉", phrases)
    assert not wording.demands_in("不赔" + "啊" * 9 + "投诉", phrases)


def test_the_weightiest_demand_comes_first():
    found = wording.demands_in("要么私了，要么差评", [Phrase("差评", 10), Phrase("私了", 40)])

    assert [phrase.text for phrase in found] == ["私了", "差评"]


@pytest.mark.parametrize(
    ("phrase", "usable"),
    [("私了", True), ("给…评", False), ("赔", False), ("！！", False), ("", False), ("…投诉", False), ("赔…诉", False)],
)
def test_a_phrase_too_short_to_look_for_is_not_usable_and_finds_nothing(phrase, usable):
    assert wording.is_usable(phrase) == usable
    assert bool(wording.demands_in("赔！！私了投诉给评", [Phrase(phrase)])) == usable


def test_the_list_a_desk_starts_with_is_usable():
    assert all(wording.is_usable(phrase.text) for phrase in DEMAND_PHRASES)


def test_signs_in_a_phrase_mean_nothing_but_themselves():
    phrases = [Phrase("a+b"), Phrase("(c.d")]

    assert wording.demands_in("aaa x b, c and d", phrases) == ()
    assert wording.demands_in("a b", phrases) == (phrases[0],)
    assert wording.demands_in("cd", phrases) == (phrases[1],)


def test_the_same_words_with_other_marks_and_spaces_are_alike():
    assert wording.similarity("收到的东西是坏的，要求退款！", "收到的东西 是坏的, 要求退款") == 1.0
    assert wording.similarity("Broken on arrival.", "BROKEN ON ARRIVAL") == 1.0


def test_a_few_changed_words_stay_alike_and_another_text_does_not():
    first = "收到货打开就是坏的，客服不理人，要求仅退款"
    copied = "收到货打开就是坏的，客服一直不理人，要求仅退款"
    other = "颜色和图片不一样，想换一个蓝色的"

    assert wording.similarity(first, copied) > 0.8
    assert wording.similarity(first, other) < 0.1


@given(a=st.text(max_size=60), b=st.text(max_size=60))
def test_likeness_is_a_share_the_same_both_ways_and_whole_with_itself(a, b):
    found = wording.similarity(a, b)

    assert 0.0 <= found <= 1.0
    assert found == wording.similarity(b, a)
    assert wording.similarity(a, a) == (1.0 if len(wording.normalised(a)) > 1 else 0.0)
