"""A decision is kept from who may still be asked for a blind second look at it, on every way, until they answer."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from claims.models import Claim, GoldAnswer
from claims.queries import quality
from claims.services import appealing, conversing, deciding, remedies, sampling, taking
from claims.services.writing import Verdict
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.factories.marketplace import OrderFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
VERDICT = Verdict(
    "UPHELD",
    ["DEMAND_PROVEN"],
    note="NOTE-TO-THE-SHOP",
    buyer_note="NOTE-TO-THE-BUYER",
    internal_note="NOTE-OF-THE-DESK",
    remedies=["EXEMPT_ORDER"],
)
KEPT_BACK = ("NOTE-", "MESSAGE-ABOUT-IT", "COLLEAGUE-ABOUT-IT")
NAMED = ("Rita Reviewer", "The demand is proven")  # among the choices of some pages
BUYERS_VOICE = Actor(kind=Kind.PLATFORM, name="the platform", scopes=frozenset({"claims:write"}))
type Way = Callable[[Client, Claim, Claim], HttpResponse]


def page(name: str, **given: Any) -> Way:
    return lambda client, claim, _other: client.get(reverse(name, args=[claim.pk]), given, follow=True)


def post(name: str, *args: Any, **given: Any) -> Way:
    return lambda client, claim, _other: client.post(reverse(name, args=[claim.pk, *args]), given, follow=True)


def api(path: str) -> Way:
    return lambda client, claim, _other: client.get(
        f"/api/v1/{path.format(pk=claim.pk, number=claim.number, order=claim.order_number)}"
    )


WAYS: dict[str, Way] = {
    "case": page("desk_case"),
    "recipient": page("desk_recipient"),
    "second look": page("desk_sample"),
    "beat": post("desk_beat", version="1"),
    "preview": post("desk_preview", result="REJECTED", reason_codes="EVIDENCE_TOO_THIN"),
    **{
        act: post("desk_act", act, result="REJECTED", reason_codes="EVIDENCE_TOO_THIN", body="x", note="x", reason="x")
        for act in ("override", "note", "gold", "take", "decide", "hand_over", "write")
    },
    "bulk": lambda client, claim, _other: client.post(
        reverse("desk_bulk"), {"pick": [claim.pk], "to": "queue:GENERAL"}, follow=True
    ),
    "similar case": lambda client, _claim, other: client.get(reverse("desk_case", args=[other.pk])),
    **{
        f"tab {tab}": lambda client, claim, _other, tab=tab: client.get(
            reverse("desk"), {"tab": tab, "q": claim.number}
        )
        for tab in ("mine", "next", "all", "overdue", "appeals", "second")
    },
    "samples": lambda client, _claim, _other: client.get(reverse("desk_samples")),
    "escalations": lambda client, _claim, _other: client.get(reverse("desk_escalations"), {"tab": "everybody"}),
    "order": lambda client, claim, _other: client.get(
        reverse("admin:marketplace_order_change", args=[claim.order_id]), follow=True
    ),
    "api list": api("claims?order={order}"),
    "api complaint": api("claims/{pk}"),
    "api messages": api("claims/{pk}/messages"),
    "api moves": api("claims/{pk}/moves"),
    "api actions": api("actions"),
    "api states": api("desired-states"),
    "api notices": api("notices"),
    "api webhooks": api("webhook-deliveries"),
}
WITH_CHOICES = {"similar case", *(way for way in WAYS if way.startswith("tab ")), "bulk"}


@pytest.fixture
def _desk(reviewer: Persona, senior: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    for person in (reviewer, senior):
        make.on_the_desk(person.user)
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with tenancy.platform():
        make.limits(sampled=1.0)


@pytest.fixture
def cases(_desk: None, merchant: Persona, reviewer: Persona, senior: Persona, now: datetime) -> tuple[Claim, Claim]:
    """A sampled case that Rita has decided, with all that can be told of it, and one like it in Sam's hands."""
    at = now - timedelta(hours=1)
    claim = make.taken(merchant.shop, reviewer.actor, at=at)
    with tenancy.platform():
        common: dict[str, Any] = {"claim_id": claim.pk, "actor": reviewer.actor}
        conversing.write_to_merchant(**common, at=at + timedelta(minutes=2), body="MESSAGE-ABOUT-IT")
        deciding.decide(**common, at=at + timedelta(minutes=5), verdict=VERDICT)
        conversing.note(**common, at=at + timedelta(minutes=6), body="COLLEAGUE-ABOUT-IT")
        remedies.carry_out_due(now=at + timedelta(minutes=7))
        claim.refresh_from_db()
        order = OrderFactory(merchant=merchant.shop, buyer=claim.buyer, placed_at=at)
        other = make.filing.draft(
            merchant_id=merchant.shop.pk, kind_code="EXTORTION", order_id=order.pk, actor=make.FILER, at=at,
            amount=claim.amount, story=claim.story,
        )  # fmt: skip
        make.filing.submit(claim_id=other.pk, actor=make.FILER, at=at)
        taken = taking.take_next(actor=senior.actor, at=now)
    assert taken is not None
    assert taken.pk == other.pk
    return claim, taken


