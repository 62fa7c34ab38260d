"""Statuses of an incident, a window and a job of the guard, and the moves between them."""

from merchant_protection.foundation.lifecycle import move


class IncidentStatus:
    """Where an incident stands."""

    SUSPECTED = "SUSPECTED"
    INTENDED = "INTENDED"
    CORRECTED = "CORRECTED"
    TRIPPED = "TRIPPED"
    RESTORED = "RESTORED"
    CLOSED = "CLOSED"


OPEN_INCIDENTS = (IncidentStatus.SUSPECTED, IncidentStatus.TRIPPED)
UNFINISHED_INCIDENTS = (*OPEN_INCIDENTS, IncidentStatus.RESTORED)

INCIDENT_MOVES = {
    "mean": move(IncidentStatus.SUSPECTED, to=IncidentStatus.INTENDED),
    "correct": move(IncidentStatus.SUSPECTED, to=IncidentStatus.CORRECTED),
    "trip": move(IncidentStatus.SUSPECTED, to=IncidentStatus.TRIPPED),
    "restore": move(IncidentStatus.TRIPPED, to=IncidentStatus.RESTORED),
    "close": move(IncidentStatus.RESTORED, to=IncidentStatus.CLOSED),
    "take_back": move(
        IncidentStatus.INTENDED, IncidentStatus.TRIPPED, IncidentStatus.RESTORED, to=IncidentStatus.SUSPECTED
    ),
}


class WindowStatus:
    """Where a window of meant prices stands."""

    ASKED = "ASKED"
    APPROVED = "APPROVED"
    REVOKED = "REVOKED"


WINDOW_MOVES = {
    "approve": move(WindowStatus.ASKED, to=WindowStatus.APPROVED),
    "revoke": move(WindowStatus.ASKED, WindowStatus.APPROVED, to=WindowStatus.REVOKED),
}


class JobStatus:
    """Where a backtest or a file of floor prices stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    UNDONE = "UNDONE"


JOB_MOVES = {
    "start": move(JobStatus.WAITING, JobStatus.RUNNING, to=JobStatus.RUNNING),
    "finish": move(JobStatus.RUNNING, to=JobStatus.DONE),
    "fail": move(JobStatus.WAITING, JobStatus.RUNNING, to=JobStatus.FAILED),
    "cancel": move(JobStatus.WAITING, JobStatus.RUNNING, to=JobStatus.CANCELLED),
    "undo": move(JobStatus.DONE, to=JobStatus.UNDONE),
}
