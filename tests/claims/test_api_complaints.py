"""Complaints by program: everything of the pages, with scopes, and each refusal by field."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims.models import Claim, Evidence, Message
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.factories.marketplace import OrderFactory
from tests.fixtures.people import Persona
from tests.fixtures.uploads import picture

STORY = "The buyer asks for 200 yuan in private, or leaves a bad review."


class Program:
    """A shop's program with a key, which names each of its requests."""

    def __init__(self, persona: Persona, *scopes: str) -> None:
        self.client, self.count = Client(), 0
        self.headers = persona.key(*scopes)["headers"]

    def get(self, path: str):
        return self.client.get(f"/api/v1/{path}", headers=self.headers)

    def send(self, method: str, path: str, body=None, **more):
        self.count += 1
        headers = self.headers | {"Idempotency-Key": f"request-{self.count}"}
        act = getattr(self.client, method)
        if body is None or (isinstance(body, dict) and not more):
            return act(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers)
        return act(f"/api/v1/{path}", body, headers=headers)


@pytest.fixture
def program(merchant: Persona) -> Program:
    return Program(merchant, "claims:read", "claims:write")


@pytest.fixture
def order(merchant: Persona, now: datetime):
    return OrderFactory(merchant=merchant.shop, lines=2, placed_at=now - timedelta(days=3))


@pytest.mark.django_db
def test_a_program_files_from_the_order_to_the_desk(program: Program, order, kept_in, check_files) -> None:
    asked = {"order": order.number, "kind": "EXTORTION"}
    draft = program.send("post", "claims", asked).json()
    assert (draft["status"], draft["moves"]) == ("DRAFT", ["submit", "withdraw"])
    assert "story" in draft["obstacles"]
    assert {each["type"] for each in draft["missing"] if each["is_required"]} == {"CHAT_DEMAND"}
    assert program.send("post", "claims", asked).json()["id"] == draft["id"]

    where = f"claims/{draft['id']}"
    assert program.send("post", f"{where}/submit").status_code == 422
    changed = program.send("patch", where, {"story": STORY, "amount": "300.00", "version": draft["version"]})
    assert changed.json()["obstacles"] == {}
    assert program.send("patch", where, {"story": "Other", "version": draft["version"]}).status_code == 409
    file = SimpleUploadedFile("chat.png", picture(form="PNG"), "image/png")
    added = program.send("post", f"{where}/evidence", {"file": file, "type": "CHAT_DEMAND"}, is_form=True)
    assert added.status_code == 201
    check_files()
    assert program.get(f"{where}/evidence").json()[0]["status"] == "CLEAN"
    done = program.send("post", f"{where}/submit").json()
    assert done["status"] == "SUBMITTED"
    assert program.send("post", f"{where}/submit").json()["submitted_at"] == done["submitted_at"]
    assert program.send("post", f"{where}/messages", {"body": "One more thing."}).status_code == 201
    assert program.get(f"{where}/messages").json()[0]["body"] == "One more thing."
    assert [each["id"] for each in program.get("claims?status=SUBMITTED").json()["results"]] == [draft["id"]]
    assert program.send("post", f"{where}/withdraw").json()["status"] == "WITHDRAWN"


@pytest.mark.django_db
def test_a_decision_is_read_and_appealed_once(program: Program, merchant: Persona, reviewer: Persona, now) -> None:
    make.on_the_desk(reviewer.user)
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now - timedelta(hours=1))
    where = f"claims/{claim.pk}"

    shown = program.get(where).json()
    assert shown["decision"]["result"] == "REJECTED"
    assert shown["moves"] == ["appeal"]
    assert program.send("post", f"{where}/appeal", {"ground": "NONSENSE", "text": "x"}).status_code == 422
    assert program.send("post", f"{where}/appeal", {"ground": "FACTS_WRONG", "text": "Look again."}).status_code == 201
    assert program.send("post", f"{where}/appeal", {"ground": "FACTS_WRONG", "text": "Again."}).status_code == 409


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        {"order": "NOT-THERE", "kind": "EXTORTION"},
        {"order": "", "kind": "EXTORTION"},
        {"kind": "EXTORTION"},
        {"order": 5, "kind": "EXTORTION"},
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_written(program: Program, body: dict[str, object]) -> None:
    answer = program.send("post", "claims", body)

    assert answer.status_code in (404, 422)
    with tenancy.platform():
        assert not Claim.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["1899-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_times_that_cannot_be_are_refused(program: Program, order, moment: str) -> None:
    answer = program.send("post", "claims", {"order": order.number, "kind": "EXTORTION", "happened_at": moment})

    assert answer.status_code == 422


@pytest.mark.django_db
def test_scopes_open_what_they_say_and_no_more(merchant: Persona, rival: Persona, order, now, kept_in) -> None:
    claim = make.submitted(merchant.shop, at=now)
    reader, stranger = Program(merchant, "claims:read"), Program(rival, "claims:read", "claims:write")

    assert reader.get(f"claims/{claim.pk}").status_code == 200
    for verb, body in (("submit", None), ("withdraw", None), ("messages", {"body": "x"})):
        assert reader.send("post", f"claims/{claim.pk}/{verb}", body).status_code == 403
        assert stranger.send("post", f"claims/{claim.pk}/{verb}", body).status_code == 404
    assert reader.send("post", "claims", {"order": order.number, "kind": "EXTORTION"}).status_code == 403
    assert stranger.send("post", "claims", {"order": order.number, "kind": "EXTORTION"}).status_code == 404
    assert Client().get(f"/api/v1/claims/{claim.pk}").status_code == 401
    with tenancy.platform():
        assert Claim.objects.get().status == "SUBMITTED"
        assert not Message.objects.exists()


@pytest.mark.django_db
def test_a_file_that_is_not_taken_is_told_why(program: Program, order, kept_in) -> None:
    made = program.send("post", "claims", {"order": order.number, "kind": "EXTORTION"}).json()
    where = f"claims/{made['id']}/evidence"

    for name, body, status in (("a.exe", b"MZ", 422), ("a.png", b"", 422), ("a.txt", b"x" * 1_100_000, 413)):
        file = SimpleUploadedFile(name, body)
        assert program.send("post", where, {"file": file, "type": "CHAT"}, is_form=True).status_code == status
    assert program.send("post", where, {"file": "text", "type": "CHAT"}, is_form=True).status_code == 422
    with tenancy.platform():
        assert not Evidence.objects.exists()
