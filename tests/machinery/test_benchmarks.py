"""The frame of the benchmarks: taking turns, medians of ratios, and goals that nothing unmeasured can reach."""

from benchmarks import measure


def test_turns_change_who_goes_first_and_the_ratio_is_the_median() -> None:
    said: list[str] = []
    ours, theirs = iter([9.0, 2.0, 30.0, 4.0]), iter([9.0, 1.0, 3.0, 2.0])

    def mine() -> float:
        said.append("ours")
        return next(ours)

    def yardstick() -> float:
        said.append("yardstick")
        return next(theirs)

    row = measure.pair("B0", sizes="1", unit="s", goal=measure.at_most(2), ours=mine, yardstick=yardstick, pairs=3)

    assert said[2:] == ["ours", "yardstick", "yardstick", "ours", "ours", "yardstick"]
    assert (row.ours, row.yardstick, row.ratio, row.pairs) == (4.0, 2.0, 2.0, 3)
    assert row.as_json()["holds"] is True


def test_a_goal_holds_only_what_was_measured() -> None:
    missing = measure.without_yardstick("B4", sizes="1", unit="s", goal=measure.at_least(5), ours=1, why="no wheel")

    assert missing.as_json()["holds"] is None
    assert measure.at_least(5).holds(4.9) is False
    assert measure.at_least(5).holds(5.0) is True
    assert str(measure.at_most(1.2)) == "≤ 1.2 ×"