def test_the_decision_of_a_sampled_case_is_nowhere_to_be_read(cases: tuple[Claim, Claim], senior: Persona) -> None:
    claim, other = cases

    answers = {name: way(senior.client, claim, other) for name, way in WAYS.items()}
    shown = {name: answer.content.decode() for name, answer in answers.items()}

    assert {answer.status_code for answer in answers.values()} <= {200, 403, 404, 409}
    assert {name: words for name, text in shown.items() for words in KEPT_BACK if words in text} == {}
    assert {n: words for n, text in shown.items() for words in NAMED if words in text and n not in WITH_CHOICES} == {}
    assert {name for name, text in shown.items() if name.startswith("api ") and "upheld" in text.lower()} == set()
    assert f"{claim.number}</a> waits for a second look" in shown["similar case"]
    assert re.search(r"Complaints</dt>\s*<dd>\s*2 · 0 upheld", shown["similar case"]), "a count tells it as well"
    with tenancy.platform():
        assert Claim.objects.get(pk=claim.pk).version == claim.version, "nothing was changed"


def test_after_the_answer_all_of_it_is_shown(cases: tuple[Claim, Claim], senior: Persona, reviewer: Persona) -> None:
    claim, other = cases
    sent_on = senior.client.get(reverse("desk_case", args=[claim.pk]))
    first = reviewer.client.get(reverse("desk_case", args=[claim.pk])).content.decode()

    senior.client.post(reverse("desk_sample_answer", args=[claim.pk]), {"result": "REJECTED", "note": "No demand."})
    case = senior.client.get(reverse("desk_case", args=[claim.pk])).content.decode()
    alike = senior.client.get(reverse("desk_case", args=[other.pk])).content.decode()
    read = senior.client.get(f"/api/v1/claims/{claim.pk}").json()

    assert sent_on.headers["Location"] == reverse("desk_sample", args=[claim.pk])
    assert "NOTE-TO-THE-SHOP" in first, "whose decision it is sees it"
    assert all(words in case for words in ("NOTE-TO-THE-SHOP", "MESSAGE-ABOUT-IT", "COLLEAGUE-ABOUT-IT"))
    assert f"{claim.number}</a> Upheld" in alike
    assert read["decision"]["result"] == "UPHELD"


def test_operations_and_the_shop_always_see_it(cases: tuple[Claim, Claim], staff: Persona, merchant: Persona) -> None:
    claim, _other = cases

    for person, path in (
        (staff, reverse("desk_case", args=[claim.pk])),
        (merchant, reverse("claim", args=[claim.pk])),
        (merchant, f"/api/v1/claims/{claim.pk}"),
    ):
        assert "NOTE-TO-THE-SHOP" in person.client.get(path).content.decode()


def test_an_appeal_ends_the_wait_for_a_blind_look(cases: tuple[Claim, Claim], senior: Persona, now: datetime) -> None:
    claim, _other = cases
    with tenancy.platform():
        assert quality.waits_for(senior.user.pk, claim.pk) is not None
        words = {"ground": "FACTS_WRONG", "text": "I asked for nothing."}
        appealing.appeal_for_buyer(claim_id=claim.pk, actor=BUYERS_VOICE, at=now, **words)

        assert quality.waits_for(senior.user.pk, claim.pk) is None
    assert "NOTE-TO-THE-SHOP" in senior.client.get(reverse("desk_case", args=[claim.pk])).content.decode()


def test_a_gold_case_is_kept_from_each_until_their_own_answer_and_the_note_is_kept(
    cases: tuple[Claim, Claim], senior: Persona, staff: Persona, now: datetime
) -> None:
    claim, _other = cases
    third = Persona(UserFactory(reviewer=True, display_name="Wang Wu"))
    with tenancy.platform():
        sampling.add_gold(claim_id=claim.pk, actor=staff.actor, at=now, result="UPHELD", note="WHY-IT-IS-GOLD")
    case, answer = reverse("desk_case", args=[claim.pk]), reverse("desk_sample_answer", args=[claim.pk])

    senior.client.post(answer, {"result": "UPHELD"})  # the sample
    still = senior.client.get(case)
    senior.client.post(answer, {"result": "REJECTED", "note": "THE-CHAT-IS-CUT"})  # the gold case
    untold = third.client.get(case)
    for_lead = staff.client.get(reverse("desk_samples")).content.decode()
    for_senior = senior.client.get(reverse("desk_samples")).content.decode()

    assert (still.status_code, untold.status_code) == (302, 302)
    assert "WHY-IT-IS-GOLD" in senior.client.get(case).content.decode()
    with tenancy.platform():
        assert GoldAnswer.objects.get().note == "THE-CHAT-IS-CUT"
    assert "THE-CHAT-IS-CUT" in for_lead
    assert "THE-CHAT-IS-CUT" in for_senior
