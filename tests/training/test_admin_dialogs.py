"""The trainer's console, button by button: what each dialog does, pressed as the page presses it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse

from merchant_protection.accounts.models import User
from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.training import folders
from tests.training.test_certificates import certified
from training.models import Assignment, AssignmentRule, Course, CourseVersion, Enrolment, LiveSession, RoomQuestion
from training.services import assigning, rooms, ruling, seats, sessions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _second_factor_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def second(db: None) -> Persona:
    """A second trainer."""
    return Persona(User.objects.create_user("second@staff.example", display_name="Tom", staff_roles=["TRAINER"]))


def press(person: Persona, model: str, name: str, pk: int, **fields: Any) -> None:
    """Open a dialog as the page does, fill it in and send it."""
    where = reverse(f"admin:training_{model}_{name}", args=[pk])
    opened = person.client.get(where)
    assert (opened.status_code, b"<form" in opened.content) == (200, True)
    sent = person.client.post(where, {"_form_submitted": "True", **fields})
    assert (sent.status_code, sent.content) == (200, b""), sent.content.decode()[:500]
    assert "HX-Redirect" in sent.headers


def test_a_version_is_begun_handed_in_sent_back_approved_and_published(
    trainer: Persona, second: Persona, now: datetime
) -> None:
    course = folders.course(folders.articles(), at=now)

    press(trainer, "course", "next_version", course.pk)
    draft = CourseVersion.objects.get(status="DRAFT")
    press(trainer, "courseversion", "submit", draft.pk, note="Please read.")
    press(second, "courseversion", "send_back", draft.pk, reason="A slip.")
    draft.refresh_from_db()
    assert draft.status == "DRAFT"
    draft.change_note = {"zh": "新的一课", "en": "A new lesson"}
    draft.save()
    press(trainer, "courseversion", "submit", draft.pk)
    press(trainer, "courseversion", "approve", draft.pk)  # nobody approves what they handed in
    draft.refresh_from_db()
    assert draft.status == "IN_REVIEW"
    press(second, "courseversion", "approve", draft.pk)
    press(second, "courseversion", "publish", draft.pk)

    assert dict(CourseVersion.objects.values_list("number", "status")) == {1: "SUPERSEDED", 2: "PUBLISHED"}


def test_a_course_is_copied_and_a_shop_enrolled(
    trainer: Persona, merchant: Persona, operator: Persona, now: datetime
) -> None:
    course = folders.course(folders.articles(), at=now)
    assert merchant.shop

    press(trainer, "course", "copy", course.pk, code="floor-two")
    press(trainer, "course", "enrol_people", course.pk, shop=merchant.shop.code)

    assert set(Course.objects.values_list("code", flat=True)) == {"floor", "floor-two"}
    with tenancy.platform():
        assert set(Enrolment.objects.values_list("user_id", flat=True)) == {merchant.user.pk, operator.user.pk}


def plan(trainer: Persona, now: datetime) -> LiveSession:
    with tenancy.platform():
        return sessions.schedule(
            actor=trainer.actor,
            plan={
                "title": {"en": "Live", "zh": "直播"},
                "starts_at": now + timedelta(minutes=1),
                "ends_at": now + timedelta(hours=1),
                "capacity": 5,
            },
            at=now,
        )


def test_a_session_goes_live_is_announced_to_ends_and_gets_its_recording(
    trainer: Persona, merchant: Persona, now: datetime
) -> None:
    session, dropped = plan(trainer, now), plan(trainer, now)
    with tenancy.platform():
        seats.register(actor=merchant.actor, session_id=session.pk, at=now)

    press(trainer, "livesession", "cancel", dropped.pk)
    press(trainer, "livesession", "go_live", session.pk, stream_url="https://live.example/a.m3u8")
    press(trainer, "livesession", "announce", session.pk, text="Slides follow.")
    with tenancy.platform():
        asked = [
            rooms.ask(actor=merchant.actor, session_id=session.pk, text=f"{n}?", at=now + n * timedelta(minutes=1))
            for n in range(3)
        ]
    press(trainer, "roomquestion", "show", asked[0].pk)
    press(trainer, "roomquestion", "answer", asked[1].pk, text="Like this.")
    press(trainer, "roomquestion", "decline", asked[2].pk)
    press(trainer, "livesession", "end", session.pk)
    press(trainer, "livesession", "add_recording", session.pk, url="https://live.example/r.m3u8", seconds=60)

    with tenancy.platform():
        statuses = RoomQuestion.objects.order_by("pk").values_list("status", flat=True)
        assert list(statuses) == ["SHOWN", "ANSWERED", "DECLINED"]
    session.refresh_from_db()
    dropped.refresh_from_db()
    assert (session.status, dropped.status, session.recording_seconds) == ("ENDED", "CANCELLED", 60)


def test_a_certificate_is_revoked_an_assignment_taken_back_and_a_rule_switched_off(
    trainer: Persona, merchant: Persona, now: datetime
) -> None:
    certificate = certified(merchant, at=now)
    assert merchant.shop
    with tenancy.platform():
        asked = assigning.assign(
            actor=merchant.actor,
            merchant_id=merchant.shop.pk,
            course_id=certificate.course_id,
            due_at=now + timedelta(days=1),
            at=now,
        )
        rule = ruling.add(
            actor=trainer.actor, course_id=certificate.course_id, name="R", trigger="WARNING", kind="", at=now
        )

    press(trainer, "certificate", "revoke", certificate.pk, reason="Not taken in person.")
    press(trainer, "assignment", "take_back", asked.pk)
    press(trainer, "assignmentrule", "switch", rule.pk)

    with tenancy.platform():
        certificate.refresh_from_db()
        assert certificate.revoked_reason == "Not taken in person."
        assert Assignment.objects.get().ended_at is not None
    assert not AssignmentRule.objects.get().is_active
