"""The inbox of those who lead: what was told to whom, who may look, and what it means to have seen it."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from claims.models import Claim, Escalation
from claims.queries import hearing
from claims.services import breaching, conversing
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotAllowed
from tests.factories import claims as make
from tests.fixtures.people import Persona

INBOX, SEEN = reverse("desk_escalations"), reverse("desk_escalations_seen")
# A Monday morning in an ordinary week; the first response to a complaint of high priority is due two hours later.
MORNING = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LATE = MORNING + timedelta(hours=2, minutes=1)


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona, staff: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    make.on_the_desk(reviewer.user, lead=senior.user)
    make.on_the_desk(senior.user)
    for person in (reviewer, senior, staff):
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def told_at(at: datetime) -> None:
    with tenancy.platform():
        breaching.breach_overdue(now=at)
        breaching.fire_escalations(now=at)


def unseen(**facts: Any) -> int:
    with tenancy.platform():
        return Escalation.objects.filter(fired_at__isnull=False, seen_at=None, **facts).count()


def main(client: Client, address: str = INBOX, **given: str) -> str:
    """What a page shows, without the side bar."""
    return client.get(address, given).content.decode().split('id="main"', 1)[-1]


def copy_of(row: Any, **facts: Any) -> Any:
    """A further row like this one, not written yet."""
    held = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}
    return type(row)(**{name: value for name, value in held.items() if name.removesuffix("_id") not in facts}, **facts)


@pytest.fixture
def late(merchant: Persona, reviewer: Persona) -> Claim:
    """The reviewer's case, whose first response was missed: the reviewer's lead was told."""
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)
    told_at(LATE)
    return claim


@pytest.fixture
def nobodys(merchant: Persona) -> Claim:
    """A case that nobody took: every lead was told."""
    claim = make.submitted(merchant.shop, at=MORNING)
    told_at(LATE)
    return claim


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Step 2 of the escalation", "First response", "Missed", "sla-over", "Extortion and reviews")),
        ("zh-hans", ("升级第 2 步", "首次响应", "已超时", "sla-over", "敲诈与评价")),
    ],
)
def test_a_lead_reads_what_came_late_of_which_case_and_who_has_it(
    late: Claim, senior: Persona, language: str, words: tuple[str, ...]
) -> None:
    page = senior.client.get(INBOX, headers={"Accept-Language": language}).content.decode().split('id="main"', 1)[-1]

    shown = (late.number, reverse("desk_case", args=[late.pk]), "A 家电旗舰店", "Rita Reviewer", *words)
    assert [each for each in shown if each not in page] == []


def test_only_who_leads_opens_the_inbox_and_marks_anything(
    late: Claim,
    nobodys: Claim,
    merchant: Persona,
    reviewer: Persona,
    senior: Persona,
    staff: Persona,
    trainer: Persona,
    anonymous_client: Client,
) -> None:
    with tenancy.platform():
        picked = {"pick": list(Escalation.objects.values_list("pk", flat=True))}
    before = unseen()
    found = {}
    for name, client in (
        *(("reviewer", reviewer.client), ("trainer", trainer.client), ("merchant", merchant.client)),
        ("anonymous", anonymous_client),
    ):
        found[name] = (client.get(INBOX).status_code, client.post(SEEN, picked).status_code)

    assert found == {
        **{name: (403, 403) for name in ("reviewer", "trainer")},
        **{name: (302, 302) for name in ("merchant", "anonymous")},
    }
    assert unseen() == before
    assert (senior.client.get(INBOX).status_code, staff.client.get(INBOX).status_code) == (200, 200)
    assert senior.client.get(SEEN).status_code == 405
    assert INBOX not in main(reviewer.client, reverse("desk"))
    assert INBOX not in main(reviewer.client, reverse("desk_case", args=[late.pk]))


def test_a_reviewer_who_leads_somebody_has_an_inbox(merchant: Persona, reviewer: Persona, senior: Persona) -> None:
    make.on_the_desk(senior.user, lead=reviewer.user)
    claim = make.taken(merchant.shop, senior.actor, at=MORNING)
    told_at(LATE)

    assert claim.number in main(reviewer.client)
    assert INBOX in main(reviewer.client, reverse("desk"))


def test_one_is_marked_and_then_those_that_are_picked(nobodys: Claim, senior: Persona) -> None:
    with tenancy.platform():
        first, *rest = Escalation.objects.filter(fired_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    back = f"{INBOX}?tab=everybody"

    one = senior.client.post(SEEN, {"only": first, "pick": rest, "back": back}, follow=True)
    left = unseen()
    many = senior.client.post(SEEN, {"pick": rest, "back": "https://evil.example/"}, follow=True)
    again = senior.client.post(SEEN, {"pick": [first, *rest, "x", "9" * 40]}, follow=True)

    assert "1 was marked as seen." in one.content.decode()
    assert (one.redirect_chain, left) == ([(back, 302)], len(rest))
    assert f"{len(rest)} were marked as seen." in many.content.decode()
    assert (many.redirect_chain, unseen()) == ([(INBOX, 302)], 0)
    assert "There was nothing to mark." in again.content.decode()
    assert nobodys.number not in main(senior.client, tab="everybody")
    assert nobodys.number in main(senior.client, tab="seen")


def test_what_was_told_to_another_lead_stays_unseen(
    late: Claim, senior: Persona, staff: Persona, platform_scope: None
) -> None:
    ids = list(Escalation.objects.values_list("pk", flat=True))

    assert late.number not in main(staff.client)
    assert breaching.see_told(escalation_ids=ids, actor=staff.actor, at=LATE) == 0
    assert breaching.see_told(escalation_ids=ids, actor=senior.actor, at=LATE) == 1
    assert (unseen(told=senior.user), unseen(told__isnull=False)) == (0, 4)


def test_what_nobody_in_particular_was_told_is_kept_by_who_saw_it_first(
    nobodys: Claim, senior: Persona, staff: Persona, reviewer: Persona, platform_scope: None
) -> None:
    ids = list(Escalation.objects.values_list("pk", flat=True))

    with pytest.raises(NotAllowed):
        breaching.see_told(escalation_ids=ids, actor=reviewer.actor, at=LATE)
    assert breaching.see(claim_id=nobodys.pk, actor=reviewer.actor, at=LATE) == 0
    assert breaching.see(claim_id=nobodys.pk, actor=staff.actor, at=LATE) == 5
    assert breaching.see_told(escalation_ids=ids, actor=senior.actor, at=LATE) == 0
    assert Escalation.objects.filter(told=staff.user, seen_at=LATE).count() == 5
    assert not Escalation.objects.filter(fired_at=None).exclude(seen_at=None).exists()


def test_the_case_shows_what_its_lead_has_not_seen(late: Claim, senior: Persona) -> None:
    case = reverse("desk_case", args=[late.pk])

    before = main(senior.client, case)
    after = senior.client.post(SEEN, {"claim": late.pk, "back": case}, follow=True)
    gone = senior.client.post(SEEN, {"claim": "999999999"}, follow=True)

    assert "Step 2 of the escalation" in before
    assert INBOX in before
    assert after.redirect_chain == [(case, 302)]
    assert "Step 2 of the escalation" not in after.content.decode()
    assert "Nothing you have not seen." in after.content.decode()
    assert (gone.status_code, unseen(told=senior.user)) == (200, 0)


def test_the_count_stands_in_the_side_bar_and_on_the_queue(nobodys: Claim, senior: Persona, reviewer: Persona) -> None:
    def badge(client: Client) -> str:
        line = re.search(rf'href="{INBOX}".*?</a>', client.get(reverse("desk_samples")).content.decode(), re.DOTALL)
        return re.sub("<[^>]*>", " ", line[0]).split()[-1] if line else "closed"

    with tenancy.platform():
        one = Escalation.objects.filter(fired_at__isnull=False).order_by("pk")[0]
    few = badge(senior.client)
    with tenancy.platform():
        others = Claim.objects.bulk_create([copy_of(nobodys, order=None) for _ in range(99)])
        rows = [copy_of(one, claim=each, level=level) for level, each in enumerate(others, start=1000)]
        Escalation.objects.bulk_create(rows)

    assert (few, badge(senior.client), badge(reviewer.client)) == ("1", "99+", "closed")
    assert "<b>99+</b>" in main(senior.client, reverse("desk")).split("</nav>")[0]
    assert "after=" in main(senior.client, tab="everybody")


def test_a_late_answer_says_how_late_it_was(late: Claim, reviewer: Persona, senior: Persona) -> None:
    with tenancy.platform():
        conversing.write_to_merchant(
            claim_id=late.pk, actor=reviewer.actor, at=MORNING + timedelta(hours=5), body="We look at it."
        )

    # From 11 to 14 o'clock the desk works two hours: it has its lunch from 12 to 13.
    assert "Answered 2 h 0 min late" in main(senior.client)


def test_the_inbox_asks_as_much_for_many_as_for_one(nobodys: Claim, merchant: Persona, senior: Persona) -> None:
    senior.client.get(INBOX, {"tab": "everybody"})
    with make.counted() as few:
        senior.client.get(INBOX, {"tab": "everybody"})
    for _ in range(5):
        make.submitted(merchant.shop, at=MORNING)
    told_at(LATE)
    with make.counted() as many:
        page = main(senior.client, tab="everybody")

    assert page.count('name="only"') == 6
    assert len(many) == len(few) <= 22


def test_a_case_is_one_line_with_all_its_rungs_and_is_marked_with_what_was_shown(
    nobodys: Claim, senior: Persona
) -> None:
    page = senior.client.get(INBOX, {"tab": "everybody"})
    (line,) = page.context["lines"]
    told_at(MORNING + timedelta(hours=7))  # the head of the desk is told meanwhile
    since = unseen() - len(line.rungs)

    senior.client.post(SEEN, {"only": line.ids})

    assert len(line.rungs) == 5
    assert since > 0
    assert unseen() == since


def test_the_inbox_opens_where_something_is_to_be_seen(nobodys: Claim, senior: Persona) -> None:
    opened = senior.client.get(INBOX)

    assert opened.context["tab"] == hearing.EVERYBODY
    assert opened.context["lines"]
