"""Certificates: issued, verified by anybody, expired, renewed, revoked; the QR read from the rendered PDF."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from merchant_protection.foundation import pdf_letters, tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.notices.models import Message, Notice
from tests.fixtures.people import Persona
from tests.training import folders, quizzes
from training.models import Certificate, Enrolment
from training.services import attempts, certifying, enrolling, reminders, studying

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


def certified(person: Persona, *, at: datetime, months: int = 12) -> Certificate:
    """Somebody who completed a course of articles."""
    content = folders.articles()
    content["course.yaml"] = content["course.yaml"].replace(
        b"certificate_months: 12", f"certificate_months: {months}".encode()
    )
    course = folders.course(content, at=at)
    with quizzes.scope(person):
        enrolling.enrol(actor=person.actor, course_id=course.pk, at=at)
        for code in ("one", "two"):
            studying.mark_read(actor=person.actor, course_id=course.pk, code=code, at=at)
    with tenancy.platform():
        return Certificate.objects.select_related("course", "version").get(user=person.user)


def verify(code: str) -> tuple[int, str]:
    page = Client().get(f"/certificates/{code}/", headers=ENGLISH)
    return page.status_code, page.content.decode()


def test_the_qr_of_the_pdf_opens_the_verification(merchant: Persona, now: datetime) -> None:
    certificate = certified(merchant, at=now)

    answer = merchant.client.get(reverse("training_certificate_pdf", args=[certificate.pk]))
    picture = pypdfium2.PdfDocument(answer.content)[0].render(scale=2).to_pil()
    [code] = zxingcpp.read_barcodes(picture)

    page = Client().get(urlsplit(code.text).path, headers=ENGLISH)
    assert code.text.endswith(f"/certificates/{certificate.code}/")
    assert "This certificate is valid." in page.content.decode()
    assert merchant.user.display_name in page.content.decode()


@pytest.mark.case("TR-05")
def test_a_forged_revoked_or_expired_certificate_verifies_as_such(
    merchant: Persona, trainer: Persona, now: datetime
) -> None:
    certificate = certified(merchant, at=now)
    assert "This certificate is valid." in verify(certificate.code)[1]

    # Forged: every other code, however close, is unknown and tells nothing of this one.
    flipped = ("A" if certificate.code[0] != "A" else "B") + certificate.code[1:]
    for forged in (flipped, certificate.code[::-1].upper(), "0000-0000-0000-0000", "x" * 30, "../../etc"):
        status, page = verify(forged)
        assert status == 404
        assert merchant.user.display_name not in page

    with tenancy.platform():
        certificate.expires_at = timezone.now() - timedelta(seconds=1)
        certificate.save()
    assert "was real and has ended" in verify(certificate.code)[1]

    with tenancy.platform():
        certifying.revoke(actor=trainer.actor, certificate_id=certificate.pk, reason="Not taken in person.", at=now)
    assert "was revoked and does not hold" in verify(certificate.code)[1]
    assert "Not taken in person." not in verify(certificate.code)[1]


def test_a_code_is_found_however_it_is_typed(merchant: Persona, now: datetime) -> None:
    certificate = certified(merchant, at=now)

    typed = Client().get("/certificates/", {"code": certificate.code.lower().replace("-", " ")})

    assert typed.url == f"/certificates/{certificate.code}/"  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", ["merchant", "rival", "staff"])
def test_only_trainers_revoke(who: str, request: pytest.FixtureRequest, merchant: Persona, now: datetime) -> None:
    person: Persona = request.getfixturevalue(who)
    certificate = certified(merchant, at=now)

    with tenancy.platform():
        with pytest.raises(NotAllowed):
            certifying.revoke(actor=person.actor, certificate_id=certificate.pk, reason="x", at=now)
        certificate.refresh_from_db()
    assert certificate.revoked_at is None


def test_revoking_needs_a_reason_and_happens_once(merchant: Persona, trainer: Persona, now: datetime) -> None:
    certificate = certified(merchant, at=now)

    with tenancy.platform():
        with pytest.raises(Invalid):
            certifying.revoke(actor=trainer.actor, certificate_id=certificate.pk, reason=" ", at=now)
        certifying.revoke(actor=trainer.actor, certificate_id=certificate.pk, reason="x", at=now)
        with pytest.raises(Conflict):
            certifying.revoke(actor=trainer.actor, certificate_id=certificate.pk, reason="y", at=now)


def test_reminders_come_90_30_and_7_days_before_the_end(merchant: Persona, now: datetime) -> None:
    certificate = certified(merchant, at=now)
    end = certificate.expires_at
    assert end is not None

    with tenancy.platform():
        sent = [
            reminders.send_due(now=end - timedelta(days=days) + timedelta(seconds=second))
            for days, second in ((91, 0), (90, 0), (30, 0), (8, 0), (7, 0), (0, 0))
        ]
        told = list(Notice.objects.filter(kind="training.certificate_ends").values_list("params__days", flat=True))
    assert sent == [0, 1, 1, 0, 1, 0]
    assert sorted(told) == [7, 30, 90]


def test_months_end_on_the_last_day_where_there_is_no_such_day() -> None:
    moment = datetime.fromisoformat("2027-11-30T10:00:00+00:00")

    assert certifying.months_later(moment, 3).isoformat() == "2028-02-29T10:00:00+00:00"


def test_a_renewal_asks_the_quizzes_again_and_brings_a_new_certificate(merchant: Persona, now: datetime) -> None:
    content = quizzes.with_limits()
    content["course.yaml"] = content["course.yaml"].replace(b"certificate_months: 0", b"certificate_months: 1")
    course = quizzes.begun(merchant, at=now, content=content)
    with quizzes.scope(merchant):
        for code in ("the-day", "who-may-what"):
            studying.mark_read(actor=merchant.actor, course_id=course.pk, code=code, at=now)
        studying.note_download(actor=merchant.actor, course_id=course.pk, code="daily-list", at=now)
    passed = quizzes.answer_all(merchant, quizzes.start(merchant, course, at=now), at=now)
    assert passed.passed

    later = now + timedelta(days=20)
    with quizzes.scope(merchant):
        renewed = enrolling.renew(actor=merchant.actor, course_id=course.pk, at=later)
        assert (renewed.lessons_done, renewed.completed_at) == (3, None)
        with pytest.raises(Conflict):
            enrolling.renew(actor=merchant.actor, course_id=course.pk, at=later)
    quizzes.answer_all(merchant, quizzes.start(merchant, course, at=later), at=later)

    with tenancy.platform():
        assert Certificate.objects.filter(user=merchant.user).count() == 2
        assert Enrolment.objects.get().completed_at == later
        assert attempts.close_overdue(now=later) == 0


def test_the_pdf_carries_its_chinese_letters_and_they_can_be_copied(merchant: Persona, now: datetime) -> None:
    merchant.user.display_name, merchant.shop.name = "欧阳靖琪", "明日数码旗舰店"
    merchant.user.save(update_fields=["display_name"])
    with tenancy.platform():
        merchant.shop.save(update_fields=["name"])
    certificate = certified(merchant, at=now)

    pdf = merchant.client.get(reverse("training_certificate_pdf", args=[certificate.pk])).content
    [page] = list(pypdfium2.PdfDocument(pdf))

    assert b"/FontFile2" in pdf
    assert b"STSong" not in pdf
    assert len(pdf) < 150_000
    assert {"欧阳靖琪", "明日数码旗舰店"} <= set(page.get_textpage().get_text_range().split())


def test_a_letter_that_no_font_of_ours_has_is_left_to_the_readers() -> None:
    fonts = [(font, part) for font, part in pdf_letters.runs("林㛃 Yue")]

    assert [part for _font, part in fonts] == ["林", "㛃", " Yue"]
    assert [font == pdf_letters.READERS_OWN for font, _part in fonts] == [False, True, False]


def test_a_shops_own_systems_hear_of_a_certificate_but_not_whose_it_is(
    merchant: Persona, trainer: Persona, now: datetime
) -> None:
    certificate = certified(merchant, at=now)
    with tenancy.platform():
        certifying.revoke(actor=trainer.actor, certificate_id=certificate.pk, reason="Not taken in person.", at=now)
        told = list(Message.objects.order_by("pk").values_list("kind", "params"))

    assert [kind for kind, _params in told] == ["certificate.issued", "certificate.revoked"]
    assert {params["code"] for _kind, params in told} == {certificate.code}
    assert merchant.user.display_name not in str(told)
