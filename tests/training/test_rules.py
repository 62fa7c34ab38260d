"""The plain arithmetic of training, against slow and obvious oracles."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.rules import certificate_codes, changes, effect, grading, grams, intervals, markdown, question_statistics

CALM = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
PARTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def seconds(parts: Any) -> set[int]:
    return {second for start, end in parts for second in range(int(start), int(end))}


@CALM
@given(PARTS, PARTS)
def test_joined_parts_cover_what_each_covered_and_nothing_else(first: Any, second: Any) -> None:
    joined = intervals.merged([*first, *second], join=0)

    assert seconds(joined) == seconds(first) | seconds(second)
    assert intervals.length(joined) == len(seconds(joined))
    assert all(a[1] < b[0] for a, b in pairwise(joined))


@CALM
@given(st.tuples(st.integers(0, 60), st.integers(0, 60)), PARTS)
def test_what_is_left_of_a_part_is_what_was_not_taken(part: Any, taken: Any) -> None:
    left = intervals.without(part, taken)

    assert seconds(left) == seconds([part]) - seconds(taken)


@CALM
@given(st.text(max_size=40), st.text(max_size=40))
def test_a_text_is_found_by_each_part_of_itself(text: str, other: str) -> None:
    known = set(grams.of(text, other))

    for start in range(0, len(text), 3):
        for term in grams.terms(text[start : start + 5]):
            if term in grams.plain(text):
                assert set(grams.needed(term)) <= known


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[a](javascript:alert(1))", "href"),
        ("[a](data:text/html,<script>)", "href"),
        ("![x](https://evil.example/x.png)", "evil.example"),
        ('<img src=x onerror="alert(1)">', "<img src=x"),
        ("<svg/onload=alert(1)>", "<svg"),
        ("[a](vbscript:x)", "href"),
        ('[a](/m/ "\\" onmouseover=alert(1) \\"")', ' onmouseover=alert(1) "'),
    ],
)
def test_markdown_can_do_nothing(text: str, never: str) -> None:
    assert never not in markdown.html(text, address=lambda name: f"/x/{name}")


@CALM
@given(st.text(alphabet="<>\"'=()[]!/:;& abcjonsvgript#*_`\n", max_size=120))
def test_no_text_ever_makes_a_script_or_a_handler(text: str) -> None:
    html = markdown.html(text, address=lambda name: f"/x/{name}").lower()

    assert "<script" not in html
    assert 'href="javascript' not in html
    assert not any(
        f" {name}=" in tag for tag in html.split("<")[1:] for name in ("onerror", "onload") if ">" not in tag
    )


def test_own_pictures_get_their_address_and_headings_step_down() -> None:
    html = markdown.html("# Big\n\n![what](files/a.png)", address=lambda name: f"/f/{name}")

    assert "<h2>Big</h2>" in html
    assert 'src="/f/files/a.png" alt="what"' in html


@CALM
@given(st.integers(0, 2**80 - 1))
def test_a_code_is_read_however_it_is_typed(number: int) -> None:
    code = certificate_codes.from_number(number)

    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert certificate_codes.read(typed) == code


@pytest.mark.parametrize("typed", ["", "abc", "0000-0000-0000-000", "0000-0000-0000-000!", "0" * 400])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert certificate_codes.read(typed) == ""


def test_changes_name_what_is_new_other_gone_and_the_same() -> None:
    found = changes.between({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"})

    assert (found.same, found.changed, found.removed, found.added) == (["a"], ["b"], ["c"], ["d"])
    assert found.to_learn == ["d", "b"]


@CALM
@given(st.lists(st.tuples(st.integers(1, 99), st.integers(0, 6)), min_size=1, max_size=20, unique_by=lambda e: e[0]))
def test_a_paper_has_each_question_once_and_every_option(questions: list[tuple[int, int]]) -> None:
    paper = grading.draw(questions, count=5, seed=7)

    drawn = [entry["question"] for entry in paper]
    assert len(drawn) == len(set(drawn)) == min(5, len(questions))
    assert all(sorted(entry["order"]) == list(range(dict(questions)[entry["question"]])) for entry in paper)


@pytest.mark.parametrize(
    ("kind", "given_", "right"),
    [
        ("SINGLE", [1], True),
        ("SINGLE", [0], False),
        ("SINGLE", 1, False),
        ("MULTIPLE", [2, 1], False),
        ("ORDERING", [0, 1, 2], True),
        ("ORDERING", [1, 0, 2], False),
        ("TRUE_FALSE", True, True),
        ("TRUE_FALSE", 1, False),
        ("NUMERIC", "12.55", True),
        ("NUMERIC", "12,7", False),
        ("NUMERIC", "nan", False),
    ],
)
def test_answers_are_judged_exactly(kind: str, given_: Any, right: bool) -> None:
    options = [{}, {"correct": True}, {}]
    answer = {"TRUE_FALSE": True, "NUMERIC": 12.5}.get(kind)

    assert grading.is_right(kind, options=options, answer=answer, tolerance=0.1, given=given_) is right


def test_statistics_tell_easy_from_hard_and_useful_from_misleading() -> None:
    good = question_statistics.figures([(True, 0.9)] * 15 + [(False, 0.2)] * 15)
    misleading = question_statistics.figures([(False, 0.9)] * 15 + [(True, 0.2)] * 15)

    assert good.difficulty == 0.5
    assert good.discrimination == pytest.approx(1)
    assert misleading.discrimination == pytest.approx(-1)
    assert question_statistics.figures([]).difficulty is None
    assert question_statistics.figures([(True, 0.5)]).is_few


def test_effect_counts_both_groups_in_the_same_weeks() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    done = now - timedelta(days=40)
    events = [
        *((1, done - timedelta(days=day), Decimal(100)) for day in (1, 2, 3, 29)),
        (1, done - timedelta(days=31), Decimal(999)),
        (1, done + timedelta(days=5), Decimal(10)),
        (2, done - timedelta(days=2), Decimal(50)),
        (2, done + timedelta(days=2), Decimal(50)),
        (2, done + timedelta(days=35), Decimal(999)),
    ]

    found = effect.compare({1: done, 3: now - timedelta(days=3)}, [1, 2, 3], events, days=30, now=now)

    assert (found.taken.before.incidents, found.taken.after.incidents) == (4, 1)
    assert (found.taken.before.lost, found.taken.after.lost) == (Decimal(400), Decimal(10))
    assert (found.not_taken.shops, found.not_taken.before.incidents, found.not_taken.after.incidents) == (1, 1, 1)
    assert found.too_recent == 1
    middle, low, high = found.taken.ratio or (0, 0, 0)
    assert low < middle < high
    assert middle == pytest.approx(0.25)


def test_intervals_of_counts_hold_the_known_values() -> None:
    low, high = effect.Count(10, 1, Decimal(0)).interval or (0, 0)

    assert (low, high) == (pytest.approx(4.795, abs=0.01), pytest.approx(18.39, abs=0.03))
    assert effect.Count(0, 0, Decimal(0)).interval is None
    assert effect.Side(0, effect.Count(0, 0, Decimal(0)), effect.Count(0, 0, Decimal(0))).ratio is None
