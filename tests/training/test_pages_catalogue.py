"""The catalogue, a course and its lessons as a merchant sees them."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Enrolment

pytestmark = pytest.mark.django_db


def lesson_address(code: str, lesson: str) -> str:
    return reverse("training_lesson", args=[code, lesson])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("保护", True),
        ("格保", True),
        ("踩坑", True),
        ("护价", False),
        ("surpris", True),
        ("PRICE guard", True),
        ("guard 踩坑", True),
        ("guard 黄牛", False),
        ("保", True),
        ("%", False),
        ("floor", True),
    ],
)
def test_search_finds_letters_inside_titles(query: str, found: bool, merchant: Persona, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)

    page = merchant.client.get(reverse("training"), {"q": query}, headers={"Accept-Language": "en"})

    assert ("Price guard without surprises" in page.content.decode()) == found


def test_filters_narrow_and_an_unknown_value_finds_nothing_wrong(merchant: Persona, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)
    folders.publish(folders.articles("gangs", en="Refund gangs", area="claims"), at=now)

    page = merchant.client.get(reverse("training"), {"area": "CLAIMS"}, headers={"Accept-Language": "en"})

    assert "Refund gangs" in page.content.decode()
    assert "Price guard without surprises" not in page.content.decode()
    assert merchant.client.get(reverse("training"), {"area": "NONSENSE"}).status_code == 200


def test_a_course_is_begun_read_and_completed(merchant: Persona, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)

    begun = merchant.client.post(reverse("training_enrol", args=["floor"]))
    first = merchant.client.post(reverse("training_read", args=["floor", "one"]))
    merchant.client.post(reverse("training_read", args=["floor", "two"]))

    assert begun.url == lesson_address("floor", "one")  # type: ignore[attr-defined]
    assert first.url == lesson_address("floor", "two")  # type: ignore[attr-defined]
    with tenancy.platform():
        enrolment = Enrolment.objects.get(user=merchant.user)
    assert merchant.shop
    assert (enrolment.merchant_id, enrolment.lessons_done) == (merchant.shop.pk, 2)
    assert enrolment.completed_at is not None


def test_a_draft_is_not_there(merchant: Persona, trainer: Persona, now: datetime) -> None:
    with tenancy.platform():
        folders.importing.draft_from_folder(actor=trainer.actor, content=folders.articles(), at=now)

    assert merchant.client.get(reverse("training_course", args=["floor"])).status_code == 404
    assert merchant.client.post(reverse("training_enrol", args=["floor"])).status_code == 404


def test_a_stranger_signs_in_first(anonymous_client: Client, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)

    assert anonymous_client.get(reverse("training_course", args=["floor"])).status_code == 302


def test_who_learned_an_older_version_takes_the_difference_only(merchant: Persona, now: datetime) -> None:
    folders.publish(folders.articles(), at=now)
    merchant.client.post(reverse("training_enrol", args=["floor"]))
    for lesson in ("one", "two"):
        merchant.client.post(reverse("training_read", args=["floor", lesson]))
    newer = folders.articles(lessons=("one", "two", "three"), note="Third lesson.", two="Something else.")
    folders.publish(newer, at=now + timedelta(days=1))

    page = merchant.client.get(reverse("training_changes", args=["floor"]), headers={"Accept-Language": "en"})
    merchant.client.post(reverse("training_move_on", args=["floor"]))

    assert "Third lesson." in page.content.decode()
    with tenancy.platform():
        enrolment = Enrolment.objects.select_related("version").get(user=merchant.user)
    assert enrolment.version.number == 2
    assert (enrolment.lessons_done, enrolment.completed_at) == (1, None)
