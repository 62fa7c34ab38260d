"""A complaint decides one order and tells of further ones of the same buyer."""

import json
from datetime import datetime, timedelta

import pytest

from claims.models import Claim, JoinedOrder
from claims.queries import evidence
from claims.services import drafting, filing
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.marketplace.models import Order
from tests.claims.test_api_complaints import Program
from tests.factories import claims as make
from tests.factories.marketplace import OrderFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(merchant: Persona, now: datetime) -> Claim:
    return make.draft(merchant.shop, kind="PROFESSIONAL_CLAIMER", at=now - timedelta(hours=2))


@pytest.fixture
def others(draft: Claim, now: datetime) -> list[Order]:
    """Two more orders of the buyer."""
    with tenancy.platform():
        return [OrderFactory(merchant=draft.merchant, buyer=draft.buyer, placed_at=now) for _ in range(2)]


def numbers(claim: Claim) -> list[str]:
    with tenancy.platform():
        return sorted(JoinedOrder.objects.filter(claim=claim).values_list("order__number", flat=True))


def test_orders_of_the_same_buyer_are_joined_and_left_out_again_while_it_is_a_draft(
    merchant: Persona, draft: Claim, others: list[Order], now: datetime
) -> None:
    def say(*orders: Order) -> None:
        ids = [order.pk for order in orders]
        drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, joined=ids)

    with tenancy.platform():
        assert "LINKED_ORDERS" not in evidence.shown(draft)
        say(*others)
        both = numbers(draft)
        counted = Claim.objects.get(pk=draft.pk).completeness
        say(others[0], draft.order)
        one = numbers(draft)
        filing.submit(claim_id=draft.pk, actor=merchant.actor, at=now)
        with pytest.raises(Conflict):
            say(*others)

    assert both == sorted(order.number for order in others)
    assert one == [others[0].number]
    assert draft.completeness < counted, "they show what belongs together"


@pytest.mark.parametrize("whose", ["another buyer's", "another shop's", "too many"])
def test_what_does_not_belong_together_is_refused_and_changes_nothing(
    merchant: Persona, rival: Persona, draft: Claim, others: list[Order], now: datetime, whose: str
) -> None:
    with tenancy.platform():
        drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, joined=[others[0].pk])
        if whose == "too many":
            wrong = [OrderFactory(merchant=draft.merchant, buyer=draft.buyer).pk for _ in range(21)]
        else:
            wrong = [OrderFactory(merchant=draft.merchant if whose == "another buyer's" else rival.shop).pk]
        with pytest.raises(Invalid) as refused:
            drafting.say(claim_id=draft.pk, actor=merchant.actor, at=now, joined=[others[1].pk, *wrong], story="New.")

    assert list(refused.value.fields) == ["joined"]
    assert numbers(draft) == [others[0].number]


def test_they_are_chosen_in_the_wizard_and_shown_to_both_sides_and_in_the_export(
    merchant: Persona, reviewer: Persona, draft: Claim, others: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    page = merchant.client.get(f"/m/claims/{draft.pk}/edit/").content.decode()
    fields = {"version": draft.version, "kind": draft.kind_code, "amount": "300", "story": make.STORY}
    sent = merchant.client.post(f"/m/claims/{draft.pk}/edit/", fields | {"joined": [others[0].pk]})
    kept = merchant.client.get(f"/m/claims/{draft.pk}/edit/").content.decode()
    check = merchant.client.get(f"/m/claims/{draft.pk}/check/").content.decode()
    file = b"".join(merchant.client.get("/m/claims/export.csv?view=all").streaming_content).decode()
    case = reviewer.client.get(f"/admin/desk/{draft.pk}/").content.decode()

    assert all(order.number in page for order in others)
    assert sent.status_code == 302
    assert f'value="{others[0].pk}" ' in kept
    assert others[0].number in check
    assert others[1].number not in check
    assert others[0].number in file
    assert others[0].number in case


def test_a_program_joins_orders_by_their_numbers(merchant: Persona, draft: Claim, others: list[Order]) -> None:
    program = Program(merchant, "claims:read", "claims:write")
    where = f"claims/{draft.pk}"

    joined = program.send("patch", where, {"joined_orders": [others[0].number]})
    wrong = program.send("patch", where, {"joined_orders": ["NO-SUCH"]})

    assert joined.json()["joined_orders"] == [others[0].number]
    assert wrong.status_code == 422
    assert "joined_orders" in json.dumps(wrong.json())
    assert program.get("claims").json()["results"][0]["joined_orders"] == [others[0].number]


def test_a_list_of_complaints_costs_the_same_with_few_and_many_joined_orders(
    merchant: Persona, draft: Claim, others: list[Order], now: datetime
) -> None:
    program = Program(merchant, "claims:read")
    program.get("claims")
    with make.counted() as few:
        program.get("claims")
    with tenancy.platform():
        for _ in range(5):
            claim = make.draft(merchant.shop, at=now - timedelta(hours=1))
            orders = [OrderFactory(merchant=merchant.shop, buyer=claim.buyer).pk for _ in range(2)]
            drafting.say(claim_id=claim.pk, actor=merchant.actor, at=now, joined=orders)
    with make.counted() as many:
        program.get("claims")

    assert len(many) == len(few) + 1  # the further orders of all of them
