"""The merchant's pages of the desk: who sees which, what they say in every state, and that nothing typed is lost."""

import io
import json
import zipfile
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from claims.models import Appeal, Claim, Evidence
from claims.services import conversing, evidence
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.factories.files import shown
from tests.factories.marketplace import AfterSaleFactory, OrderFactory
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send, picture

STORY = "The buyer asks for 200 yuan in private, or leaves a bad review."
PAGES = ("", "edit/", "check/", "view/", "letter/", "evidence/", "appeal/", "pack/")


@pytest.fixture
def order(merchant: Persona, now: datetime):
    return OrderFactory(merchant=merchant.shop, lines=2, placed_at=now - timedelta(days=3))


@pytest.fixture
def draft(merchant: Persona, now: datetime) -> Claim:
    return make.draft(merchant.shop, at=now - timedelta(hours=2))


def _fields(claim: Claim, **more):
    return {"version": claim.version, "kind": claim.kind_code, "story": STORY, "amount": "300"} | more


def _again(claim: Claim) -> Claim:
    with tenancy.platform():
        return Claim.objects.get(pk=claim.pk)


def _decided(merchant: Persona, reviewer: Persona, now: datetime, **more) -> Claim:
    make.on_the_desk(reviewer.user)
    return make.decided(merchant.shop, reviewer.actor, at=now - timedelta(hours=1), **more)


def _asked(merchant: Persona, reviewer: Persona, now: datetime) -> Claim:
    make.on_the_desk(reviewer.user)
    claim = make.taken(merchant.shop, reviewer.actor, at=now - timedelta(hours=3))
    with tenancy.platform():
        return conversing.ask_for_evidence(
            claim_id=claim.pk,
            actor=reviewer.actor,
            at=now - timedelta(hours=1),
            body="Please add the receipt.",
            asks_for=["POLICE_REPORT"],
        )


@pytest.mark.django_db
def test_a_merchant_files_in_three_steps(merchant: Persona, order) -> None:
    client = merchant.client
    AfterSaleFactory(merchant=merchant.shop, order=order)

    first = client.get("/m/claims/new/")
    assert order.number in first.content.decode()
    begun = client.post("/m/claims/begin/", {"order": order.pk})
    with tenancy.platform():
        claim = Claim.objects.get()
    assert begun["Location"] == f"/m/claims/{claim.pk}/edit/"
    assert client.get(begun["Location"]).status_code == 200
    kept = client.post(
        f"/m/claims/{claim.pk}/edit/", _fields(claim, kind="ABNORMAL_ORDER", desired_remedies="STOP_REFUND")
    )
    assert kept["Location"] == f"/m/claims/{claim.pk}/check/"
    assert STORY in client.get(kept["Location"]).content.decode()
    refused = client.post(kept["Location"], {"version": _again(claim).version})
    assert (refused.status_code, _again(claim).status) == (422, "DRAFT")
    done = client.post(kept["Location"], {"version": _again(claim).version, "is_true": "on"})

    assert done["Location"] == f"/m/claims/{claim.pk}/"
    assert (_again(claim).status, _again(claim).desired_remedies) == ("SUBMITTED", ["STOP_REFUND"])
    assert client.post(kept["Location"], {"is_true": "on"})["Location"] == done["Location"]


@pytest.mark.django_db
def test_what_is_typed_is_kept_even_where_a_part_cannot_be_read(merchant: Persona, draft: Claim) -> None:
    answer = merchant.client.post(
        f"/m/claims/{draft.pk}/draft/", _fields(draft, amount="a lot", happened_at="yesterday", story="Half a sent")
    )

    assert answer.json()["version"] == draft.version + 1
    assert (_again(draft).story, _again(draft).amount) == ("Half a sent", draft.amount)


@pytest.mark.django_db
def test_an_old_page_is_told_what_changed_and_overwrites_nothing(merchant: Persona, operator: Persona, draft) -> None:
    operator.client.post(f"/m/claims/{draft.pk}/draft/", _fields(draft, story="What the colleague wrote."))

    autosaved = merchant.client.post(f"/m/claims/{draft.pk}/draft/", _fields(draft))
    page = merchant.client.post(f"/m/claims/{draft.pk}/edit/", _fields(draft))

    assert (autosaved.status_code, page.status_code) == (409, 409)
    text = page.content.decode()
    assert "What the colleague wrote." in text
    assert STORY in text
    assert f'name="version" value="{draft.version + 1}"' in text
    assert _again(draft).story == "What the colleague wrote."
    now_mine = merchant.client.post(f"/m/claims/{draft.pk}/edit/", _fields(_again(draft)))
    assert now_mine.status_code == 302
    assert _again(draft).story == STORY


