"""What pages cost: the same queries for one row and for many, for the first page and the last."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Course, CourseVersion, Enrolment
from training.rules import grams

pytestmark = pytest.mark.django_db
PUBLISH = """
UPDATE training_course c SET published_id = v.id, published_at = v.published_at - c.id * interval '1 second',
  first_published_at = v.published_at
FROM training_courseversion v WHERE v.course_id = c.id AND c.published_id IS NULL
"""
PUBLISHED = {"status": "PUBLISHED"}
COLUMNS = {"area": "CLAIMS", "level": "BASIC", "languages": ["zh"], "summary": {"zh": "要点"}}


def many(count: int, *, at: datetime, first: int = 0) -> None:
    """So many published courses, written in one go."""
    title = "识别恶意索赔"
    with tenancy.platform():
        courses = Course.objects.bulk_create(
            Course(
                code=f"bulk-{place}",
                title={"zh": f"{title}{place}"},
                grams=grams.of(f"{title}{place}"),
                words=grams.plain(f"{title}{place}"),
                created_at=at,
                **COLUMNS,
            )
            for place in range(first, first + count)
        )
        CourseVersion.objects.bulk_create(
            CourseVersion(
                course=course,
                number=1,
                title=course.title,
                status="PUBLISHED",
                created_at=at,
                published_at=at,
                **COLUMNS,
            )
            for course in courses
        )
        with connection.cursor() as cursor:
            cursor.execute(PUBLISH)


@pytest.fixture
def queries(merchant: Persona) -> Callable[[str], int]:
    merchant.client.get("/m/training/")  # the session's own writes

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            answer = merchant.client.get(path)
        assert answer.status_code == 200
        return len(caught)

    return count


def test_the_catalogue_costs_the_same_for_one_course_and_for_many(
    queries: Callable[[str], int], merchant: Persona, now: datetime
) -> None:
    folders.publish(folders.articles(), at=now)
    one = queries("/m/training/?q=保护"), queries("/m/training/")
    many(60, at=now)
    with tenancy.platform():
        Enrolment.objects.bulk_create(
            Enrolment(
                merchant=merchant.shop,
                user=merchant.user,
                course=course,
                version_id=course.published_id,
                enrolled_at=now,
                active_at=now,
            )
            for course in Course.objects.filter(published__isnull=False)
        )

    first = merchant.client.get("/m/training/").content.decode()
    after = first.split("?after=")[1].split('"')[0]

    assert (queries("/m/training/?q=恶意"), queries("/m/training/")) == one
    assert queries(f"/m/training/?after={after}") == queries("/m/training/?area=CLAIMS")


def test_a_course_and_a_lesson_cost_the_same_for_two_lessons_and_for_twenty(
    queries: Callable[[str], int], merchant: Persona, now: datetime
) -> None:
    folders.publish(folders.articles(), at=now)
    folders.publish(folders.articles("long", lessons=tuple(f"l{n}" for n in range(20))), at=now)
    for code in ("floor", "long"):
        merchant.client.post(f"/m/training/courses/{code}/enrol/")
        merchant.client.get(f"/m/training/courses/{code}/lessons/{'one' if code == 'floor' else 'l0'}/")

    short = queries("/m/training/courses/floor/"), queries("/m/training/courses/floor/lessons/one/")
    long = queries("/m/training/courses/long/"), queries("/m/training/courses/long/lessons/l0/")

    assert short == long


def test_looking_at_a_lesson_again_writes_nothing(merchant: Persona, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)
    merchant.client.post("/m/training/courses/floor/enrol/")
    path = "/m/training/courses/floor/lessons/one/"
    merchant.client.get(path)

    with CaptureQueriesContext(connection) as caught:
        assert merchant.client.get(path).status_code == 200

    assert not [each["sql"] for each in caught if each["sql"].startswith(("INSERT", "UPDATE", "SELECT FOR UPDATE"))]
    assert len(caught) <= 15
