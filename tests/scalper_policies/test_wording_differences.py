"""What differs between two versions is said in sentences, in both languages, whatever part it is."""

import re
from dataclasses import replace

import pytest
from django.utils import translation

from scalper_policies import wording
from scalper_policies.admin import baseline, policies
from scalper_policies.models import BaselineVersion, PolicyVersion
from scalper_policies.rules import terms
from scalper_policies.rules.policy import Check, Ending, Policy, SaleMode, Verdict
from tests.scalper_policies.test_rules_words import FULL

RAW = re.compile(r"\b(id|gives_back|per_listing|dimension|P\d+D|PT\d+|[A-Z]{4,}(_[A-Z]+)*)\b")


def told(before: Policy, after: Policy) -> list[dict[str, str]]:
    return [wording.change(*each) for each in terms.changes(terms.to_plain(before), terms.to_plain(after))]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_part_is_said_in_words(language: str) -> None:
    other = replace(FULL, mode=SaleMode.QUEUE, check=Check.PHONE, queue_per_minute=5, when_we_fail=Verdict.ALLOW)

    with translation.override(language):
        found = [*told(Policy(), FULL), *told(FULL, Policy()), *told(FULL, other)]

    assert len(found) > 30
    assert all(each["part"] and each["before"] != each["after"] for each in found)
    texts = [each[side].replace("GOLD", "").replace("F-code", "") for each in found for side in ("before", "after")]
    assert [text for text in texts if RAW.search(text)] == []


def test_a_limit_that_gives_back_otherwise_says_so() -> None:
    limit = FULL.limits[0]
    refunds = replace(FULL, limits=(replace(limit, gives_back=frozenset({Ending.REFUNDED})), *FULL.limits[1:]))
    nothing = replace(FULL, limits=(replace(limit, gives_back=frozenset()), *FULL.limits[1:]))

    with translation.override("en"):
        (one,), (other,) = told(FULL, refunds), told(refunds, nothing)

    assert "Given back by" not in one["before"]
    assert one["after"].endswith("Given back by: refunded orders.")
    assert other["after"].endswith("Given back by: –.")


def test_staff_see_every_status_by_its_name_and_not_by_its_code() -> None:
    assert set(policies.STATUS_LABELS) == set(PolicyVersion.Status.values)
    assert set(baseline.STATUS_LABELS) == set(BaselineVersion.Status.values)
    assert set(policies.VERDICT_LABELS) == set(PolicyVersion.Answer.values)
