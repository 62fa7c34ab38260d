"""TR-08: what the database has to touch for a page, in a catalogue of a few courses and in one of ten thousand.

Blocks and rows instead of seconds, so that a busy machine cannot make it fail and a quiet one cannot let it pass; the
seconds are told by `make bench ONLY=B15`.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import many_courses
from merchant_protection.accounts.models import User
from merchant_protection.foundation import tenancy
from tests.fixtures import servers
from tests.fixtures.people import Persona
from training.models import Course, Progress
from training.queries import courses

FEW, MANY, PROGRESS = 40, 10_000, 1_000_000
# The indexes of a large table are a few levels deeper and its rows lie further apart, for each of the rows on a page;
# going through all courses would be 900 blocks, through all progress 20,000.
BLOCKS_MORE = 300
LISTS = {
    "first page": "/m/training/",
    "area": "/m/training/?area=CLAIMS",
    "level": "/m/training/?level=ADVANCED",
    "language": "/m/training/?language=en",
    "program's list": "/api/v1/training/courses?limit=12",
    "program's enrolments": "/api/v1/training/enrolments?limit=12",
    "my certificates": "/m/training/certificates/",
}
DESK = ("/admin/training/course/", "/admin/training/enrolment/")


@dataclass(frozen=True)
class Cost:
    """What one page asked of the database, and how many of its blocks had to be touched for that."""

    queries: int
    blocks: int


def cost(person: Persona, path: str) -> Cost:
    """Open a page and let the database explain each of its questions."""
    with CaptureQueriesContext(connection) as caught:
        answer = person.client.get(path)
    assert answer.status_code == 200, path
    asked = [each["sql"] for each in caught.captured_queries if each["sql"].startswith("SELECT")]
    return Cost(len(asked), sum(_blocks(person, sql) for sql in asked))


def _blocks(person: Persona, sql: str) -> int:
    with tenancy.merchant(person.shop.pk) if person.shop else tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
        plan: Any = cursor.fetchone()[0]
    whole = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(whole["Shared Hit Blocks"] + whole["Shared Read Blocks"])


def fill(person: Persona, *, courses: int, progress: int) -> None:
    assert person.shop
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        many_courses.fill(
            server, merchant_id=person.shop.pk, user_id=person.user.pk, courses=courses, progress=progress
        )


def paths() -> dict[str, str]:
    """Every page of the catalogue and of the last course in it."""
    course = f"/m/training/courses/bulk-{FEW}/"
    return dict(LISTS) | {
        "search": f"/m/training/?q=第{FEW}课",
        "course": course,
        "lesson": f"{course}lessons/l0/",
        "program's course": f"/api/v1/training/courses/bulk-{FEW}",
    }


def deep(at: int) -> str:
    """The page of the catalogue that begins behind so many courses."""
    with tenancy.platform():
        last = courses.catalogue().order_by(*courses.RECENT)[at]
    key = json.dumps([last.published_at.isoformat() if last.published_at else "", last.pk])
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def costs(person: Persona, *, count: int) -> dict[str, Cost]:
    place = max(count - 20, 0)
    found = {name: cost(person, path) for name, path in paths().items()}
    return found | {
        "last pages": cost(person, f"/m/training/?after={deep(place)}"),
        "back from there": cost(person, f"/m/training/?before={deep(place)}"),
    }


def desk(trainer: Persona) -> dict[str, Cost]:
    return {path: cost(trainer, path) for path in DESK}


@pytest.mark.soak
@pytest.mark.case("TR-08")
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_courses_and_a_million_rows_of_progress_page_like_a_few(
    merchant: Persona, trainer: Persona, settings: LazySettings
) -> None:
    settings.DEMO = True
    with tenancy.platform():
        User.objects.filter(pk=trainer.user.pk).update(is_demo=True)
    merchant.client.get("/m/training/"), trainer.client.get("/admin/")  # the sessions' own writes
    fill(merchant, courses=FEW, progress=0)
    few = costs(merchant, count=FEW) | desk(trainer)

    fill(merchant, courses=MANY, progress=PROGRESS)
    with tenancy.platform():
        assert Course.objects.count() == MANY
        assert Progress.objects.count() >= PROGRESS
    many = costs(merchant, count=MANY) | desk(trainer)

    assert {name: page.queries for name, page in many.items()} == {name: page.queries for name, page in few.items()}
    dear = {name: page for name, page in many.items() if page.blocks > few[name].blocks + BLOCKS_MORE}
    assert not dear, few
