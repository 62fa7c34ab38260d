"""Courses and a room for benchmarks."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.config.settings import BASE_DIR
from merchant_protection.foundation import tenancy
from training.models import LiveSession
from training.outside import course_disk
from training.queries import courses
from training.services import enrolling, importing, publishing, seats, sessions

CONTENT = BASE_DIR / "training" / "content"
CODE, LESSON = "welcome", "the-day"


def pages(shop: Merchant) -> list[tuple[str, str]]:
    """Publish the portal's courses, let the shop's owner begin one, open a room; return the pages of all that."""
    now = timezone.now()
    with tenancy.platform():
        for folder in sorted(path.parent for path in CONTENT.glob("*/course.yaml")):
            clock = Actor.clock("bench")
            draft = importing.draft_from_folder(actor=clock, content=course_disk.read_folder(folder), at=now)
            publishing.publish_own(actor=clock, version_id=draft.pk, at=now)
        owner = loading.of_user(User.objects.get(memberships__merchant=shop))
        course = courses.by_code(CODE)
        assert course
        enrolling.enrol(actor=owner, course_id=course.pk, at=now)
        session = room(capacity=500)
        seats.register(actor=owner, session_id=session.pk, at=now)
    return [
        ("catalogue", reverse("training")),
        ("course", reverse("training_course", args=[CODE])),
        ("lesson", reverse("training_lesson", args=[CODE, LESSON])),
        ("room", reverse("training_session", args=[session.pk])),
    ]


def room(*, capacity: int) -> LiveSession:
    """A session that is to come, with so many seats."""
    now = timezone.now()
    trainer = User.objects.create_user("trainer@bench.example", display_name="Trainer", staff_roles=["TRAINER"])
    actor = Actor(kind=Kind.USER, id=trainer.pk, name="Trainer", staff_roles=frozenset(["TRAINER"]))
    plan = {
        "title": {"zh": "直播", "en": "Live"},
        "starts_at": now + timedelta(minutes=1),
        "ends_at": now + timedelta(hours=2),
        "capacity": capacity,
        "stream_url": "/m/training/stream/live.m3u8",
    }
    return sessions.schedule(actor=actor, plan=plan, at=now)
