"""What the buyer may be told of an answer: in both languages, and nothing of anybody else."""

from datetime import datetime

import pytest

from scalper_policies import wording
from scalper_policies.api.serializers import answer
from tests.factories.scalper_policies import ListEntryFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import buyer_key, decide


@pytest.mark.parametrize("verdict", ["VERIFY", "HOLD", "REVIEW", "REJECT"])
def test_every_answer_that_stops_an_order_is_told_in_both_languages(verdict: str) -> None:
    said = wording.for_buyer(verdict, [])

    assert set(said) == {"en", "zh-hans"}
    assert said["en"] != said["zh-hans"]
    assert all(said.values())
    assert wording.for_buyer("ALLOW", []) == {"en": "", "zh-hans": ""}


@pytest.mark.django_db
def test_the_own_limit_is_named_and_a_list_is_not(merchant: Persona, now: datetime) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(1),)))
    ListEntryFactory(merchant=merchant.shop, kind="DENY", key=buyer_key("bad"))

    passes, own, denied = (
        answer(decide(number, buyer=buyer, units=units, at=now))["buyer_text"]
        for number, buyer, units in (("O-1", "a", 1), ("O-2", "b", 5), ("O-3", "bad", 1))
    )

    assert passes == {"en": "", "zh_hans": ""}
    assert "one account" in own["en"]
    assert "list" not in denied["en"]
    assert "名单" not in denied["zh_hans"]
    assert own != denied


def test_a_limit_that_others_share_is_not_named() -> None:
    shared = {"dimension": "DEVICE", "would_pass_if": {"code": "LATER"}}
    own = {"dimension": "ACCOUNT", "would_pass_if": {"code": "LATER"}}

    assert wording.for_buyer("REJECT", [own, shared]) == wording.for_buyer("REJECT", [])
    assert wording.for_buyer("REJECT", [own]) != wording.for_buyer("REJECT", [])
