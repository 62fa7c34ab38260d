import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import pricing_guard
from pricing_guard.rules import words
from pricing_guard.rules.findings import Check, Reason

CATALOGUE = Path(pricing_guard.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po"


def test_every_check_has_its_sentence() -> None:
    assert {check.value for check in Check} <= set(words.SENTENCES)


@pytest.mark.parametrize("code", sorted(words.SENTENCES))
def test_every_sentence_is_in_chinese_with_the_same_figures(code: str) -> None:
    english = words.SENTENCES[code]

    chinese = _chinese(english)

    assert re.search("[\u4e00-\u9fff]", chinese)
    assert sorted(re.findall(r"%\(\w+\)s", chinese)) == sorted(re.findall(r"%\(\w+\)s", english))
    assert "!" not in english
    assert "\uff01" not in chinese


def test_a_reason_is_told_in_both_languages() -> None:
    params = {"price": "12.90", "meant": "129.00", "currency": "CNY", "places": "1"}
    reason = Reason("DECIMAL_SHIFT", params)

    assert words.tell(reason) == "¥12.90 looks like ¥129.00 with the point moved by 1."
    assert words.tell(reason, _chinese) == "¥12.90 像是 ¥129.00 的小数点移动了 1 位。"
    assert reason.as_json() == {"code": "DECIMAL_SHIFT", "params": params}


def test_counts_are_not_money_and_other_currencies_are_named() -> None:
    counted = Reason("UNITS_PER_ORDER", {"count": "9", "limit": "6", "reference": "1200", "currency": "SEK", "who": ""})

    assert words.tell(counted) == "One order takes 9 units below SEK 1,200.00; 6 are allowed."


def _chinese(sentence: str) -> str:
    with CATALOGUE.open("rb") as file:
        message = read_po(file).get(sentence)
    assert message is not None, f"not translated: {sentence}"
    return str(message.string)
