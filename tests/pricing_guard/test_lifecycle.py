"""Every move of an incident, a window and a job from every status, against tables written out by hand."""

import pytest

from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.lifecycle import target_of
from pricing_guard.lifecycle import INCIDENT_MOVES, JOB_MOVES, WINDOW_MOVES
from pricing_guard.models import ApprovedWindow, Backtest, FloorImport, Incident

INCIDENTS = {
    ("SUSPECTED", "mean"): "INTENDED",
    ("SUSPECTED", "correct"): "CORRECTED",
    ("SUSPECTED", "trip"): "TRIPPED",
    ("TRIPPED", "restore"): "RESTORED",
    ("RESTORED", "close"): "CLOSED",
    ("INTENDED", "take_back"): "SUSPECTED",
    ("TRIPPED", "take_back"): "SUSPECTED",
    ("RESTORED", "take_back"): "SUSPECTED",
}
WINDOWS = {
    ("ASKED", "approve"): "APPROVED",
    ("ASKED", "revoke"): "REVOKED",
    ("APPROVED", "revoke"): "REVOKED",
}
JOBS = {
    ("WAITING", "start"): "RUNNING",
    ("RUNNING", "start"): "RUNNING",
    ("RUNNING", "finish"): "DONE",
    ("WAITING", "fail"): "FAILED",
    ("RUNNING", "fail"): "FAILED",
    ("WAITING", "cancel"): "CANCELLED",
    ("RUNNING", "cancel"): "CANCELLED",
    ("DONE", "undo"): "UNDONE",
}
JOB_STATUSES = {*Backtest.Status.values, *FloorImport.Status.values}


@pytest.mark.parametrize(
    ("moves", "table", "statuses"),
    [
        (INCIDENT_MOVES, INCIDENTS, Incident.Status.values),
        (WINDOW_MOVES, WINDOWS, ApprovedWindow.Status.values),
        (JOB_MOVES, JOBS, sorted(JOB_STATUSES)),
    ],
)
def test_every_move_from_every_status(moves, table, statuses):
    for status in statuses:
        for name in moves:
            if (status, name) in table:
                assert target_of(moves, name, status) == table[(status, name)]
            else:
                with pytest.raises(Conflict):
                    target_of(moves, name, status)