@pytest.mark.django_db
def test_what_is_missing_is_told_before_handing_in(merchant: Persona, draft: Claim) -> None:
    with tenancy.platform():
        Claim.objects.filter(pk=draft.pk).update(story="", amount=0)

    page = merchant.client.post(f"/m/claims/{draft.pk}/check/", {"is_true": "on"})

    assert page.status_code == 422
    assert _again(draft).status == "DRAFT"
    assert page.content.decode().count(f"/m/claims/{draft.pk}/edit/") >= 2


@pytest.mark.django_db
def test_the_list_opens_on_what_needs_the_merchant(merchant: Persona, reviewer: Persona, now, draft: Claim) -> None:
    waiting = _asked(merchant, reviewer, now)
    open_one = make.submitted(merchant.shop, at=now)

    text = merchant.client.get("/m/claims/").content.decode()
    assert text.index(waiting.number) < text.index(draft.number)
    assert open_one.number not in text
    for view in ("open", "soon", "evidence", "closed", "all"):
        assert merchant.client.get(f"/m/claims/?view={view}").status_code == 200
    assert open_one.number in merchant.client.get(f"/m/claims/?q={open_one.number}").content.decode()
    assert open_one.number in merchant.client.get(f"/m/claims/?q={open_one.order_number[:6]}").content.decode()
    csv = b"".join(merchant.client.get("/m/claims/export.csv?view=all").streaming_content).decode()
    assert csv.count("\n") >= 4


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_show_every_state(merchant: Persona, reviewer: Persona, now, draft: Claim, language: str) -> None:
    merchant.client.cookies["django_language"] = language
    states = {
        "draft": draft,
        "submitted": make.submitted(merchant.shop, at=now),
        "asked": _asked(merchant, reviewer, now),
        "rejected": _decided(merchant, reviewer, now, verdict=make.REJECT),
    }
    for name, claim in states.items():
        text = merchant.client.get(f"/m/claims/{claim.pk}/").content.decode()
        assert claim.number in text, name
    letter = merchant.client.get(f"/m/claims/{states['rejected'].pk}/letter/")
    assert letter.status_code == 200
    assert merchant.client.get(f"/m/claims/{draft.pk}/letter/").status_code == 409


