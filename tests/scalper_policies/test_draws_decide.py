"""Under a policy that sells by a draw only those whom its draw chose may buy."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from merchant_protection.foundation.errors import Invalid
from scalper_policies import wording
from scalper_policies.models import Draw, OrderDecision, PolicyVersion, Reservation
from scalper_policies.queries import draws as queries
from scalper_policies.rules import draw as rules
from scalper_policies.rules.policy import SaleMode
from scalper_policies.services import draws, explaining
from tests.factories.scalper_policies import PolicyFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, buyer_key, decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
HOUR = timedelta(hours=1)
BUYERS = [f"b{index}" for index in range(8)]


@pytest.fixture
def version(merchant: Persona) -> Any:
    return VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(2),), mode=SaleMode.DRAW))


def draw_of(merchant: Persona, version: PolicyVersion, *, now: datetime, name: str = "首发") -> Draw:
    draw = draws.commit(
        actor=merchant.actor,
        merchant_id=merchant.shop.pk,
        name=name,
        places=3,
        opens_at=now,
        closes_at=now + HOUR,
        policy_id=version.policy_id,
        at=now,
    )
    for buyer in BUYERS:
        draws.enter(actor=CLOCK, draw_id=draw.pk, buyer=buyer, at=now)
    return draw


def asked(*buyers: str, at: datetime) -> list[OrderDecision]:
    return [decide(f"O-{buyer}-{at:%H%M}", buyer=buyer, at=at) for buyer in buyers]


def test_nobody_buys_before_the_draw_and_exactly_the_winners_after_it(
    merchant: Persona, version: PolicyVersion, now: datetime
) -> None:
    draw = draw_of(merchant, version, now=now)
    before = asked("b0", at=now)
    draws.draw_due(now=now + HOUR)
    draw.refresh_from_db()

    after = asked(*BUYERS, "never-entered", "", at=now + 2 * HOUR)

    entries = queries.entries_of(draw).values_list("entry", flat=True)
    won = set(rules.winners(bytes.fromhex(draw.seed), draw.name, entries, draw.places))
    assert [each.verdict for each in before] == ["REJECT"]
    assert [each.verdict == "ALLOW" for each in after] == [buyer_key(b) in won for b in [*BUYERS, "never-entered", ""]]
    assert sum(each.verdict == "ALLOW" for each in after) == 3
    turned_away = next(each for each in after if each.verdict == "REJECT")
    assert turned_away.rules == ["DRAWN"]
    assert wording.reason(turned_away.reasons[0])
    assert wording.remedy(turned_away.reasons[0])
    told = wording.for_buyer("REJECT", turned_away.reasons)
    assert told != wording.for_buyer("REJECT", [])
    assert Reservation.objects.count() == 3
    for each in after:  # and every answer comes out again from what was stored with it
        assert all(said.is_same for said in explaining.again(each))


def test_without_a_draw_or_with_one_called_off_nobody_is_turned_away(
    merchant: Persona, version: PolicyVersion, now: datetime
) -> None:
    without = asked("b0", at=now)
    draws.cancel(actor=merchant.actor, draw_id=draw_of(merchant, version, now=now).pk, at=now)

    called_off = asked("b1", at=now)

    assert [each.verdict for each in (*without, *called_off)] == ["ALLOW", "ALLOW"]


def test_one_won_draw_of_several_is_enough_and_another_policys_draw_decides_nothing(
    merchant: Persona, version: PolicyVersion, now: datetime
) -> None:
    first = draw_of(merchant, version, now=now)
    draws.draw_due(now=now + HOUR)
    first.refresh_from_db()
    draw_of(merchant, version, now=now + HOUR, name="第二批")
    other = VersionFactory(
        merchant=merchant.shop,
        policy=PolicyFactory(merchant=merchant.shop),
        terms=about("SKU-OTHER", limits=(per_account(2),), mode=SaleMode.DRAW),
    )

    again = asked(*BUYERS, at=now + HOUR)
    beside = decide("O-other", buyer="b0", sku="SKU-OTHER", at=now + HOUR)

    entries = queries.entries_of(first).values_list("entry", flat=True)
    won = set(rules.winners(bytes.fromhex(first.seed), first.name, entries, first.places))
    assert [each.verdict == "ALLOW" for each in again] == [buyer_key(buyer) in won for buyer in BUYERS]
    assert (other.policy_id != version.policy_id, beside.verdict) == (True, "ALLOW")


def test_a_draw_for_a_strangers_policy_is_refused(merchant: Persona, rival: Persona, now: datetime) -> None:
    foreign = VersionFactory(merchant=rival.shop)

    with pytest.raises(Invalid) as refused:
        draw_of(merchant, foreign, now=now)

    assert "policy_id" in refused.value.fields
    assert not Draw.objects.exists()
