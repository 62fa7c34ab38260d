"""Folders with faults: each is named with its file and line, and nothing of the folder is taken in."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from merchant_protection.foundation import tenancy
from tests.training import folders
from training.models import Course, Lesson
from training.outside import course_disk
from training.rules import course_folder
from training.rules.yaml_reading import Faulty
from training.services import fault_words


def faults_of(**changes: bytes | None) -> list[str]:
    content = folders.of_disk()
    for name, body in changes.items():
        content.pop(name, None)
        if body is not None:
            content[name] = body
    with pytest.raises(Faulty) as refused:
        course_folder.read(content)
    with translation.override("en"):
        return fault_words.lines(refused.value.faults)


def changed(old: str, new: str, name: str = "course.yaml") -> dict[str, bytes]:
    text = folders.of_disk()[name].decode()
    assert old in text
    return {name: text.replace(old, new, 1).encode()}


def test_the_courses_the_portal_brings_are_right() -> None:
    for folder in sorted(folders.WELCOME.parent.iterdir()):
        if folder.is_dir():
            assert course_folder.read(folders.of_disk(folder)).code == folder.name


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (changed("area: general", "area: [general"), "course.yaml, line 4: This is not YAML"),
        (changed("area: general", "area: everything"), "course.yaml, line 3: “everything” is not one of"),
        (changed("level: basic", "lefel: basic"), "course.yaml, line 4: “lefel” is not known here"),
        (changed("      - code: quiz", "      - code: the-day"), "The code “the-day” is used twice"),
        (changed("questions: 4", "questions: 9"), "draws more questions than the 5"),
        (changed("pass_mark: 75", "pass_mark: 175"), "“pass_mark” must be a number"),
        (changed("correct: true", "correct: maybe", "questions.yaml"), "questions.yaml, line 10: “correct”"),
        (changed("kind: numeric", "kind: essay", "questions.yaml"), "questions.yaml, line 44: “essay” is not one of"),
        ({"course.yaml": b"\xff\xfe"}, "course.yaml, line 1: This is not text in UTF-8"),
        ({"course.yaml": b"[" * 5000}, "course.yaml, line 1: This is not YAML"),
        ({"course.yaml": b"a: &a [1]\nb: *a\n"}, "course.yaml, line 2: Anchors and aliases"),
        ({"course.yaml": None}, "There is no course.yaml"),
        ({"lessons/the-day.en.md": None}, "The file lessons/the-day.en.md is missing"),
        ({"lessons/the-day.en.md": b"![x](files/no.png)"}, "lessons/the-day.en.md, line 1: The picture files/no.png"),
        (
            {"lessons/the-day.en.md": b"a\n\n![x](https://e.example/x.png)"},
            "the-day.en.md, line 3: The picture",
        ),
        ({"lessons/extra.md": b"x"}, "lessons/extra.md, line 1: Nothing in course.yaml needs this file"),
        ({"files/a.mp4": b"no video"}, "files/a.mp4, line 1: The content is not what"),
    ],
)
def test_a_fault_is_told_with_file_and_line(changes: dict[str, bytes | None], said: str) -> None:
    assert any(said in line for line in faults_of(**changes)), faults_of(**changes)


@pytest.mark.django_db
def test_the_command_takes_a_folder_and_leaves_a_broken_one(tmp_path: object, now: datetime, capsys: object) -> None:
    call_command("import_course", str(folders.WELCOME), publish=True)
    with tenancy.platform():
        assert Course.objects.get().published is not None
        lessons = Lesson.objects.count()

    broken = tmp_path / "broken"  # type: ignore[operator]
    for name, body in folders.of_disk().items():
        path = broken / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    (broken / "course.yaml").write_text("format: [1\n")
    with pytest.raises(CommandError):
        call_command("import_course", str(broken))

    assert "course.yaml" in capsys.readouterr().err  # type: ignore[attr-defined]
    assert Lesson.objects.count() == lessons


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04garbage", b"not a zip"])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(course_disk.NotAFolder):
        course_disk.read_zip(content)