@pytest.mark.django_db
def test_evidence_that_was_asked_for_is_sent_back(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = _asked(merchant, reviewer, now)
    text = merchant.client.get(f"/m/claims/{claim.pk}/").content.decode()
    assert "Please add the receipt." in text

    merchant.client.post(f"/m/claims/{claim.pk}/sent/")
    assert _again(claim).status == "AWAITING_EVIDENCE"
    shown(claim, "POLICE_REPORT", at=now)
    merchant.client.post(f"/m/claims/{claim.pk}/sent/", {"body": "Here it is."})
    assert _again(claim).status == "SUBMITTED"


@pytest.mark.django_db
def test_an_appeal_is_filed_once_and_in_time(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = _decided(merchant, reviewer, now, verdict=make.REJECT)
    where = f"/m/claims/{claim.pk}/appeal/"
    assert merchant.client.get(where).status_code == 200

    refused = merchant.client.post(where, {"ground": "NEW_EVIDENCE", "text": "Look again, please."})
    assert refused.status_code == 422
    done = merchant.client.post(where, {"ground": "FACTS_WRONG", "text": "The chat is complete."})
    assert done.status_code == 302
    assert _again(claim).status == "APPEALED"
    assert merchant.client.get(where).status_code == 302
    with tenancy.platform():
        assert Appeal.objects.count() == 1


@pytest.mark.django_db
def test_an_appeal_too_late_is_told_when_it_ended(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = _decided(merchant, reviewer, now, verdict=make.REJECT)
    with tenancy.platform():
        Claim.objects.filter(pk=claim.pk).update(appeal_until=now - timedelta(days=1))

    answer = merchant.client.post(
        f"/m/claims/{claim.pk}/appeal/", {"ground": "FACTS_WRONG", "text": "Too late."}, follow=True
    )

    assert _again(claim).status == "REJECTED"
    assert str((now - timedelta(days=1)).astimezone().year) in answer.content.decode()
    with tenancy.platform():
        assert not Appeal.objects.exists()


@pytest.mark.django_db
def test_a_message_reaches_the_reviewer(merchant: Persona, onlooker: Persona, now: datetime) -> None:
    claim = make.submitted(merchant.shop, at=now)

    assert merchant.client.post(f"/m/claims/{claim.pk}/message/", {"body": ""}).status_code == 422
    merchant.client.post(f"/m/claims/{claim.pk}/message/", {"body": "The buyer wrote again."})
    assert onlooker.client.post(f"/m/claims/{claim.pk}/message/", {"body": "x"}).status_code == 403

    assert "The buyer wrote again." in merchant.client.get(f"/m/claims/{claim.pk}/").content.decode()


@pytest.mark.django_db
def test_evidence_is_added_taken_out_and_put_back(merchant: Persona, draft: Claim, sent: Send) -> None:
    file = sent(merchant.actor, "chat.png", picture(form="PNG"))
    where = f"/m/claims/{draft.pk}/evidence/"

    made = merchant.client.post(where, {"file": file.pk, "type": "CHAT_DEMAND"}, content_type="application/json")
    assert made.status_code == 201
    assert merchant.client.post(where, b"{", content_type="application/json").status_code == 422
    pk = made.json()["id"]
    assert "chat.png" in merchant.client.get(where).content.decode()
    out = merchant.client.post(f"/m/evidence/{pk}/remove/")
    assert json.loads(out["HX-Trigger"])["toast"]["undo"] == f"/m/evidence/{pk}/restore/"
    assert "chat.png" not in merchant.client.get(where).content.decode()
    back = merchant.client.post(f"/m/evidence/{pk}/restore/")
    assert back.status_code == 302, back.content.decode()[-1500:]
    assert "chat.png" in merchant.client.get(where).content.decode()
    viewer = merchant.client.get(f"/m/claims/{draft.pk}/view/").content.decode()
    assert "<evidence-viewer>" in viewer
    assert "chat.png" in merchant.client.get("/m/evidence/?q=chat").content.decode()
    assert "chat.png" not in merchant.client.get("/m/evidence/?q=nothing").content.decode()


@pytest.mark.django_db
def test_the_pack_holds_the_originals_and_their_fingerprints(merchant: Persona, draft: Claim, sent: Send, now) -> None:
    body = picture(form="PNG")
    file = sent(merchant.actor, "chat.png", body)
    with tenancy.platform():
        evidence.add(claim_id=draft.pk, actor=merchant.actor, at=now, file_id=file.pk, type="CHAT")

    answer = merchant.client.get(f"/m/claims/{draft.pk}/pack/")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    manifest = json.loads(archive.read("manifest.json"))
    assert archive.testzip() is None
    assert archive.read(manifest["files"][0]["name"]) == body
    assert manifest["files"][0]["sha256"] == file.digest


@pytest.mark.django_db
def test_others_find_nothing(merchant: Persona, rival: Persona, draft: Claim, now) -> None:
    piece = shown(draft, "CHAT", at=now)[0]
    for page in PAGES:
        assert rival.client.get(f"/m/claims/{draft.pk}/{page}").status_code == 404
        assert Client().get(f"/m/claims/{draft.pk}/{page}").status_code == 302
    for verb in ("remove", "restore"):
        assert rival.client.post(f"/m/evidence/{piece.pk}/{verb}/").status_code == 404
    assert draft.number not in rival.client.get("/m/claims/?view=all").content.decode()
    with tenancy.platform():
        assert Evidence.objects.get(pk=piece.pk).removed_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/m/claims/?view=all", "/m/evidence/"])
def test_lists_cost_the_same_for_one_and_for_twenty(merchant: Persona, now, path: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert merchant.client.get(path).status_code == 200
        return len(seen)

    shown(make.draft(merchant.shop, at=now), "CHAT", at=now)
    cost()
    few = cost()
    for _ in range(8):
        shown(make.draft(merchant.shop, at=now), "CHAT", at=now)

    assert cost() == few


@pytest.mark.django_db
def test_a_draft_is_dropped_and_a_complaint_withdrawn(merchant: Persona, draft: Claim, now) -> None:
    handed_in = make.submitted(merchant.shop, at=now)

    assert merchant.client.post(f"/m/claims/{draft.pk}/withdraw/")["Location"] == "/m/claims/"
    assert merchant.client.post(f"/m/claims/{handed_in.pk}/withdraw/")["Location"] == f"/m/claims/{handed_in.pk}/"
    assert {_again(draft).status, _again(handed_in).status} == {"WITHDRAWN"}


@pytest.mark.django_db
def test_an_amount_below_nothing_is_told_and_not_kept(merchant: Persona, draft: Claim) -> None:
    page = merchant.client.post(f"/m/claims/{draft.pk}/edit/", _fields(draft, amount="-5"))
    autosaved = merchant.client.post(f"/m/claims/{draft.pk}/draft/", _fields(_again(draft), amount="-5"))

    assert (page.status_code, autosaved.status_code) == (422, 200)
    assert _again(draft).amount == draft.amount
