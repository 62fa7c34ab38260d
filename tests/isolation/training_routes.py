"""The routes of training for the isolation matrix."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from merchant_protection.foundation import tenancy
from tests.factories.accounts import UserFactory
from tests.training import folders
from training.models import Assignment, Attempt, Certificate, Course, Enrolment

# Courses and live sessions belong to no shop: everybody who is signed in may see them; what one does there touches
# one's own rows only (tests/training/test_isolation.py).
OPEN = {
    *("training", "training_course", "training_enrol", "training_changes", "training_move_on", "training_file"),
    "training_assign",
    *("training_lesson", "training_read", "training_download", "training_beat", "training_renew"),
    *("training_quiz", "training_quiz_start", "training_sessions", "training_session", "training_session_live"),
    *("training_register", "training_give_up", "training_ask", "training_room_beat", "training_session_file"),
    *("training_calendar", "training_stream", "training_feed", "certificate_ask", "certificate_verify"),
    *("api_training_course-list", "api_training_course-detail", "api_training_course-enrol"),
    *("api_training_course-move-on", "api_training_course-read", "api_training_course-beat"),
    *("api_training_course-attempts", "api_training_session-list", "api_training_session-detail"),
    *("api_training_session-register", "api_training_session-give-up", "api_training_session-questions"),
    "api_training_session-beat",
}


def ids_of(shop: Any, canary: str) -> dict[str, dict[str, Any]]:
    """An attempt, an enrolment, a certificate and an assignment of shop A, by the routes that show or change them."""
    now = timezone.now()
    course = _course(now)
    user = UserFactory(display_name=canary)
    with tenancy.platform():
        version = course.published
        assert version
        common = {"merchant": shop, "user": user, "course": course}
        enrolment = Enrolment.objects.create(**common, version=version, enrolled_at=now, active_at=now)
        lesson = version.lessons.get(kind="QUIZ")
        question = version.questions.first()
        assert question
        attempt = Attempt.objects.create(
            merchant=shop,
            enrolment=enrolment,
            lesson=lesson,
            number=1,
            paper=[{"question": question.pk, "order": list(range(len(question.options)))}],
            started_at=now,
        )
        certificate = Certificate.objects.create(
            **common,
            version=version,
            enrolment=enrolment,
            code="0000-0000-0000-0000",
            holder_name=canary,
            shop_name=canary,
            issued_at=now,
        )
        assignment = Assignment.objects.create(
            merchant=shop,
            course=course,
            is_required=True,
            due_at=now + timedelta(days=1),
            reason=canary,
            assigned_by=canary,
            assigned_at=now,
        )
    return {
        **{name: {"pk": attempt.pk} for name in ("training_attempt", "training_hand_in")},
        "training_answer": {"pk": attempt.pk, "question": question.pk},
        "training_certificate_pdf": {"pk": certificate.pk},
        **{name: {"pk": assignment.pk} for name in ("training_remind", "training_unask")},
        **{f"api_training_attempt-{verb}": {"pk": attempt.pk} for verb in ("detail", "answers", "hand-in")},
        "api_training_enrolment-detail": {"pk": enrolment.pk},
        "api_training_certificate-detail": {"pk": certificate.pk},
        **{f"api_training_assignment-{verb}": {"pk": assignment.pk} for verb in ("detail", "end")},
    }


def _course(now: Any) -> Course:
    with tenancy.platform():
        known = Course.objects.filter(code="welcome").select_related("published").first()
    return known or folders.course(folders.of_disk(), at=now)
