"""A trainer's own film: sent at the desk, checked, published, and played in the lesson from where one stopped."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import Page

from merchant_protection.accounts.models import User
from merchant_protection.foundation import tenancy
from tests.fixtures.browser import OpenPage
from tests.fixtures.people import Persona
from tests.fixtures.uploads import film
from tests.training import folders
from tests.training.test_browser_training import until
from training.models import CourseVersion, Progress
from training.services import publishing, writing

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:08.000\n{words}\n"
LESSON = """
  - code: film
    kind: video
    title: {zh: 短片, en: Film}
    minutes: 1
    video: files/our-film.mp4
    duration: 8
    threshold: 50
    captions: {zh: files/our-film.zh.vtt, en: files/our-film.en.vtt}
change_note: {zh: 新增短片, en: A film}
"""
VIDEO = "document.querySelector('video')"
SHOWN = f"[...{VIDEO}.textTracks].find((each) => each.mode === 'showing')"


@pytest.fixture
def draft(trainer: Persona, settings: LazySettings, now: datetime) -> CourseVersion:
    """A course's next version, and a trainer who may write it."""
    settings.DEMO = True
    User.objects.filter(pk=trainer.user.pk).update(is_demo=True)
    with tenancy.platform():
        course = folders.course(folders.articles(), at=now)
        return writing.begin_next(actor=trainer.actor, course_id=course.pk, at=now)


def send_and_write(page: Page, draft: CourseVersion) -> None:
    """Send the film and its captions at the desk, then add the lesson that shows them."""
    sent = {"our film.mp4": film(seconds=8)}
    sent |= {f"our film.{code}.vtt": CAPTIONS.format(words=words).encode() for code, words in WORDS.items()}
    for name, body in sent.items():
        kind = "video/mp4" if name.endswith("mp4") else "text/vtt"
        page.set_input_files("#new-upload", {"name": name, "mimeType": kind, "buffer": body})
        page.wait_for_selector(f".writer-files >> text=files/{name.replace(' ', '-')}")
    page.goto(f"/admin/training/courseversion/{draft.pk}/write/?file=course.yaml")
    page.fill("#text", f"{page.locator('#text').input_value().rstrip()}{LESSON}")
    page.click(".writer-primary")
    page.wait_for_selector("[data-sortable] [data-code=film]")


WORDS = {"zh": "先看到手价", "en": "Look at the paid price first"}


def test_a_film_sent_by_a_trainer_plays_with_captions_from_where_one_stopped(
    open_page: OpenPage,
    axe: Callable[[Page], None],
    kept_in: Path,
    check_files: Callable[..., int],
    trainer: Persona,
    merchant: Persona,
    draft: CourseVersion,
) -> None:
    second = Persona(User.objects.create_user("second@staff.example", display_name="Tom", staff_roles=["TRAINER"]))
    send_and_write(open_page(f"/admin/training/courseversion/{draft.pk}/write/", as_=trainer), draft)
    assert check_files() == 3
    with tenancy.platform():
        publishing.submit(actor=trainer.actor, version_id=draft.pk, at=timezone.now())
        publishing.approve(actor=second.actor, version_id=draft.pk, at=timezone.now())
        publishing.publish(actor=second.actor, version_id=draft.pk, at=timezone.now())
    merchant.client.post("/m/training/courses/floor/enrol/")

    page = open_page("/m/training/courses/floor/lessons/film/", as_=merchant, language="zh-CN", width=390)
    until(page, f"{VIDEO}.readyState > 0")
    axe(page)
    assert page.evaluate(f"Math.round({VIDEO}.duration)") == 8
    play(page)
    until(page, f"{VIDEO}.currentTime > 2.5")
    assert page.evaluate(f"{SHOWN}.activeCues[0].text") == WORDS["zh"]

    page.goto("/m/training/")  # leaving tells how far one was
    progress_until(lambda row: row.position > 1.5)
    page.goto("/m/training/courses/floor/lessons/film/")
    until(page, f"{VIDEO}.currentTime > 1.5")
    assert page.evaluate(f"{VIDEO}.paused"), "nothing plays by itself"
    page.select_option("[data-speed]", "2")
    play(page)
    until(page, f"{VIDEO}.ended")
    page.goto("/m/training/")
    progress_until(lambda row: row.completed_at is not None)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    merchant.user.language = "en"
    merchant.user.save()
    page = open_page("/m/training/courses/floor/lessons/film/", as_=merchant, language="en")
    until(page, f"{SHOWN}?.cues?.length > 0")
    assert page.evaluate(f"{SHOWN}.cues[0].text") == WORDS["en"]
    assert page.locator(".page-head .status-good").count() == 1
    page.goto("about:blank")  # the film is thrown away with the test, while a page would still be fetching it


def play(page: Page) -> None:
    page.evaluate(f"{VIDEO}.muted = true")
    page.evaluate(f"{VIDEO}.play()")


def progress_until(reached: Callable[[Any], bool]) -> None:
    """Wait for what the page tells while it is being left."""
    deadline = time.monotonic() + 30
    while True:
        with tenancy.platform():
            row = Progress.objects.filter(lesson__code="film").first()
        if row is not None and reached(row):
            return
        assert time.monotonic() < deadline, row and (row.position, row.seen)
        time.sleep(0.2)
