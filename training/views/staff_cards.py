"""What waits for trainers: versions to look over, questions to answer, sessions soon."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchant_protection.foundation.staff_cards import Card
from training.lifecycle import QuestionStatus, VersionStatus
from training.queries import courses, sessions

TRAINING = ("TRAINER", "OPERATIONS")
SOON = timedelta(days=7)


def cards(request: HttpRequest) -> Iterator[Card]:
    """Yield what a trainer has before them."""
    actor, now = request.actor, timezone.now()
    if not actor.has_staff_role(*TRAINING):
        return
    asked = sessions.questions_visible_to(actor).filter(status=QuestionStatus.PENDING).count()
    yield Card(_("Questions to answer"), asked, reverse("admin:training_roomquestion_changelist"))
    reviewed = courses.versions_visible_to(actor).filter(status=VersionStatus.IN_REVIEW).count()
    yield Card(_("Versions to look over"), reviewed, reverse("admin:training_courseversion_changelist"))
    soon = sessions.to_come(now).filter(starts_at__lt=now + SOON).count()
    yield Card(_("Sessions within a week"), soon, reverse("admin:training_livesession_changelist"))
