import pytest

from claims import lifecycle
from merchant_protection.foundation import errors

# Written out by hand, status by status: what may happen to a claim, and what it is then.
TABLE = {
    "DRAFT": {"submit": "SUBMITTED", "withdraw": "WITHDRAWN"},
    "SUBMITTED": {
        "take": "IN_REVIEW",
        "withdraw": "WITHDRAWN",
        "fast_track": "UPHELD",
        "uphold_overdue": "UPHELD",
    },
    "IN_REVIEW": {
        "put_back": "SUBMITTED",
        "ask_for_evidence": "AWAITING_EVIDENCE",
        "uphold": "UPHELD",
        "partly_uphold": "PARTLY_UPHELD",
        "reject": "REJECTED",
        "hold": "HELD",
        "withdraw": "WITHDRAWN",
        "uphold_overdue": "UPHELD",
    },
    "AWAITING_EVIDENCE": {"receive_evidence": "IN_REVIEW", "expire": "EXPIRED", "withdraw": "WITHDRAWN"},
    "HELD": {
        "uphold": "UPHELD",
        "partly_uphold": "PARTLY_UPHELD",
        "reject": "REJECTED",
        "send_back": "IN_REVIEW",
        "withdraw": "WITHDRAWN",
    },
    "UPHELD": {
        "override_to_partly_upheld": "PARTLY_UPHELD",
        "override_to_rejected": "REJECTED",
        "appeal": "APPEALED",
        "finalise": "FINAL",
    },
    "PARTLY_UPHELD": {
        "override_to_upheld": "UPHELD",
        "override_to_partly_upheld": "PARTLY_UPHELD",
        "override_to_rejected": "REJECTED",
        "appeal": "APPEALED",
        "finalise": "FINAL",
    },
    "REJECTED": {
        "override_to_upheld": "UPHELD",
        "override_to_partly_upheld": "PARTLY_UPHELD",
        "appeal": "APPEALED",
        "finalise": "FINAL",
    },
    "WITHDRAWN": {},
    "EXPIRED": {},
    "APPEALED": {"take_appeal": "APPEAL_REVIEW"},
    "APPEAL_REVIEW": {
        "put_back_appeal": "APPEALED",
        "uphold_on_appeal": "UPHELD",
        "partly_uphold_on_appeal": "PARTLY_UPHELD",
        "reject_on_appeal": "REJECTED",
    },
    "FINAL": {},
}
MOVES = sorted({name for moves in TABLE.values() for name in moves})


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.parametrize("name", MOVES)
def test_every_move_from_every_status_does_what_the_table_says(status, name):
    if name in TABLE[status]:
        assert lifecycle.target_status(name, status) == TABLE[status][name]
    else:
        with pytest.raises(errors.Conflict):
            lifecycle.target_status(name, status)


def test_the_table_names_every_status_and_every_move():
    assert sorted(TABLE) == sorted(lifecycle.STATUSES)
    assert sorted(lifecycle.MOVES) == sorted(lifecycle.MADE_BY) == MOVES


@pytest.mark.parametrize("status", TABLE)
def test_the_legal_moves_of_a_status_are_those_of_the_table(status):
    assert lifecycle.legal_moves(status) == sorted(TABLE[status])


def test_each_party_sees_only_its_own_moves():
    assert lifecycle.legal_moves("IN_REVIEW", party="MERCHANT") == ["withdraw"]
    assert lifecycle.legal_moves("REJECTED", party="BUYER") == ["appeal"]
    assert lifecycle.legal_moves("REJECTED", party="REVIEWER") == []
    assert lifecycle.legal_moves("AWAITING_EVIDENCE", party="CLOCK") == ["expire"]


def test_no_rejection_is_ever_made_by_the_clock():
    by_the_clock = [name for name, parties in lifecycle.MADE_BY.items() if "CLOCK" in parties]

    assert "REJECTED" not in {lifecycle.MOVES[name].target for name in by_the_clock}


def test_every_status_can_be_reached_and_every_claim_can_come_to_an_end():
    reached, waiting = set(), ["DRAFT"]
    while waiting:
        status = waiting.pop()
        reached.add(status)
        waiting += [target for target in TABLE[status].values() if target not in reached]

    assert reached == set(TABLE)
    assert {status for status, moves in TABLE.items() if not moves} == lifecycle.OVER


def test_the_groups_part_the_statuses_without_a_remainder():
    groups = [{"DRAFT"}, lifecycle.UNDECIDED, lifecycle.DECIDED, lifecycle.UNDER_APPEAL, lifecycle.OVER]

    assert sorted(status for group in groups for status in group) == sorted(TABLE)
    assert set(TABLE) - lifecycle.OPEN_OR_APPEALABLE == lifecycle.OVER
