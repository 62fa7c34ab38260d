"""Addresses of files are good for one person and a short time, and send bytes that no browser runs."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from merchant_protection.files.models import Allowance, StoredFile
from merchant_protection.files.rules import limits
from merchant_protection.files.services import addresses
from merchant_protection.foundation import tenancy
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send, film, picture


def _bytes(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def photo(merchant: Persona, sent: Send) -> StoredFile:
    return sent(merchant.actor, "照片 1.png", picture(form="PNG"))


@pytest.mark.case("T31")
def test_a_file_is_sent_to_the_person_it_was_addressed_to_and_to_nobody_else(
    merchant: Persona, sent: Send, photo: StoredFile, reviewer: Persona, strangers: list[Client], now: datetime
) -> None:
    where = addresses.address(actor=merchant.actor, file=photo, at=now)
    to_reviewer = addresses.address(actor=reviewer.actor, file=photo, at=now, is_staff_page=True)

    _shows_a_harmless_picture(merchant.client.get(where))
    assert reviewer.client.get(to_reviewer).status_code == 200
    for client in (*strangers, reviewer.client):
        assert client.get(where).status_code in (302, 403, 404)
    for client in (*strangers, merchant.client):
        assert client.get(to_reviewer).status_code in (302, 403, 404)
    for edited in _edited(where):
        assert merchant.client.get(edited).status_code == 404
    old = addresses.address(actor=merchant.actor, file=photo, at=now - timedelta(hours=2))
    assert merchant.client.get(old).status_code == 404
    _answers_stretches(merchant, sent(merchant.actor, "film.mp4", film()), now)
    _keeps_to_the_quota(merchant)


@pytest.fixture
def strangers(operator: Persona, rival: Persona, reviewer: Persona, settings: LazySettings) -> list[Client]:
    """Another person of the shop, another shop, nobody, and a reviewer the address was not given to."""
    settings.DEMO = True  # staff of the tests have no second factor
    type(reviewer.user).objects.filter(pk=reviewer.user.pk).update(is_demo=True)
    other = Persona(UserFactory(reviewer=True, email="other@portal.example", is_demo=True))
    return [operator.client, rival.client, Client(), other.client]


def _shows_a_harmless_picture(answer) -> None:
    assert answer.status_code == 200
    assert _bytes(answer).startswith(b"\xff\xd8\xff")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"].startswith("private")


def _edited(where: str) -> list[str]:
    other = "abc" if not where.endswith("abc") else "xyz"
    return [
        where.replace("/clean/", "/original/"),
        where.replace("until=", "until=9"),
        where.replace("until=", "until=x"),
        where[:-3] + other,
        where.split("&")[0],
        where.split("?")[0],
    ]


def _answers_stretches(merchant: Persona, recording: StoredFile, now: datetime) -> None:
    at = addresses.address(actor=merchant.actor, file=recording, at=now)
    whole = _bytes(merchant.client.get(at))
    size = len(whole)
    for header, start, end in (("0-99", 0, 100), ("100-", 100, size), ("-50", size - 50, size)):
        part = merchant.client.get(at, headers={"Range": f"bytes={header}"})
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert part["Content-Length"] == str(end - start)
        assert _bytes(part) == whole[start:end]
    for header in (f"bytes={size}-", "bytes=-0", "bytes=9-3"):
        refused = merchant.client.get(at, headers={"Range": header})
        assert (refused.status_code, refused["Content-Range"]) == (416, f"bytes */{size}")
    for header in ("bytes=0-1,5-6", "lines=1-2", "bytes=-"):
        assert merchant.client.get(at, headers={"Range": header}).status_code == 200


def _keeps_to_the_quota(merchant: Persona) -> None:
    with tenancy.platform():
        Allowance.objects.filter(merchant=merchant.shop).update(used=limits.SHOP_QUOTA - 10)
    body = {"purpose": "evidence", "name": "c.png", "size": 11}
    assert merchant.client.post("/m/files/", body, content_type="application/json").status_code == 413
    assert merchant.client.post("/m/files/", body | {"size": 10}, content_type="application/json").status_code == 201


def test_the_original_is_sent_as_it_came_and_as_nothing_a_browser_opens(
    merchant: Persona, photo: StoredFile, now: datetime
) -> None:
    answer = merchant.client.get(addresses.address(actor=merchant.actor, file=photo, at=now, copy="original"))

    assert answer["Content-Type"] == "application/octet-stream"
    assert _bytes(answer) == picture(form="PNG")


def test_an_address_stays_the_same_for_a_while_so_that_browsers_keep_the_picture(
    merchant: Persona, photo: StoredFile, now: datetime
) -> None:
    start = now.replace(minute=0, second=1)
    first, second, later = (
        addresses.address(actor=merchant.actor, file=photo, at=start + timedelta(minutes=m)) for m in (0, 29, 31)
    )

    assert first == second
    assert first != later


def test_content_of_the_platform_is_sent_to_every_shop(
    merchant: Persona, trainer: Persona, sent: Send, now: datetime
) -> None:
    cover = sent(trainer.actor, "cover.png", picture(), purpose="course_picture")

    with tenancy.merchant(merchant.shop.pk):
        assert not StoredFile.objects.filter(pk=cover.pk).exists()
    answer = merchant.client.get(addresses.address(actor=merchant.actor, file=cover, at=now))
    assert answer.status_code == 200
