"""Files of courses that people send: in pieces, quarantined, opened apart; learners get clean copies or nothing."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from merchant_protection.accounts.models import User
from merchant_protection.files.models import StoredFile
from merchant_protection.files.rules import limits
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send, film, picture, telephone_picture
from tests.training import folders
from training.models import Course, CourseFile, CourseVersion, Lesson
from training.rules import folder_files
from training.services import publishing, writing

pytestmark = pytest.mark.django_db
GIGABYTE = 1024**3
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script><path d='M0 0h9'/></svg>"
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\n<b>Floor</b><script>alert(3)</script>\n"


class Untouchable(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("a body that is too large was read")


@pytest.fixture
def at_desk(trainer: Persona, settings: LazySettings, kept_in: Path) -> Persona:
    """The trainer, let into the staff pages."""
    settings.DEMO = True
    with tenancy.platform():
        User.objects.filter(pk=trainer.user.pk).update(is_demo=True)
    return trainer


@pytest.fixture
def draft(trainer: Persona, now: datetime, kept_in: Path) -> CourseVersion:
    with tenancy.platform():
        folders.publish(folders.articles(), at=now)
        return writing.begin_next(actor=trainer.actor, course_id=Course.objects.get().pk, at=now)


def attach(person: Persona, draft: CourseVersion, file: StoredFile, now: datetime) -> CourseVersion:
    with tenancy.platform():
        return writing.attach_file(actor=person.actor, version_id=draft.pk, file_id=file.pk, at=now)


def hand_in(person: Persona, draft: CourseVersion, now: datetime) -> CourseVersion:
    with tenancy.platform():
        return publishing.submit(actor=person.actor, version_id=draft.pk, at=now)


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_three_gigabytes_are_refused_before_a_byte_is_sent(at_desk: Persona, kept_in: Path) -> None:
    about = {"purpose": "course_file", "name": "film.mp4", "size": 3 * GIGABYTE}
    answer = at_desk.client.post("/admin/files/", about, content_type="application/json")

    assert answer.status_code == 413
    assert not StoredFile.objects.exists()
    assert on_disk(kept_in) == []


@pytest.mark.parametrize("path", ["/admin/training/courseversion/import/", "/admin/files/1/", "/m/files/"])
def test_a_body_of_three_gigabytes_is_refused_before_a_byte_is_read(at_desk: Persona, path: str) -> None:
    answer = at_desk.client.post(
        path,
        **{  # type: ignore[arg-type]
            "CONTENT_LENGTH": str(3 * GIGABYTE),
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
            "wsgi.input": Untouchable(),
        },
    )

    assert answer.status_code == 413


def test_more_than_was_said_is_refused_and_leaves_nothing(at_desk: Persona, kept_in: Path) -> None:
    about = {"purpose": "course_file", "name": "a.txt", "size": 3}
    number = at_desk.client.post("/admin/files/", about, content_type="application/json").json()["id"]

    answer = at_desk.client.patch(
        f"/admin/files/{number}/", b"four", content_type="application/octet-stream", headers={"Upload-Offset": "0"}
    )

    assert answer.status_code == 413
    assert on_disk(kept_in) == []


def test_a_picture_is_shown_by_its_clean_copy_once_it_was_checked(
    at_desk: Persona,
    merchant: Persona,
    draft: CourseVersion,
    send: Send,
    check_files: Callable[..., int],
    now: datetime,
) -> None:
    body = picture(exif=b"Exif\x00\x00CANARY")
    file = send(at_desk.actor, "floor chart.jpg", body, purpose="course_file")
    attach(at_desk, draft, file, now)
    where = f"/admin/training/courseversion/{draft.pk}/files/floor-chart.jpg"

    assert at_desk.client.get(where).status_code == 404
    with pytest.raises(Conflict, match=r"floor-chart\.jpg"):
        hand_in(at_desk, draft, now)
    check_files()

    shown = at_desk.client.get(where)
    seen = b"".join(shown.streaming_content)  # type: ignore[arg-type]
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert b"CANARY" in body
    assert b"CANARY" not in seen
    assert hand_in(at_desk, draft, now).status == "IN_REVIEW"
    with tenancy.platform():
        kept = CourseFile.objects.get(version=draft, name="files/floor-chart.jpg")
        assert kept.digest == StoredFile.objects.get().digest


@pytest.mark.parametrize("ending", limits.PURPOSES[limits.COURSE_FILE].extensions)
def test_all_that_can_be_chosen_is_taken(ending: str) -> None:
    assert folder_files.fault_of_name(folder_files.kept_name(f"files/IMG_1.{ending}")) == ""


def test_the_picker_offers_what_is_taken_and_says_what_becomes_of_it(at_desk: Persona, draft: CourseVersion) -> None:
    page = at_desk.client.get(
        f"/admin/training/courseversion/{draft.pk}/write/", headers={"Accept-Language": "en"}
    ).content.decode()

    offered = re.search(r'type="file" accept="([^"]+)"', page)
    assert offered
    assert set(offered[1].split(",")) == {f".{each}" for each in limits.PURPOSES[limits.COURSE_FILE].extensions}
    assert "HEIC is kept as JPG, MOV and M4V as MP4" in page


@pytest.mark.parametrize(
    ("sent_as", "kept_as", "media_type"),
    [("IMG 1.HEIC", "IMG-1.jpg", "image/jpeg"), ("IMG_2.MOV", "IMG_2.mp4", "video/mp4")],
)
def test_what_telephones_send_is_kept_as_what_browsers_show(
    at_desk: Persona,
    draft: CourseVersion,
    send: Send,
    check_files: Callable[..., int],
    now: datetime,
    sent_as: str,
    kept_as: str,
    media_type: str,
) -> None:
    body = telephone_picture() if sent_as.endswith("HEIC") else film(form="mov")
    attach(at_desk, draft, send(at_desk.actor, sent_as, body, purpose="course_file"), now)
    check_files()

    shown = at_desk.client.get(f"/admin/training/courseversion/{draft.pk}/files/{kept_as}")
    with tenancy.platform():
        taken_out = writing.folder_of(draft)[f"files/{kept_as}"]

    assert (shown.status_code, shown["Content-Type"]) == (200, media_type)
    assert folder_files.fault_of(f"files/{kept_as}", taken_out) == "", "the folder can come in again"


def test_a_video_that_is_none_is_told_and_never_published(
    at_desk: Persona, draft: CourseVersion, send: Send, check_files: Callable[..., int], now: datetime
) -> None:
    fake = b"\x00\x00\x00\x18ftypisom" + b"not a film" * 40
    attach(at_desk, draft, send(at_desk.actor, "film.mp4", fake, purpose="course_file"), now)
    check_files()

    with pytest.raises(Conflict, match=r"film\.mp4"):
        hand_in(at_desk, draft, now)
    page = at_desk.client.get(f"/admin/training/courseversion/{draft.pk}/write/").content.decode()

    assert "文件已损坏" in page or "damaged" in page
    assert at_desk.client.get(f"/admin/training/courseversion/{draft.pk}/files/film.mp4").status_code == 404


def test_scripts_in_drawings_and_captions_do_not_reach_learners(
    at_desk: Persona,
    reviewing: Persona,
    merchant: Persona,
    draft: CourseVersion,
    send: Send,
    check_files: Callable[..., int],
    now: datetime,
) -> None:
    for name, body in (("map.svg", SVG), ("film.en.vtt", VTT)):
        attach(at_desk, draft, send(at_desk.actor, name, body, purpose="course_file"), now)
    check_files()
    hand_in(at_desk, draft, now)
    with tenancy.platform():
        publishing.approve(actor=reviewing.actor, version_id=draft.pk, at=now)
        publishing.publish(actor=reviewing.actor, version_id=draft.pk, at=now)

    for name, kept, media_type in (("map.svg", b"M0 0h9", "image/svg+xml"), ("film.en.vtt", b"Floor", "text/vtt")):
        answer = merchant.client.get(f"/m/training/courses/floor/files/2/{name}")
        body = b"".join(answer.streaming_content)  # type: ignore[arg-type]
        assert answer["Content-Type"].startswith(media_type)
        assert "sandbox" in answer["Content-Security-Policy"]
        assert kept in body
        assert b"script" not in body
        assert b"alert" not in body.replace(b"alert(3)", b"")


@pytest.fixture
def reviewing(db: None, trainer: Persona) -> Persona:
    """A second trainer."""
    user = User.objects.create_user("second@staff.example", display_name="Tom", staff_roles=["TRAINER"])
    return Persona(user)


def packed(content: dict[str, bytes]) -> io.BytesIO:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, each in content.items():
            archive.writestr(name, each)
    body.seek(0)
    body.name = "course.zip"
    return body


def test_what_comes_in_a_folder_is_quarantined_too(at_desk: Persona, check_files: Callable[..., int]) -> None:
    answer = at_desk.client.post("/admin/training/courseversion/import/", {"folder": packed(folders.of_disk())})

    assert answer.status_code == 302
    with tenancy.platform():
        assert set(StoredFile.objects.values_list("status", "purpose")) == {("QUARANTINED", "course_file")}
        version = CourseVersion.objects.get()
        assert CourseFile.objects.filter(version=version, stored_id__isnull=False).count() == 2
        assert check_files() == 2
        assert writing.folder_of(version).keys() == folders.of_disk().keys()


def test_a_broken_folder_names_file_and_line_and_leaves_nothing(at_desk: Persona, kept_in: Path) -> None:
    content = folders.of_disk() | {"course.yaml": folders.of_disk()["course.yaml"].replace(b"area: ", b"area: [", 1)}

    answer = at_desk.client.post("/admin/training/courseversion/import/", {"folder": packed(content)})

    assert "course.yaml" in answer.content.decode()
    with tenancy.platform():
        counts = [model._default_manager.count() for model in (Course, CourseVersion, Lesson, CourseFile, StoredFile)]
    assert counts == [0, 0, 0, 0, 0]
    assert on_disk(kept_in) == []


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04garbage"])
def test_what_is_no_zip_is_told_on_the_page(at_desk: Persona, content: bytes) -> None:
    body = io.BytesIO(content)
    body.name = "course.zip"

    answer = at_desk.client.post("/admin/training/courseversion/import/", {"folder": body})

    assert answer.status_code == 200
    assert not Course.objects.exists()
