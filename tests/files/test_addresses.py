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
    merchant: Persona,
    operator: Persona,
    rival: Persona,
    reviewer: Persona,
    photo: StoredFile,
    sent: Send,
    now: datetime,
    settings: LazySettings,
) -> None:
    settings.DEMO = True  # staff of the tests have no second factor
    type(reviewer.user).objects.filter(pk=reviewer.user.pk).update(is_demo=True)
    other = Persona(UserFactory(reviewer=True, email="other@portal.example", is_demo=True))
    where = addresses.address(actor=merchant.actor, file=photo, at=now)
    to_reviewer = addresses.address(actor=reviewer.actor, file=photo, at=now, is_staff_page=True)

    # the right people, with the right headers
    answer = merchant.client.get(where)
    assert answer.status_code == 200
    assert _bytes(answer).startswith(b"\xff\xd8\xff")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"].startswith("private")
    assert reviewer.client.get(to_reviewer).status_code == 200
    original = merchant.client.get(addresses.address(actor=merchant.actor, file=photo, at=now, copy="original"))
    assert original["Content-Type"] == "application/octet-stream"
    assert _bytes(original) == picture(form="PNG")

    # another merchant, another person of the shop, nobody, a reviewer it was not given to
    for client in (rival.client, operator.client, Client(), other.client, reviewer.client):
        assert client.get(where).status_code in (302, 403, 404)
    assert other.client.get(to_reviewer).status_code == 404
    assert rival.client.get(to_reviewer).status_code in (302, 403, 404)

    # edited and expired addresses
    stranger = addresses.address(actor=rival.actor, file=sent(rival.actor, "b.png", picture()), at=now)
    for edited in (
        where.replace("/clean/", "/original/"),
        where.replace("until=", "until=9"),
        where[:-3] + ("abc" if where[-3:] != "abc" else "xyz"),
        where.split("&")[0],
        where.split("?")[0],
        where.replace("until=", "until=x"),
        f"/m/files/{photo.pk}/clean/?{stranger.split('?')[1]}",
    ):
        assert merchant.client.get(edited).status_code == 404
    old = addresses.address(actor=merchant.actor, file=photo, at=now - timedelta(hours=2))
    assert merchant.client.get(old).status_code == 404

    # ranges
    film_file = sent(merchant.actor, "film.mp4", film())
    at = addresses.address(actor=merchant.actor, file=film_file, at=now)
    whole = _bytes(merchant.client.get(at))
    for header, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, len(whole)),
        ("bytes=-50", len(whole) - 50, len(whole)),
    ):
        part = merchant.client.get(at, headers={"Range": header})
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole)}"
        assert part["Content-Length"] == str(end - start)
        assert _bytes(part) == whole[start:end]
    for header in (f"bytes={len(whole)}-", "bytes=-0", "bytes=9-3"):
        refused = merchant.client.get(at, headers={"Range": header})
        assert (refused.status_code, refused["Content-Range"]) == (416, f"bytes */{len(whole)}")
    for header in ("bytes=0-1,5-6", "lines=1-2", "bytes=-"):
        assert merchant.client.get(at, headers={"Range": header}).status_code == 200

    # the quota
    with tenancy.platform():
        Allowance.objects.filter(merchant=merchant.shop).update(used=limits.SHOP_QUOTA - 10)
    body = {"purpose": "evidence", "name": "c.png", "size": 11}
    assert merchant.client.post("/m/files/", body, content_type="application/json").status_code == 413
    assert merchant.client.post("/m/files/", body | {"size": 10}, content_type="application/json").status_code == 201


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
