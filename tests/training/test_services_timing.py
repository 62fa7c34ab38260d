"""Learning time and seen parts: nothing lost, nothing doubled, nothing that could not be."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Invalid, NotFound
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Course, Progress, StudySpan
from training.rules import intervals
from training.services import enrolling, timing

VIDEO = b"""
format: 1
code: film
area: general
level: basic
languages: [en]
title: {en: A film}
summary: {en: About it}
modules:
  - code: only
    title: {en: All}
    lessons:
      - code: film
        kind: video
        title: {en: The film}
        minutes: 2
        video: https://media.example/film.m3u8
        duration: 100
        threshold: 90
      - code: second
        kind: video
        title: {en: Another}
        minutes: 2
        video: https://media.example/other.m3u8
        duration: 100
"""


@pytest.fixture
def course(merchant: Persona, now: datetime) -> Course:
    course = folders.course({"course.yaml": VIDEO}, at=now)
    with tenancy.platform():
        enrolling.enrol(actor=merchant.actor, course_id=course.pk, at=now)
    return course


def beat(person: Persona, course: Course, at: datetime, code: str = "film", **told: Any) -> Progress:
    with tenancy.platform():
        return timing.beat(actor=person.actor, course_id=course.pk, code=code, told=timing.Beat(**told), at=at)


def seconds() -> float:
    with tenancy.platform():
        spans = [(s.started_at.timestamp(), s.ended_at.timestamp()) for s in StudySpan.objects.all()]
    assert intervals.length(intervals.merged(spans, join=0)) == pytest.approx(intervals.length(spans)), "spans overlap"
    return intervals.length(spans)


@pytest.mark.django_db
def test_two_tabs_and_a_repeat_count_the_same_time_once(merchant: Persona, course: Course, now: datetime) -> None:
    beat(merchant, course, now)
    beat(merchant, course, now + timedelta(seconds=15), spans=[(15, 0)])
    beat(merchant, course, now + timedelta(seconds=16), code="second", spans=[(16, 1)])
    beat(merchant, course, now + timedelta(seconds=20), spans=[(20, 5), (20, 5)])

    assert seconds() == pytest.approx(15)


@pytest.mark.django_db
def test_a_lost_connection_loses_nothing_for_ten_minutes(merchant: Persona, course: Course, now: datetime) -> None:
    beat(merchant, course, now)
    beat(merchant, course, now + timedelta(minutes=8), spans=[(480, 300), (60, 0)])

    assert seconds() == pytest.approx(240)


@pytest.mark.django_db
def test_time_before_the_lesson_was_opened_or_to_come_does_not_count(
    merchant: Persona, course: Course, now: datetime
) -> None:
    beat(merchant, course, now)
    beat(merchant, course, now + timedelta(seconds=10), spans=[(500, -500)])

    assert seconds() == pytest.approx(10)


@pytest.mark.django_db
def test_an_hour_of_learning_is_a_handful_of_rows(merchant: Persona, course: Course, now: datetime) -> None:
    beat(merchant, course, now)
    for quarter in range(1, 40):
        beat(merchant, course, now + timedelta(seconds=15 * quarter), spans=[(15, 0)])

    assert seconds() == pytest.approx(585)
    with tenancy.platform():
        assert StudySpan.objects.count() == 1


@pytest.mark.django_db
def test_a_video_is_done_by_what_was_seen_and_not_by_dragging(merchant: Persona, course: Course, now: datetime) -> None:
    beat(merchant, course, now)
    dragged = beat(merchant, course, now + timedelta(seconds=15), spans=[(15, 0)], seen=[(95, 100)], position=100)
    assert (dragged.completed_at, dragged.position) == (None, 100)

    forged = beat(merchant, course, now + timedelta(seconds=16), seen=[(0, 100)])
    assert forged.completed_at is None, "nobody sees a hundred seconds in sixteen"

    for quarter in range(1, 7):
        at = now + timedelta(seconds=15 + 15 * quarter)
        seen = beat(merchant, course, at, spans=[(15, 0)], seen=[(15 * (quarter - 1), 15 * quarter)])
    assert seen.completed_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize("told", [{"spans": [(1, 2, 3)]}, {"seen": [(0, 1)] * 51}])
def test_what_no_page_would_say_is_refused(
    told: dict[str, Any], merchant: Persona, course: Course, now: datetime
) -> None:
    with pytest.raises(Invalid):
        beat(merchant, course, now, **told)
    assert seconds() == 0


@pytest.mark.django_db
def test_who_has_no_place_in_a_course_counts_nothing(rival: Persona, course: Course, now: datetime) -> None:
    with pytest.raises(NotFound):
        beat(rival, course, now)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    beats=st.lists(
        st.tuples(st.sampled_from(["film", "second"]), st.integers(0, 300), st.integers(0, 60)), min_size=1, max_size=8
    )
)
def test_whatever_tabs_tell_in_whatever_order_the_whole_is_their_union(
    beats: list[tuple[str, int, int]], merchant: Persona, course: Course, now: datetime
) -> None:
    with tenancy.platform():
        StudySpan.objects.all().delete()
        Progress.objects.all().delete()
    for code in ("film", "second"):
        beat(merchant, course, now, code)
    end = now + timedelta(seconds=400)

    for code, start, length in [*beats, *beats[:2]]:
        beat(merchant, course, end, code, spans=[(400 - start, 400 - start - length)])

    expected = intervals.length(intervals.merged([(s, s + length) for _code, s, length in beats], join=0))
    assert seconds() == pytest.approx(expected, abs=0.05)
