"""Patterns that cannot explode."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalper_policies.rules import patterns


@given(
    pattern=st.text(alphabet="ab?*", min_size=1, max_size=8), text=st.text(alphabet="ab", max_size=12)
)  # fmt: skip
def test_a_pattern_stands_where_a_slow_matcher_finds_it(pattern: str, text: str) -> None:
    assert patterns.stands_in(pattern, text) is fnmatch.fnmatchcase(text, f"*{pattern}*")


@pytest.mark.timeout(10)
def test_the_worst_pattern_over_the_worst_text_ends_soon() -> None:
    worst = "*".join(["a?" * 5] * 8) + "b"
    listed = patterns.read([worst] * 3 + [f"{worst}{n}" for n in range(500)], version=1)

    assert listed.first_in("a" * 1_000_000) == ""


def test_a_list_reads_one_pattern_a_line_without_case_and_doubles() -> None:
    listed = patterns.read(["  集运*仓 ", "", "集运*仓", "Unit ?9"], version=3)

    assert listed == patterns.PatternList(3, ("集运*仓", "unit ?9"))
    assert listed.first_in("广州集运3号仓 UNIT A9") == "集运*仓"
    assert listed.first_in("UNIT A9") == "unit ?9"
    assert listed.first_in("12 High Street") == ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("(a+)+$", "PATTERN_IS_AN_EXPRESSION"),
        (r"\d{11}", "PATTERN_IS_AN_EXPRESSION"),
        ("x" * 101, "PATTERN_TOO_LONG"),
        ("x" * 1_000_000, "PATTERN_TOO_LONG"),
        ("*".join("abcdefghij"), "PATTERN_HAS_TOO_MANY_STARS"),
        ("*?*", "PATTERN_MATCHES_EVERYTHING"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(line: str, code: str) -> None:
    with pytest.raises(patterns.BadPatternError, match=f"{code} in line 2") as refused:
        patterns.read(["fine", line], version=1)

    assert (refused.value.code, refused.value.line) == (code, 2)


def test_a_list_has_an_end() -> None:
    with pytest.raises(patterns.BadPatternError, match="TOO_MANY_PATTERNS"):
        patterns.read((f"word {n}" for n in range(1_000_000)), version=1)
