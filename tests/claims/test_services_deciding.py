from datetime import datetime

import pytest

from claims.models import ClaimMove, Clock
from claims.queries import desk
from merchant_protection.foundation.errors import NotAllowed
from tests.factories import claims as make
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")


def test_a_complaint_is_filed_taken_and_upheld(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    make.on_the_desk(reviewer.user)

    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    assert (claim.status, claim.reviewer_id, claim.amount_upheld) == ("UPHELD", None, claim.amount)
    assert list(ClaimMove.objects.values_list("move", flat=True).order_by("pk")) == ["submit", "take", "uphold"]
    assert all(clock.stopped_at for clock in Clock.objects.all())
    assert {count for lanes in desk.counts().values() for count in lanes.values()} == {0}


def test_only_who_has_the_case_decides_it(merchant: Persona, reviewer: Persona, senior: Persona, now: datetime) -> None:
    make.on_the_desk(reviewer.user)
    claim = make.taken(merchant.shop, reviewer.actor, at=now)

    with pytest.raises(NotAllowed):
        make.deciding.decide(claim_id=claim.pk, actor=senior.actor, at=now, verdict=make.UPHOLD)

    claim.refresh_from_db()
    assert claim.status == "IN_REVIEW"
