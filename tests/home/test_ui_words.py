"""The small words of the templates."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.utils import timezone, translation

from merchant_protection.home.templatetags import ui


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (Decimal("1023.98"), "CNY", "¥1,023.98"),
        (Decimal("-5"), "GBP", "−£5.00"),
        ("0.1", "CNY", "¥0.10"),
        (Decimal("1200"), "JPY", "JP¥1,200"),
        (Decimal("3"), "SEK", "SEK 3.00"),
        (None, "CNY", "–"),
    ],
)
def test_money_is_grouped_by_threes_and_carries_its_currency(amount, currency, written):
    assert ui.money(amount, currency) == written


@pytest.mark.parametrize(("minutes", "english"), [(22, "22 min"), (-95, "1 h 35 min"), (3010, "2 d 2 h")])
def test_a_span_is_written_in_its_two_largest_parts(minutes, english):
    with translation.override("en"):
        assert ui.span_text(minutes) == english


@pytest.mark.parametrize(("reference", "shown"), [("u10004821", "u***4821"), ("abc", "***"), ("", "***")])
def test_a_buyer_is_shown_masked(reference, shown):
    assert ui.masked(reference) == shown


@pytest.mark.parametrize(
    ("minutes", "level"), [(-1, "over"), (0, "urgent"), (119, "urgent"), (120, "soon"), (480, "ok")]
)
def test_the_level_of_a_deadline_follows_from_the_minutes_left(minutes, level):
    assert ui.sla_badge(due=timezone.now(), minutes=minutes)["level"] == level


def test_the_thresholds_of_a_deadline_come_from_its_policy():
    badge = ui.sla_badge(due=timezone.now(), minutes=200, urgent=240, soon=600)

    assert badge["level"] == "urgent"


def test_a_paused_deadline_does_not_run():
    assert ui.sla_badge(state="paused")["runs"] is False


def test_a_thing_without_a_deadline_has_no_badge():
    assert ui.sla_badge() == {}


def test_a_recent_moment_is_relative_and_an_old_one_exact():
    now = timezone.now()

    assert "<relative-time" in ui.when(now - timedelta(days=6))
    assert "<time" in ui.when(now - timedelta(days=8))
    assert ui.when(None) == "–"


def test_the_rows_of_a_chart_say_what_lies_beyond_the_threshold():
    chart = {"x": ["a", "b"], "series": [{"name": "n", "data": [90, 120]}], "threshold": {"value": 100}}

    assert [row["beyond"] for row in ui.chart_rows(chart)] == [True, False]


def test_a_message_names_where_it_is_undone():
    assert ui.undo_path(Message(20, "done", extra_tags="wide undo:/m/undo/1/")) == "/m/undo/1/"
    assert ui.undo_path(Message(20, "done", extra_tags="undo:https://elsewhere")) == ""


def test_the_language_of_a_page_names_the_script_of_its_han_glyphs():
    with translation.override("zh-hans"):
        assert ui.html_lang() == "zh-Hans"


def test_a_component_escapes_what_people_typed():
    page = Template('<c-head title="{{ title }}"></c-head>{% icon "tag" "x" label %}')

    html = page.render(Context({"title": "<b>", "label": '"><script>'}))

    assert "<script>" not in html
