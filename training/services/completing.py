"""A lesson is finished, and with the last one the course."""

from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from training.models import Enrolment, Progress
from training.queries import learning
from training.services import certifying


@transaction_required
def finish(progress: Progress, enrolment: Enrolment, *, at: datetime) -> None:
    """Note that a lesson is finished; once finished it stays so."""
    if progress.completed_at is None:
        progress.completed_at = at
        progress.save(update_fields=["completed_at"])
        count(enrolment, at=at)


@transaction_required
def count(enrolment: Enrolment, *, at: datetime) -> None:
    """Count a person's finished lessons anew; when none is left the course is complete."""
    left = learning.lessons_left(enrolment)
    enrolment.lessons_done = enrolment.version.lesson_count - left
    if left == 0 and enrolment.completed_at is None:
        enrolment.completed_at = at
        certifying.issue(enrolment, at=at)
    enrolment.save(update_fields=["lessons_done", "completed_at"])
