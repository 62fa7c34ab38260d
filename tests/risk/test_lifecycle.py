"""Every move of warnings, restrictions and appeals from every status, against tables written out by hand."""

import pytest

from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.risk.lifecycle import APPEAL_MOVES, RESTRICTION_MOVES, WARNING_MOVES

STATUSES = ["OPEN", "ACKNOWLEDGED", "REPORTED", "NORMAL", "EXPIRED"]
TABLE = {
    ("acknowledge", "OPEN"): "ACKNOWLEDGED",
    ("reopen", "ACKNOWLEDGED"): "OPEN",
    ("report", "OPEN"): "REPORTED",
    ("report", "ACKNOWLEDGED"): "REPORTED",
    ("mark_normal", "OPEN"): "NORMAL",
    ("mark_normal", "ACKNOWLEDGED"): "NORMAL",
    ("expire", "OPEN"): "EXPIRED",
    ("expire", "ACKNOWLEDGED"): "EXPIRED",
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("move", sorted(WARNING_MOVES))
def test_each_move_leads_where_the_table_says_or_is_refused(move: str, status: str) -> None:
    expected = TABLE.get((move, status))

    if expected is None:
        with pytest.raises(Conflict):
            target_of(WARNING_MOVES, move, status)
    else:
        assert target_of(WARNING_MOVES, move, status) == expected


RESTRICTIONS = {
    ("confirm", "IN_REVIEW"): "CONFIRMED",
    ("reject", "IN_REVIEW"): "REJECTED",
    ("lift", "IN_REVIEW"): "LIFTED",
    ("lift", "CONFIRMED"): "LIFTED",
    ("lapse", "IN_REVIEW"): "LAPSED",
    ("lapse", "CONFIRMED"): "LAPSED",
}


@pytest.mark.parametrize("status", ["IN_REVIEW", "CONFIRMED", "LIFTED", "REJECTED", "LAPSED"])
@pytest.mark.parametrize("move", sorted(RESTRICTION_MOVES))
def test_each_move_of_a_restriction(move: str, status: str) -> None:
    expected = RESTRICTIONS.get((move, status))

    if expected is None:
        with pytest.raises(Conflict):
            target_of(RESTRICTION_MOVES, move, status)
    else:
        assert target_of(RESTRICTION_MOVES, move, status) == expected


@pytest.mark.parametrize("status", ["OPEN", "UPHELD", "DISMISSED"])
@pytest.mark.parametrize(("move", "target"), [("uphold", "UPHELD"), ("dismiss", "DISMISSED")])
def test_each_move_of_an_appeal(move: str, target: str, status: str) -> None:
    assert set(APPEAL_MOVES) == {"uphold", "dismiss"}
    if status == "OPEN":
        assert target_of(APPEAL_MOVES, move, status) == target
    else:
        with pytest.raises(Conflict):
            target_of(APPEAL_MOVES, move, status)
