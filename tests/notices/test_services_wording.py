"""Every kind of notice, and every mail, in words of both languages."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from merchant_protection.notices.services import wording
from tests.factories.notices import NoticeFactory

pytestmark = pytest.mark.usefixtures("platform_scope")
LANGUAGES = ("zh-hans", "en")
PARAMS = {
    "file": "orders.csv",
    "added": 3,
    "faulty": 1,
    "type": "order.changed",
    "verb": "delist",
    "ref": "SKU-1",
    "reason": "BUDGET",
    "rule": "floor",
    "cap": 50,
    "points": 3,
    "by": "Ann",
    "title": "WM-1",
    "sku": "WM-1",
    "price": "1299.00",
    "currency": "CNY",
    "fault": "REFUSED",
    "what": "policy 1 version 2",
    "finding": {"check": "ZERO_PRICE", "reason": {"code": "ZERO_PRICE", "params": {"price": "0", "currency": "CNY"}}},
}
COURSE = {
    "title": {"zh": "价格保护", "en": "The price guard"},
    "note": {"zh": "新的一课", "en": "One more lesson"},
    "starts_at": "2026-11-26T12:00:00+00:00",
    "holder": "Ann",
    "day": "2026-12-01",
    "days": 7,
    "left": 3,
}
KINDS_DIR = Path(settings.BASE_DIR) / "templates" / "notices" / "kinds"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(settings.NOTICE_KINDS))
def test_each_kind_says_what_happened_and_what_to_do(kind, language):
    params = PARAMS | (COURSE if kind.startswith("training.") else {})
    letter = wording.letter_of_notice(NoticeFactory(kind=kind, params=params, path="/m/imports/7/"), language=language)

    title, text = letter.subject.rsplit(" · ", 1)[0], letter.text
    assert len(title) > 4
    assert f"{settings.PUBLIC_URL.rstrip('/')}/m/imports/7/" in text
    assert "{" not in letter.subject + text
    assert "None" not in letter.subject + text
    chinese = re.search("[\u4e00-\u9fff]", title.replace("家电", ""))
    assert bool(chinese) is (language == "zh-hans")


def test_the_words_of_a_mail_are_safe_in_its_html_and_plain_in_its_text():
    notice = NoticeFactory(params=PARAMS | {"file": "<b>&.csv"})

    letter = wording.letter_of_notice(notice, language="en")

    assert "<b>&.csv" in letter.subject
    assert "<b>&.csv" in letter.text
    assert "&lt;b&gt;&amp;.csv" in letter.html
    assert "<b>&.csv" not in letter.html


def test_no_words_stand_without_a_kind_and_no_kind_without_words():
    assert {path.stem for path in KINDS_DIR.glob("*.html")} == set(settings.NOTICE_KINDS)
