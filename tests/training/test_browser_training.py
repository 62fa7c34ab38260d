"""A merchant's way from a course to its certificate and into a room that really streams; a trainer's desk."""

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page

from merchant_protection.foundation import tenancy
from tests.fixtures.browser import OpenPage
from tests.fixtures.people import Persona
from tests.training import folders, quizzes
from training.models import Attempt, CourseVersion, LiveSession, RoomPost
from training.outside import test_stream
from training.services import importing, seats, sessions

type Check = Callable[[Page], None]


def until(page: Page, condition: str) -> None:
    """Wait for a condition in the page; the page's own policy lets nothing be evaluated inside it."""
    deadline = time.monotonic() + 60
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(200)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test stream is sent, and demo people need no second factor."""
    monkeypatch.setattr(settings, "DEMO", True)


@pytest.fixture
def stream() -> Iterator[None]:
    """A stream made by the program that the demo runs."""
    folder = Path(settings.STATE_DIR) / "stream"
    test_stream.clear(folder)
    program = subprocess.Popen(test_stream.command(folder), stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (folder / test_stream.NAME).exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    yield
    program.terminate()
    program.wait(timeout=20)


def put_in_order(page: Page, places: list[int], *, dragging: bool) -> None:
    """Give the options their places: by dragging each to its own from the top down, or by choosing its number."""
    for rank, place in enumerate(places, start=1):
        if not dragging:
            page.select_option(f"[name=rank_{place}]", str(rank))
            continue
        held = page.locator(f"ordered-options label:has([name=rank_{place}])")
        target = page.locator("ordered-options label").nth(rank - 1)
        if not target.evaluate("(label, name) => label.contains(document.getElementsByName(name)[0])", f"rank_{place}"):
            held.drag_to(target)
        elif rank == len(places) and not held.locator("select").input_value():  # it was in order from the start
            page.select_option(f"[name=rank_{place}]", str(rank))
    for rank, place in enumerate(places, start=1):
        if dragging and not page.locator(f"[name=rank_{place}]").input_value():
            page.select_option(f"[name=rank_{place}]", str(rank))
        assert page.locator(f"[name=rank_{place}]").input_value() == str(rank)


def answer(page: Page, attempt: Attempt, *, dragging: bool) -> None:
    """Answer the question that is shown, rightly."""
    shown = page.locator("legend").inner_text()
    with tenancy.platform():
        asked = quizzes.questions_of(attempt)
    question, order = next(each for each in asked if shown in each[0].text.values())
    given: Any = quizzes.given(question, order, right=True)
    if question.kind == "NUMERIC":
        page.fill("#given", str(given))
    elif question.kind == "TRUE_FALSE":
        page.check(f"input[value={'true' if given else 'false'}]")
    elif question.kind == "ORDERING":
        put_in_order(page, given, dragging=dragging)
    else:
        for place in given:
            page.check(f"input[name=given][value='{place}']")
    with page.expect_navigation():
        page.click("form.quiz button")


@pytest.mark.parametrize(("language", "width", "dark"), [("zh-CN", 390, True), ("en", 1280, False)])
def test_a_course_is_taken_to_its_certificate(
    open_page: OpenPage, axe: Check, merchant: Persona, language: str, width: int, dark: bool
) -> None:
    merchant.user.language = "zh-hans" if language == "zh-CN" else "en"
    merchant.user.save()
    folders.publish(quizzes.with_limits(), at=timezone.now())

    page = open_page("/m/training/", as_=merchant, language=language, width=width, dark=dark)
    axe(page)
    page.click(".course-link")
    axe(page)
    page.click(".page-head form button")
    for _text in range(2):
        axe(page)
        page.click(".lesson-steps form button")
    with page.expect_download() as taken:
        page.click("a[download]")
    assert taken.value.suggested_filename.startswith("daily-list")
    page.reload()
    page.click(".lesson-steps .btn-primary")
    axe(page)
    page.click("form[action$='/quiz/start/'] button")
    with tenancy.platform():
        attempt = Attempt.objects.get()
    for _question in attempt.paper:
        axe(page)
        answer(page, attempt, dragging=width > 1000)
        axe(page)
        with page.expect_navigation():
            page.click(".card-foot .btn-primary")
    assert page.locator(".banner-good").count() == 1
    page.goto("/m/training/certificates/")
    axe(page)
    code = page.locator("td code").inner_text()
    page.goto(f"/certificates/{code}/")
    axe(page)
    assert page.locator(".banner-good").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def live_session(trainer: Persona, merchant: Persona) -> LiveSession:
    now = timezone.now()
    plan = {
        "title": {"en": "Live, really", "zh": "真的直播"},
        "starts_at": now + timedelta(seconds=1),
        "ends_at": now + timedelta(hours=1),
        "capacity": 5,
        "stream_url": "/m/training/stream/live.m3u8",
    }
    with tenancy.platform():
        session = sessions.schedule(actor=trainer.actor, plan=plan, at=now)
        seats.register(actor=merchant.actor, session_id=session.pk, at=now)
    return session


@pytest.mark.usefixtures("demo", "stream")
def test_a_room_opens_by_itself_streams_and_takes_questions(
    open_page: OpenPage, axe: Check, merchant: Persona, trainer: Persona
) -> None:
    session = live_session(trainer, merchant)
    page = open_page(f"/m/training/sessions/{session.pk}/", as_=merchant)
    axe(page)
    assert page.locator("#room-stage").get_attribute("data-stage") == "BEFORE"

    with tenancy.platform():
        sessions.go_live(actor=trainer.actor, session_id=session.pk, at=timezone.now())
    page.wait_for_selector("#room-stage[data-stage=LIVE]", timeout=40_000)
    page.evaluate("document.querySelector('video').muted = true")
    page.evaluate("document.querySelector('video').play()")
    until(page, "document.querySelector('video').currentTime > 0")
    first = page.evaluate("document.querySelector('video').currentTime")
    until(page, f"document.querySelector('video').currentTime > {first} + 2")
    axe(page)

    page.fill("#ask", "Does this really stream?")
    page.click("#room-ask button")
    page.wait_for_selector("#room-mine:not([hidden])", timeout=20_000)
    with tenancy.platform():
        asked = session.questions.get()
    answer_at_the_desk(open_page, axe, trainer, asked.pk, "It does.")
    page.wait_for_selector("text=It does.", timeout=20_000)
    assert page.evaluate("document.querySelector('video').currentTime") > first, "the player was not exchanged"
    with tenancy.platform():
        assert RoomPost.objects.count() == 1


def answer_at_the_desk(open_page: OpenPage, axe: Check, trainer: Persona, question_id: int, words: str) -> None:
    """A trainer answers a question in the staff pages."""
    trainer.user.is_demo = True
    trainer.user.save()
    desk = open_page(f"/admin/training/roomquestion/{question_id}/change/", as_=trainer)
    desk.click("a:has-text('Answer it')")
    desk.fill("#dialog-form [name=text]", words)
    axe(desk)
    desk.click("#dialog button[type=submit]")
    desk.wait_for_selector("text=It stands on the board.")


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("language", "width", "named"), [("en", 1280, "course.yaml, line"), ("zh-CN", 390, "course.yaml 第")]
)
def test_a_trainer_writes_orders_and_sees_a_slip_named(
    open_page: OpenPage, axe: Check, complaints: Any, trainer: Persona, language: str, width: int, named: str
) -> None:
    complaints.expect("422")
    trainer.user.is_demo, trainer.user.language = True, "zh-hans" if language == "zh-CN" else "en"
    trainer.user.save()
    with tenancy.platform():
        draft = importing.draft_from_folder(actor=trainer.actor, content=folders.of_disk(), at=timezone.now())

    desk = f"/admin/training/courseversion/{draft.pk}/write/"
    page = open_page(f"{desk}?file=lessons/the-day.en.md", as_=trainer, language=language, width=width)
    axe(page)
    page.fill("#text", "## New\n\nWords of the day.")
    page.click(".writer-primary")
    page.wait_for_selector("text=Words of the day.")
    page.select_option("#before-daily-list", "the-day")
    page.click("[data-code=daily-list] button")
    page.wait_for_selector("[data-sortable] li:first-child[data-code=daily-list]")
    page.select_option("#before-daily-list", "")
    page.click("[data-code=daily-list] button")
    page.wait_for_selector("[data-sortable] li:last-child[data-code=daily-list]")
    page.drag_and_drop("[data-code=daily-list] > span", "[data-code=the-day] > span")
    page.wait_for_selector("[data-sortable] li:first-child[data-code=daily-list]")
    page.set_input_files("#new-upload", {"name": "floor list.txt", "mimeType": "text/plain", "buffer": b"what to keep"})
    page.wait_for_selector(".writer-files >> text=files/floor-list.txt")
    page.set_input_files("#new-upload", {"name": "run.exe", "mimeType": "text/plain", "buffer": b"MZ"})
    until(page, "document.querySelector('course-upload [role=status]').textContent.length > 10")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{desk}?file=course.yaml")
    page.fill("#text", "format: [1")
    page.click(".writer-primary")
    page.wait_for_selector(f"text={named}")
    with tenancy.platform():
        assert CourseVersion.objects.get().lessons.count() == 4


@pytest.mark.parametrize(("language", "width", "dark"), [("zh-CN", 390, True), ("en", 1280, False)])
def test_an_owner_asks_a_course_of_the_team(
    open_page: OpenPage,
    axe: Check,
    complaints: Any,
    merchant: Persona,
    operator: Persona,
    language: str,
    width: int,
    dark: bool,
) -> None:
    complaints.expect("422")
    merchant.user.language = "zh-hans" if language == "zh-CN" else "en"
    merchant.user.save()
    folders.publish(folders.articles(), at=timezone.now())

    page = open_page("/m/training/courses/floor/", as_=merchant, language=language, width=width, dark=dark)
    page.click("a[href$='/assign/']")
    axe(page)
    page.select_option("#id_who", "role:OPERATOR")
    page.fill("#id_until", "2001-01-01")
    page.click(".form-foot .btn-primary")
    page.wait_for_selector(".invalid-feedback")
    axe(page)
    page.fill("#id_until", f"{timezone.localdate() + timedelta(days=3)}")
    page.fill("#id_reason", "改错价三次")
    page.click(".form-foot .btn-primary")
    page.wait_for_selector(".card-title >> text=/价格保护|Price guard/")
    axe(page)
    assert "Otto Operator" in page.locator("table").inner_text()
    page.click("form[action$='/remind/'] button")
    page.wait_for_selector("toast-note")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


BAD_SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60" onload="window.pwned = 1">
<script>window.pwned = 1; if (window.parent) window.parent.pwned = 1; fetch('/m/training/?stolen')</script>
<rect width="60" height="60" fill="green"/></svg>"""
BAD_TEXT = """## <script>window.pwned = 1</script>

<img src=x onerror="window.pwned = 1"> [press](javascript:window.pwned=1) [and](data:text/html,<script>1</script>)

![a green square](files/bad.svg)
"""


@pytest.mark.case("TR-06")
def test_scripts_in_markdown_and_svg_do_nothing(open_page: OpenPage, complaints: Any, merchant: Persona) -> None:
    content = folders.articles(text=BAD_TEXT) | {"files/bad.svg": BAD_SVG}
    version = folders.publish(content, at=timezone.now())
    merchant.client.post("/m/training/courses/floor/enrol/")
    page = open_page("/m/training/courses/floor/lessons/one/", as_=merchant)
    until(page, "document.querySelector('.prose img').naturalWidth > 0")

    assert page.evaluate("window.pwned") is None
    assert page.locator(".prose script, .prose [onerror]").count() == 0
    assert page.locator(".prose a").count() == 0, "neither address became a link"
    assert "<script>" in page.locator(".prose h2").inner_text(), "it is shown as text"

    # Opened by itself, the picture is a document of its own, and may do nothing either.
    complaints.expect("Blocked script execution|Content Security Policy|sandbox")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(f"/m/training/courses/floor/files/{version.number}/bad.svg")
    assert answer
    assert "sandbox" in answer.headers["content-security-policy"]
    page.wait_for_timeout(300)
    assert not any("stolen" in url for url in asked)
    assert page.evaluate("window.pwned") is None
