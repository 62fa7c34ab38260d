"""Every move of an action from every status, against a table written out by hand."""

import pytest

from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.marketplace.lifecycle import ACTION_MOVES

STATUSES = ["AUTHORISED", "NEEDS_REVIEW", "SHADOW", "UNKNOWN", "CONFIRMED", "FAILED", "SUPERSEDED", "CANCELLED"]
TABLE = {
    ("approve", "NEEDS_REVIEW"): "AUTHORISED",
    ("decline", "NEEDS_REVIEW"): "CANCELLED",
    ("confirm", "AUTHORISED"): "CONFIRMED",
    ("confirm", "UNKNOWN"): "CONFIRMED",
    ("lose_answer", "AUTHORISED"): "UNKNOWN",
    ("lose_answer", "UNKNOWN"): "UNKNOWN",
    ("try_again", "AUTHORISED"): "AUTHORISED",
    ("try_again", "UNKNOWN"): "AUTHORISED",
    ("fail", "AUTHORISED"): "FAILED",
    ("fail", "UNKNOWN"): "FAILED",
    ("send_to_review", "AUTHORISED"): "NEEDS_REVIEW",
    ("send_to_review", "UNKNOWN"): "NEEDS_REVIEW",
    ("withdraw", "AUTHORISED"): "CANCELLED",
    ("expire", "AUTHORISED"): "CANCELLED",
    ("expire", "NEEDS_REVIEW"): "CANCELLED",
    ("supersede", "AUTHORISED"): "SUPERSEDED",
    ("supersede", "UNKNOWN"): "SUPERSEDED",
    ("supersede", "NEEDS_REVIEW"): "SUPERSEDED",
    ("retry", "FAILED"): "AUTHORISED",
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("move", sorted(ACTION_MOVES))
def test_each_move_leads_where_the_table_says_or_is_refused(move, status):
    expected = TABLE.get((move, status))

    if expected is None:
        with pytest.raises(Conflict):
            target_of(ACTION_MOVES, move, status)
    else:
        assert target_of(ACTION_MOVES, move, status) == expected


def test_the_table_names_only_moves_that_exist():
    assert {move for move, _status in TABLE} == set(ACTION_MOVES)
