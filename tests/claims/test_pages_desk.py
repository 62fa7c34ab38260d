"""The pages of the review desk: who gets in, what they show, what each button does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from claims.models import Claim, Decision, DeskView, InternalNote, Message, ReviewLease, Viewer
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.fixtures.people import Persona

DECISION = {"result": "UPHELD", "reason_codes": ["DEMAND_PROVEN"], "note": "The chat shows the demand."}


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    for person in (reviewer, senior):
        make.on_the_desk(person.user)
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def act(now: datetime) -> Callable[..., Any]:
    def do(client: Client, claim: Claim, name: str, **form: Any) -> Any:
        return client.post(reverse("desk_act", args=[claim.pk, name]), form)

    return do


def test_the_desk_opens_to_its_roles_only(
    merchant: Persona,
    reviewer: Persona,
    senior: Persona,
    staff: Persona,
    trainer: Persona,
    anonymous_client: Client,
    now: datetime,
) -> None:
    claim = make.submitted(merchant.shop, at=now)
    found = {}
    for page in (reverse("desk"), reverse("desk_case", args=[claim.pk])):
        for name, client in (
            *(("reviewer", reviewer.client), ("senior", senior.client), ("staff", staff.client)),
            *(("trainer", trainer.client), ("merchant", merchant.client), ("anonymous", anonymous_client)),
        ):
            found.setdefault(name, []).append(client.get(page).status_code)

    assert {name: set(codes) for name, codes in found.items()} == {
        **{name: {200} for name in ("reviewer", "senior", "staff")},
        "trainer": {403},
        **{name: {302} for name in ("merchant", "anonymous")},
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_queue_shows_every_tab_in_both_languages(
    merchant: Persona, reviewer: Persona, now: datetime, language: str
) -> None:
    claim = make.submitted(merchant.shop, at=now)
    for tab in ("mine", "next", "overdue", "unassigned", "waiting", "appeals", "second", "all", "odd"):
        page = reviewer.client.get(reverse("desk"), {"tab": tab}, headers={"Accept-Language": language})
        assert page.status_code == 200
        assert (claim.number in page.content.decode()) == (tab in ("next", "unassigned", "all", "odd"))


def test_filters_and_search_narrow_the_queue(
    merchant: Persona, rival: Persona, reviewer: Persona, now: datetime
) -> None:
    claim = make.submitted(merchant.shop, at=now)
    other = make.submitted(rival.shop, at=now, kind="ABNORMAL_ORDER")

    def shown(**given: str) -> set[str]:
        page = reviewer.client.get(reverse("desk"), {"tab": "all", **given}).content.decode()
        return {each.number for each in (claim, other) if each.number in page}

    assert shown() == {claim.number, other.number}
    assert shown(queue="GENERAL") == shown(kind="ABNORMAL_ORDER") == {other.number}
    assert shown(q=claim.number) == shown(q=claim.order_number) == shown(q="shop-a") == {claim.number}
    assert shown(q="no such") == set()
    assert shown(priority="HIGH") == {claim.number}


def test_the_next_case_opens_and_an_empty_desk_says_so(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    claim = make.submitted(merchant.shop, at=now)

    first = reviewer.client.post(reverse("desk_next"))
    second = reviewer.client.post(reverse("desk_next"), {"back": "https://evil.example/"}, follow=True)

    assert first.headers["Location"] == reverse("desk_case", args=[claim.pk])
    assert "Nothing is waiting for you" in second.content.decode()
    assert reviewer.client.get(reverse("desk_next")).status_code == 405


def test_a_case_is_decided_on_its_page_and_the_next_opens(
    merchant: Persona, reviewer: Persona, act: Callable[..., Any], now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor)
    following = make.submitted(merchant.shop)

    answer = act(reviewer.client, claim, "decide", **DECISION, version=claim.version, then="next")

    assert answer.headers["Location"] == reverse("desk_case", args=[following.pk])
    with tenancy.platform():
        assert Claim.objects.get(pk=claim.pk).status == "UPHELD"


def test_a_refused_decision_shows_the_page_again_with_all_that_was_typed(
    merchant: Persona, reviewer: Persona, act: Callable[..., Any]
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor)

    stale = act(reviewer.client, claim, "decide", **DECISION, version=1)
    incomplete = act(reviewer.client, claim, "decide", result="UPHELD", note="Kept words.")

    assert (stale.status_code, incomplete.status_code) == (409, 409)
    assert "Somebody changed this complaint" in stale.content.decode()
    assert "Kept words." in incomplete.content.decode()
    with tenancy.platform():
        assert not Decision.objects.exists()


@pytest.mark.case("CL-05")
@pytest.mark.parametrize(
    "words",
    [
        "Call 138 1234 5678.",
        "Write to wang@example.com.",
        "Her card is 11010519491231002X.",
        "Paid from 6222 0212 3456 7890 123.",
        "The same buyer did it to B 电器专营店.",
    ],
)
def test_reasons_hold_nothing_of_other_people(
    merchant: Persona, rival: Persona, reviewer: Persona, act: Callable[..., Any], words: str
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor)

    for field in ("note", "buyer_note"):
        refused = act(reviewer.client, claim, "decide", **(DECISION | {field: words}))
        assert refused.status_code == 409
        assert "both sides read this" in refused.content.decode()

    shown = reviewer.client.post(reverse("desk_preview", args=[claim.pk]), DECISION).content.decode()
    with tenancy.platform():
        assert not Decision.objects.exists()
        assert all(secret not in shown for secret in (claim.buyer.ref, rival.shop.name, reviewer.user.display_name))
    assert "Rules on malicious claims, article 3" in shown
    assert act(reviewer.client, claim, "decide", **DECISION).status_code == 302


def test_the_buyer_is_masked_and_other_shops_are_not_named(
    merchant: Persona, rival: Persona, reviewer: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor)
    other = make.submitted(rival.shop)
    with tenancy.platform():
        Claim.objects.filter(pk=other.pk).update(buyer_key=claim.buyer_key)

    page = reviewer.client.get(reverse("desk_case", args=[claim.pk])).content.decode()

    with tenancy.platform():
        assert other.number in page
        assert claim.buyer.ref not in page
        assert rival.shop.name not in page


@pytest.mark.parametrize(
    ("name", "form", "status"),
    [
        ("ask", {"body": "The whole chat, please.", "asks_for": ["CHAT"]}, "AWAITING_EVIDENCE"),
        ("write", {"body": "We look at it."}, "IN_REVIEW"),
        ("note", {"body": "Seen before."}, "IN_REVIEW"),
        ("keep", {}, "IN_REVIEW"),
        ("let_go", {}, "IN_REVIEW"),
        ("put_back", {"reason": "Not mine."}, "SUBMITTED"),
    ],
)
def test_each_button_does_its_one_thing(
    merchant: Persona, reviewer: Persona, act: Callable[..., Any], name: str, form: dict[str, Any], status: str
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor)

    assert act(reviewer.client, claim, name, **form).status_code == 302

    with tenancy.platform():
        assert Claim.objects.get().status == status
        assert Message.objects.exists() == (name in ("ask", "write"))
        assert InternalNote.objects.exists() == (name == "note")


def test_a_case_is_taken_handed_over_approved_sent_back_and_overridden(
    merchant: Persona, reviewer: Persona, senior: Persona, act: Callable[..., Any]
) -> None:
    claim = make.submitted(merchant.shop, amount="9000")
    act(reviewer.client, claim, "take")
    act(reviewer.client, claim, "hand_over", to=senior.user.pk, reason="Knows it.")
    act(senior.client, claim, "put_back", reason="Too much to do.")
    act(reviewer.client, claim, "take")
    act(reviewer.client, claim, "decide", **DECISION)
    act(senior.client, claim, "take")
    page = senior.client.get(reverse("desk_case", args=[claim.pk])).content.decode()
    act(senior.client, claim, "approve", internal_note="Agreed.")
    act(senior.client, claim, "override", result="REJECTED", reason_codes=["EVIDENCE_TOO_THIN"])

    assert "Approve the proposal" in page
    with tenancy.platform():
        assert Claim.objects.get().status == "REJECTED"
        assert list(Decision.objects.order_by("pk").values_list("stage", flat=True)) == [
            "PROPOSAL",
            "SECOND_APPROVAL",
            "OVERRIDE",
        ]
    assert senior.client.post(reverse("desk_act", args=[claim.pk, "dance"])).status_code == 404
    assert senior.client.get(reverse("desk_case", args=[0])).status_code == 404


def test_the_open_page_renews_the_lease_and_shows_who_else_looks(
    merchant: Persona, reviewer: Persona, senior: Persona, now: datetime
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=now - timedelta(minutes=9))
    beat = reverse("desk_beat", args=[claim.pk])
    with tenancy.platform():
        before = ReviewLease.objects.get().until

    senior.client.post(beat, {"version": claim.version})
    mine = reviewer.client.post(beat, {"version": claim.version}).content.decode()
    stale = reviewer.client.post(beat, {"version": 1}).content.decode()

    with tenancy.platform():
        assert ReviewLease.objects.get().until > before
        assert Viewer.objects.count() == 2
    assert "Sam Senior" in mine
    assert "Somebody changed this case" in stale


def test_a_lead_moves_many_cases_and_is_told_of_each_that_cannot_be(
    merchant: Persona, reviewer: Persona, senior: Persona
) -> None:
    held = make.taken(merchant.shop, reviewer.actor)
    free = make.submitted(merchant.shop)
    form = {"pick": [held.pk, free.pk], "to": "queue:RETURNS", "back": reverse("desk")}

    page = senior.client.post(reverse("desk_bulk"), form, follow=True).content.decode()
    nobody = reviewer.client.post(reverse("desk_bulk"), form, follow=True).content.decode()

    assert "1 case was moved." in page
    assert f"{held.number}: Somebody has this case in hand." in page
    assert "moved" not in nobody.split("<main", 1)[-1].split("desk-tabs")[0]
    with tenancy.platform():
        assert Claim.objects.get(pk=free.pk).queue.code == "RETURNS"


def test_cases_are_assigned_from_the_list(merchant: Persona, reviewer: Persona, senior: Persona) -> None:
    free = make.submitted(merchant.shop)

    senior.client.post(reverse("desk_bulk"), {"pick": [free.pk], "to": f"person:{reviewer.user.pk}"})
    wrong = senior.client.post(reverse("desk_bulk"), {"pick": [free.pk], "to": "moon"}, follow=True)

    with tenancy.platform():
        assert Claim.objects.get().reviewer_id == reviewer.user.pk
    assert "Choose where to." in wrong.content.decode()


def test_views_are_kept_shared_and_forgotten(reviewer: Persona, senior: Persona) -> None:
    form = {"name": "Urgent returns", "query": "tab=all&queue=RETURNS", "shared": "on", "back": reverse("desk")}
    reviewer.client.post(reverse("desk_view"), form)
    shown = senior.client.get(reverse("desk")).content.decode()
    view = DeskView.objects.get()
    senior.client.post(reverse("desk_view"), {"forget": view.pk})
    still = DeskView.objects.count()
    reviewer.client.post(reverse("desk_view"), {"forget": view.pk})

    assert "Urgent returns" in shown
    assert (still, DeskView.objects.count()) == (1, 0)
    assert "60 characters" in reviewer.client.post(reverse("desk_view"), {"name": " "}, follow=True).content.decode()


def test_the_page_of_the_queue_asks_as_much_for_fifty_as_for_one(
    merchant: Persona, reviewer: Persona, django_assert_num_queries: Any, now: datetime
) -> None:
    make.limits(bulk_at_once=100)
    make.submitted(merchant.shop, at=now)
    reviewer.client.get(reverse("desk"))
    with make.counted() as one:
        reviewer.client.get(reverse("desk"))
    for _ in range(12):
        make.submitted(merchant.shop, at=now)
    with make.counted() as many:
        reviewer.client.get(reverse("desk"))

    assert len(many) == len(one) <= 25
