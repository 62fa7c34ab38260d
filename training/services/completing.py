"""A lesson is finished, and with the last one the course."""

from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from training.models import Enrolment, Progress
from training.queries import learning
from training.services import certifying, relieving


@transaction_required
def finish(progress: Progress, enrolment: Enrolment, *, at: datetime) -> None:
    """Note that a lesson is finished; once finished it stays so. The last one can relieve penalty points."""
    if progress.completed_at is None:
        progress.completed_at = at
        progress.save(update_fields=["completed_at"])
        if count(enrolment, at=at):
            relieving.relieve(enrolment, at=at)


@transaction_required
def count(enrolment: Enrolment, *, at: datetime) -> bool:
    """Count a person's finished lessons anew; when none is left the course is complete, which is told once."""
    left = learning.lessons_left(enrolment)
    enrolment.lessons_done = enrolment.version.lesson_count - left
    is_complete = left == 0 and enrolment.completed_at is None
    if is_complete:
        enrolment.completed_at = at
        certifying.issue(enrolment, at=at)
    enrolment.save(update_fields=["lessons_done", "completed_at"])
    return is_complete
