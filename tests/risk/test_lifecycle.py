"""Every move of a warning from every status, against a table written out by hand."""

import pytest

from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.risk.lifecycle import WARNING_MOVES

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
