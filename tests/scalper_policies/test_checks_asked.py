"""An answer that asks for a check says which one, in the answer, in its reasons and to the buyer."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import translation

from scalper_policies import wording
from scalper_policies.api.serializers import answer, check_and_queue
from scalper_policies.rules.policy import Band, Check, Dimension, Eligibility, Limit, SaleMode, Verdict
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
CHECKED = (Band(1, Verdict.VERIFY), Band(60, Verdict.HOLD, hours=2), Band(100, Verdict.REJECT))


def checking(check: Check, *, score: int = 20, **more: Any) -> Any:
    return about("SKU-HOT", limits=(per_account(1, score=score),), bands=CHECKED, check=check, **more)


@pytest.mark.parametrize("check", Check)
def test_the_policys_check_is_in_the_answer_its_reason_and_the_buyers_text(
    merchant: Persona, now: datetime, check: Check
) -> None:
    VersionFactory(merchant=merchant.shop, terms=checking(check))

    told = answer(decide("O-1", buyer="a", units=2, at=now))

    assert (told["verdict"], told["check"]) == ("verify", check.value.lower())
    assert told["reasons"][0]["would_pass_if"]["check"] == check.value
    texts = {tuple(wording.for_buyer("VERIFY", [{"would_pass_if": {"check": each.value}}]).values()) for each in Check}
    assert len(texts) == len(Check)
    said = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said.append(wording.remedy(told["reasons"][0]))
    assert said[0] != said[1]
    assert len(set(told["buyer_text"].values())) == 2


@pytest.mark.parametrize(("units", "score", "verdict"), [(1, 20, "allow"), (2, 60, "hold"), (2, 100, "reject")])
def test_no_check_is_asked_of_what_passes_is_held_or_rejected(
    merchant: Persona, now: datetime, units: int, score: int, verdict: str
) -> None:
    VersionFactory(merchant=merchant.shop, terms=checking(Check.PHONE, score=score))

    told = answer(decide("O-1", buyer="a", units=units, at=now))

    assert (told["verdict"], told["check"]) == (verdict, None)


def test_of_two_policies_the_stronger_check_is_asked(merchant: Persona, now: datetime) -> None:
    for check in (Check.CAPTCHA, Check.IDENTITY, Check.CONFIRM):
        VersionFactory(merchant=merchant.shop, terms=checking(check))

    assert answer(decide("O-1", buyer="a", units=2, at=now))["check"] == "identity"


def test_a_shared_roof_and_an_unknown_fact_lead_to_the_policys_check(merchant: Persona, now: datetime) -> None:
    shared = Limit("ip", Dimension.IP, 1)
    wanted = Eligibility(phone_verified=True)
    VersionFactory(
        merchant=merchant.shop, terms=about("SKU-HOT", limits=(shared,), eligibility=wanted, check=Check.PHONE)
    )

    told = answer(decide("O-1", buyer="a", ip="198.18.0.1", units=1, at=now))
    decide("O-2", buyer="b", ip="198.18.0.1", account={"phone_verified": True}, at=now)
    crowded = answer(decide("O-3", buyer="c", ip="198.18.0.1", account={"phone_verified": True}, at=now))

    assert [(each["verdict"], each["check"]) for each in (told, crowded)] == [("verify", "phone")] * 2


def test_a_check_is_asked_while_an_order_waits_for_its_turn(merchant: Persona, now: datetime) -> None:
    terms = checking(Check.CAPTCHA, mode=SaleMode.QUEUE, queue_per_minute=1)
    VersionFactory(merchant=merchant.shop, terms=terms)
    decide("O-1", buyer="a", at=now)

    told = answer(decide("O-2", buyer="b", units=2, at=now))

    assert (told["verdict"], told["check"], told["queue"]["place"]) == ("hold", "captcha", 2)
    assert told["buyer_text"]["en"] == wording.for_buyer("VERIFY", told["reasons"])["en"]


def test_where_nobody_said_which_the_buyer_confirms() -> None:
    assert check_and_queue("VERIFY") == {"check": "confirm", "queue": None}
    assert check_and_queue("HOLD") == {"check": None, "queue": None}
    assert check_and_queue("ALLOW") == {"check": None, "queue": None}
