"""What is asked of learners, and a session that is planned, leave their record in the same transaction."""

from datetime import datetime

import pytest
from django.urls import reverse

from merchant_protection.foundation import tenancy
from tests.audit.pressing import pressed
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Assignment

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
PATH = "/api/v1/training/assignments"


def test_a_course_is_asked_of_a_shop_and_asked_no_more(merchant: Persona, now: datetime) -> None:
    course = folders.course(folders.articles(), at=now)

    pressed(
        "api_training_assignment-list",
        lambda client=merchant.client: client.post(
            PATH, {"course": course.code, "role": "OPERATOR", "due_at": "2100-01-01T00:00:00Z"}, **JSON
        ),
    )
    with tenancy.platform():
        made = Assignment.objects.get()
    pressed(
        "api_training_assignment-end", lambda client=merchant.client: client.post(f"{PATH}/{made.pk}/end", {}, **JSON)
    )


def test_a_trainer_adds_a_rule_and_plans_a_session(
    trainer: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    course, client = folders.course(folders.articles(), at=now), trainer.client
    rule = {"_form_submitted": "True", "name": "After a loss", "trigger": "OUTCOME", "course": course.code}
    plan = {"title_en": "Prices", "time_zone": "UTC", "starts_at": "2100-01-01 20:00", "minutes": 45, "capacity": 30}
    plan |= {"attendance_percent": 70}

    pressed(
        "admin:training_assignmentrule_add_rule",
        lambda: client.post(reverse("admin:training_assignmentrule_add_rule"), rule),
    )
    pressed("admin:training_livesession_plan", lambda: client.post(reverse("admin:training_livesession_plan"), plan))
