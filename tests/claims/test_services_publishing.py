"""What a merchant's own systems hear of a complaint: what matters outside the desk, in order, and nobody's data."""

from datetime import datetime, timedelta

import pytest

from claims.services import filing
from merchant_protection.notices.models import Message
from tests.factories import claims as make
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")


def told() -> list[tuple[str, str]]:
    return [(each.kind, each.params["status"]) for each in Message.objects.order_by("pk")]


@pytest.mark.parametrize(("verdict", "status"), [(make.UPHOLD, "UPHELD"), (make.REJECT, "REJECTED")])
def test_filing_and_decision_are_told_and_who_has_the_case_is_not(
    merchant: Persona, reviewer: Persona, now: datetime, verdict: object, status: str
) -> None:
    make.on_the_desk(reviewer.user)

    claim = make.decided(merchant.shop, reviewer.actor, verdict=verdict, at=now - timedelta(hours=1))  # type: ignore[arg-type]

    assert told() == [("claim.submitted", "SUBMITTED"), ("claim.decided", status)]
    assert {each.subject_id for each in Message.objects.all()} == {str(claim.pk)}
    decided = Message.objects.latest("pk").params
    assert (decided["order"], decided["amount"]) == (claim.order_number, str(claim.amount))
    assert make.STORY not in str(decided)


def test_a_draft_that_is_thrown_away_is_nobodys_business(merchant: Persona, now: datetime) -> None:
    draft, filed = make.draft(merchant.shop), make.submitted(merchant.shop, at=now)
    for claim in (draft, filed):
        filing.withdraw(claim_id=claim.pk, actor=merchant.actor, at=now)

    assert told() == [("claim.submitted", "SUBMITTED"), ("claim.withdrawn", "WITHDRAWN")]
