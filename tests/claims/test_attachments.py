"""Files that go with messages, both ways, through the pipeline of evidence; by page and by API."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from claims.models import Attachment, Claim, Message
from claims.services import conversing
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Refusal
from tests.claims.test_api_complaints import Program
from tests.factories import claims as make
from tests.factories.files import StoredFileFactory
from tests.fixtures.people import Persona
from tests.fixtures.uploads import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_in")]
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def png(name: str = "chat.png") -> SimpleUploadedFile:
    """A real picture."""
    return SimpleUploadedFile(name, picture(form="PNG"), content_type="image/png")


@pytest.fixture
def claim(merchant: Persona, reviewer: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Claim:
    """A complaint that a reviewer has in hand."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    make.on_the_desk(reviewer.user)
    return make.taken(merchant.shop, reviewer.actor, at=now)


def attached() -> list[tuple[str, str, str]]:
    """Which files went with whose words, and how they stand."""
    with tenancy.platform():
        rows = Attachment.objects.select_related("message", "file").order_by("pk")
        return [(row.message.side, row.file.name, row.file.status) for row in rows]


def test_files_of_both_sides_are_checked_and_then_opened_by_the_other(
    merchant: Persona, reviewer: Persona, claim: Claim, check_files: Callable[..., int]
) -> None:
    case, page = reverse("desk_case", args=[claim.pk]), f"/m/claims/{claim.pk}/"
    merchant.client.post(f"{page}message/", {"body": "He wrote again.", "attached": [png(), png("more.png")]})
    unchecked = reviewer.client.get(case).content.decode()
    check_files()

    reviewer.client.post(
        reverse("desk_act", args=[claim.pk, "write"]), {"body": "Is it this one?", "files": [png("which.png")]}
    )
    check_files()
    at_the_desk, at_the_shop = (
        reviewer.client.get(case).content.decode(),
        merchant.client.get(page).content.decode(),
    )

    assert attached() == [
        ("MERCHANT", "chat.png", "CLEAN"),
        ("MERCHANT", "more.png", "CLEAN"),
        ("DESK", "which.png", "CLEAN"),
    ]
    assert "chat.png" in unchecked
    assert not re.search(r'href="[^"]*original[^"]*"[^>]*>chat\.png', unchecked), "nobody opens what is not checked"
    for shown, client in ((at_the_desk, reviewer.client), (at_the_shop, merchant.client)):
        for name in ("chat.png", "which.png"):
            found = re.search(rf'href="([^"]*original[^"]*)"[^>]*>{re.escape(name)}', shown)
            assert found, name
            assert client.get(found[1].replace("&amp;", "&")).status_code == 200


def test_a_file_that_is_no_good_is_told_in_its_place_and_the_words_arrive(
    merchant: Persona, claim: Claim, check_files: Callable[..., int]
) -> None:
    page = f"/m/claims/{claim.pk}/"
    merchant.client.post(f"{page}message/", {"body": "Here.", "attached": [SimpleUploadedFile("a.txt", EICAR)]})
    check_files()
    refused = merchant.client.post(
        f"{page}message/", {"body": "And here.", "attached": [SimpleUploadedFile("run.exe", b"MZ")]}
    )
    many = merchant.client.post(f"{page}message/", {"body": "All.", "attached": [png(f"{n}.png") for n in range(6)]})

    assert [row[1] for row in attached()] == ["a.txt"]
    assert (refused.status_code, many.status_code) == (422, 422)
    assert "And here." in refused.content.decode(), "what was typed is kept"
    with tenancy.platform():
        assert list(Message.objects.values_list("body", flat=True)) == ["Here."]


def test_nobody_sends_a_file_where_nobody_may_write(
    merchant: Persona, senior: Persona, rival: Persona, claim: Claim, kept_in: Path
) -> None:
    act = reverse("desk_act", args=[claim.pk, "write"])

    foreign = rival.client.post(f"/m/claims/{claim.pk}/message/", {"body": "x", "attached": [png()]})
    not_hers = senior.client.post(act, {"body": "x", "files": [png()]})

    assert (foreign.status_code, not_hers.status_code) == (404, 409)
    assert attached() == []
    with tenancy.platform():
        other = StoredFileFactory(merchant=rival.shop)
        with pytest.raises(Refusal):
            conversing.write_to_desk(
                claim_id=claim.pk, actor=merchant.actor, at=claim.created_at, body="x", file_ids=[other.pk]
            )
        assert not Message.objects.exists()


def test_a_program_sends_files_with_its_words_and_reads_how_they_stand(
    merchant: Persona, claim: Claim, check_files: Callable[..., int]
) -> None:
    program = Program(merchant, "claims:read", "claims:write")
    where = f"claims/{claim.pk}/messages"

    written = program.send("post", where, {"body": "He wrote again.", "files": [png(), png("b.png")]}, form=True)
    plain = program.send("post", where, {"body": "And again."})
    check_files()
    listed = program.get(where).json()

    assert (written.status_code, plain.status_code) == (201, 201), written.content
    assert [each["status"] for each in written.json()["files"]] == ["QUARANTINED", "QUARANTINED"]
    assert [[each["name"] for each in message["files"]] for message in listed] == [["chat.png", "b.png"], []]
    assert {each["status"] for each in listed[0]["files"]} == {"CLEAN"}
    assert len(listed[0]["files"][0]["sha256"]) == 64


def test_messages_cost_the_same_with_one_file_and_with_many(
    merchant: Persona, claim: Claim, now: datetime, client: Client
) -> None:
    def write(count: int) -> None:
        with tenancy.platform():
            files = [StoredFileFactory(merchant=merchant.shop).pk for _ in range(count)]
            conversing.write_to_desk(claim_id=claim.pk, actor=merchant.actor, at=now, body="Here.", file_ids=files)

    write(1)
    merchant.client.get(f"/m/claims/{claim.pk}/")
    with make.counted() as few:
        merchant.client.get(f"/m/claims/{claim.pk}/")
    write(5)
    write(5)
    with make.counted() as many:
        merchant.client.get(f"/m/claims/{claim.pk}/")

    assert len(many) == len(few)
