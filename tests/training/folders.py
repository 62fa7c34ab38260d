"""Folders of courses for the tests."""

from datetime import datetime
from pathlib import Path

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from training.models import Course, CourseVersion
from training.queries import courses
from training.services import importing, publishing

WELCOME = Path(__file__).parents[2] / "training" / "content" / "welcome"
TEMPLATE = """
format: 1
code: {code}
area: {area}
level: basic
languages: [zh, en]
title: {{zh: "{zh}", en: "{en}"}}
summary: {{zh: "{zh}的要点", en: "What matters about it"}}
change_note: {{zh: "{note}", en: "{note}"}}
certificate_months: 12
modules:
  - code: only
    title: {{zh: 全部, en: All of it}}
    lessons:
{lessons}
"""
ARTICLE = """      - code: {code}
        kind: article
        title: {{zh: "课 {code}", en: "Lesson {code}"}}
        minutes: 3
"""


def of_disk(folder: Path = WELCOME) -> dict[str, bytes]:
    """A folder as it lies on the disk."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def articles(
    code: str = "floor",
    *,
    zh: str = "价格保护不踩坑",
    en: str = "Price guard without surprises",
    area: str = "price_guard",
    note: str = "First.",
    lessons: tuple[str, ...] = ("one", "two"),
    text: str = "What to know.",
    **texts: str,
) -> dict[str, bytes]:
    """A course of articles; `texts` gives single lessons another text."""
    listed = "".join(ARTICLE.format(code=lesson) for lesson in lessons)
    top = TEMPLATE.format(code=code, area=area, zh=zh, en=en, note=note, lessons=listed)
    bodies = {
        f"lessons/{lesson}.{language}.md": texts.get(lesson, text).encode()
        for lesson in lessons
        for language in ("zh", "en")
    }
    return {"course.yaml": top.encode(), **bodies}


def publish(content: dict[str, bytes], *, at: datetime) -> CourseVersion:
    """Put a folder into the portal as a published course."""
    actor = Actor.clock("tests")
    with tenancy.platform():
        draft = importing.draft_from_folder(actor=actor, content=content, at=at)
        return publishing.publish_own(actor=actor, version_id=draft.pk, at=at)


def course(content: dict[str, bytes], *, at: datetime) -> Course:
    """The course itself."""
    return publish(content, at=at).course


def differs(draft: CourseVersion) -> bool:
    """Whether a draft says anything that its published version does not."""
    return courses.differs_from_published(draft)
