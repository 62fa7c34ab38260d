"""Evidence: what it shows, how complete it makes a complaint, where its picture was shown before, out and back."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from claims.models import Claim, Evidence
from claims.queries import evidence as queries
from claims.services import evidence, filing
from merchant_protection.audit.models import Entry
from merchant_protection.files.models import StoredFile
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import claims as make
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send, picture


@pytest.fixture
def draft(merchant: Persona, now: datetime) -> Claim:
    return make.draft(merchant.shop, at=now)


def _add(
    persona: Persona, claim: Claim, file: StoredFile, at: datetime, type_: str = "CHAT_DEMAND", **more
) -> Evidence:
    with tenancy.platform():
        return evidence.add(claim_id=claim.pk, actor=persona.actor, at=at, file_id=file.pk, type=type_, **more)


def _again(claim: Claim) -> Claim:
    with tenancy.platform():
        return Claim.objects.select_related("kind").get(pk=claim.pk)


def test_evidence_makes_a_complaint_more_complete_and_is_written_down(
    merchant: Persona, draft: Claim, sent: Send, now: datetime, platform_scope: None
) -> None:
    file = sent(merchant.actor, "chat.png", picture())

    piece = _add(merchant, draft, file, now, note="  The demand of Monday  ")

    assert (_again(draft).completeness, _again(draft).is_complete) == (80, True)
    assert piece.note == "The demand of Monday"
    line = Entry.objects.get(action="evidence.added")
    assert line.after["sha256"] == file.digest
    assert queries.completeness_of(_again(draft)).missing_helpful[0].type in {
        "PAYMENT_RECORD",
        "POLICE_REPORT",
        "LINKED_ORDERS",
    }


def test_a_file_that_is_not_checked_yet_counts_for_the_merchant_but_not_as_complete(
    merchant: Persona, draft: Claim, send: Send, check_files, now: datetime
) -> None:
    file = send(merchant.actor, "chat.png", picture())
    _add(merchant, draft, file, now)
    assert (_again(draft).completeness, _again(draft).is_complete) == (80, False)

    check_files()
    with tenancy.platform():
        filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now)
    assert _again(draft).is_complete


@pytest.mark.case("CL-06")
def test_the_same_photo_in_two_complaints_is_flagged(
    merchant: Persona,
    rival: Persona,
    reviewer: Persona,
    draft: Claim,
    sent: Send,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    other, foreign = make.draft(merchant.shop, at=now), make.draft(rival.shop, at=now)
    photo = picture(seed=7, size=(800, 600))
    mine = _add(merchant, draft, sent(merchant.actor, "a.jpg", photo), now)
    smaller = picture(seed=7, size=(800, 600), quality=40)
    theirs = _add(merchant, other, sent(merchant.actor, "b.jpg", smaller), now)
    far = _add(
        rival,
        foreign,
        sent(rival.actor, "c.jpg", picture(seed=7, size=(800, 600), form="PNG")[:], merchant_id=rival.shop.pk),
        now,
    )
    _add(merchant, other, sent(merchant.actor, "d.jpg", picture(seed=8)), now, "CHAT")

    with tenancy.merchant(merchant.shop.pk):
        assert {k: [e.pk for e in v] for k, v in queries.same_pictures([mine]).items()} == {mine.pk: [theirs.pk]}
        assert queries.claims_with_same_picture(draft) == [other.pk]
    with tenancy.platform():
        assert {e.pk for e in queries.same_pictures([mine])[mine.pk]} == {theirs.pk, far.pk}
    case = reviewer.client.get(reverse("desk_case", args=[draft.pk]), headers={"Accept-Language": "en"})
    flag = case.content.decode().partition("The same picture was shown in:")[2].partition("</p>")[0]
    assert (other.number in flag, foreign.number in flag) == (True, True)
    assert rival.shop.name not in case.content.decode()


def test_evidence_taken_out_can_be_put_back_for_an_hour(
    merchant: Persona, draft: Claim, sent: Send, check_files, now: datetime, platform_scope: None
) -> None:
    piece = _add(merchant, draft, sent(merchant.actor, "chat.png", picture()), now)

    evidence.remove(evidence_id=piece.pk, actor=merchant.actor, at=now)
    assert _again(draft).completeness == 0
    evidence.put_back(evidence_id=piece.pk, actor=merchant.actor, at=now)
    assert _again(draft).completeness == 80
    evidence.remove(evidence_id=piece.pk, actor=merchant.actor, at=now)
    evidence.remove(evidence_id=piece.pk, actor=merchant.actor, at=now)

    assert evidence.let_go_removed(now=now + timedelta(minutes=59)) == 0
    assert evidence.let_go_removed(now=now + timedelta(minutes=61)) == 1
    assert evidence.let_go_removed(now=now + timedelta(minutes=61)) == 0
    with pytest.raises(Conflict):
        evidence.put_back(evidence_id=piece.pk, actor=merchant.actor, at=now)
    check_files(at=now + timedelta(hours=2))
    assert StoredFile.objects.get(pk=piece.file_id).is_erased


def test_what_the_desk_has_stays_and_what_was_added_since_can_go(
    merchant: Persona, reviewer: Persona, draft: Claim, sent: Send, now: datetime, platform_scope: None
) -> None:
    first = _add(merchant, draft, sent(merchant.actor, "a.png", picture()), now)
    filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now + timedelta(minutes=1))

    with pytest.raises(Conflict):
        evidence.remove(evidence_id=first.pk, actor=merchant.actor, at=now)
    with pytest.raises(Conflict):
        evidence.describe(evidence_id=first.pk, actor=merchant.actor, at=now, type="CHAT", note="")
    Claim.objects.filter(pk=draft.pk).update(
        status="AWAITING_EVIDENCE", evidence_due_at=now + timedelta(days=3), reviewer=None
    )
    later = _add(merchant, draft, sent(merchant.actor, "b.png", picture(seed=2)), now + timedelta(minutes=9), "CHAT")
    evidence.describe(evidence_id=later.pk, actor=merchant.actor, at=now, type="POLICE_REPORT", note="receipt")
    evidence.remove(evidence_id=later.pk, actor=merchant.actor, at=now + timedelta(minutes=9))
    assert [each.pk for each in queries.of_claim(draft)] == [first.pk]


def test_evidence_is_refused_with_a_reason_and_nothing_changes(
    merchant: Persona, onlooker: Persona, rival: Persona, draft: Claim, sent: Send, now: datetime
) -> None:
    file = sent(merchant.actor, "a.png", picture())
    with pytest.raises(Invalid):
        _add(merchant, draft, file, now, "NONSENSE")
    with pytest.raises(NotAllowed):
        _add(onlooker, draft, file, now)
    with tenancy.merchant(rival.shop.pk), pytest.raises(NotFound):
        evidence.add(claim_id=draft.pk, actor=rival.actor, at=now, file_id=file.pk, type="CHAT")
    _add(merchant, draft, file, now)
    with pytest.raises(Conflict):
        _add(merchant, draft, file, now)
    fresh = sent(merchant.actor, "b.png", picture(seed=3))
    for status in ("WITHDRAWN", "FINAL", "EXPIRED"):
        with tenancy.platform():
            Claim.objects.filter(pk=draft.pk).update(status=status, submitted_at=now, opened_at=now)
        with pytest.raises(Conflict):
            _add(merchant, draft, fresh, now)
    with tenancy.platform():
        assert Evidence.objects.count() == 1


def test_a_complaint_takes_thirty_files(merchant: Persona, draft: Claim, send: Send, now, monkeypatch) -> None:
    monkeypatch.setattr(evidence, "MOST", 2)
    for index in range(2):
        _add(merchant, draft, send(merchant.actor, f"{index}.txt", b"chat log"), now)

    with pytest.raises(Conflict):
        _add(merchant, draft, send(merchant.actor, "x.txt", b"chat log"), now)


def test_looking_for_the_same_pictures_costs_the_same_for_one_and_for_twenty(
    merchant: Persona, draft: Claim, sent: Send, now: datetime, django_assert_num_queries, platform_scope: None
) -> None:
    rows = [_add(merchant, draft, sent(merchant.actor, f"{n}.jpg", picture(seed=n)), now, "CHAT") for n in range(1, 6)]

    with django_assert_num_queries(1):
        queries.same_pictures(rows[:1])
    with django_assert_num_queries(1):
        queries.same_pictures(rows)
