"""A stored answer comes out again from its stored facts and counts, whatever happened since."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from merchant_protection.foundation import tenancy
from scalper_policies.services import explaining
from tests.factories.scalper_policies import ListEntryFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import buyer_key, decide

pytestmark = pytest.mark.django_db


def test_every_answer_comes_out_again_after_lists_and_counts_have_changed(merchant: Persona, now: datetime) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(2),)))
    VersionFactory(merchant=merchant.shop, status="SHADOW", terms=about(limits=(per_account(1),)))
    ListEntryFactory(merchant=merchant.shop, kind="EXEMPT", key=buyer_key("kind"))
    denied = ListEntryFactory(merchant=merchant.shop, kind="DENY", key=buyer_key("bad"))
    made = [
        decide(f"O-{index}", buyer=buyer, units=units, at=now + timedelta(minutes=index))
        for index, (buyer, units) in enumerate([("a", 2), ("a", 1), ("b", 9), ("kind", 9), ("bad", 1)])
    ]
    with tenancy.platform():
        denied.delete()

        again = [explaining.again(each) for each in made]

    assert [each.verdict for each in made] == ["ALLOW", "REJECT", "REJECT", "ALLOW", "REJECT"]
    assert all(one.is_same for answers in again for one in answers)
    assert {len(answers) for answers in again} == {2}


def test_the_command_tells_why(merchant: Persona) -> None:
    VersionFactory(merchant=merchant.shop)
    decide("O-1", buyer="a", units=5)
    out = StringIO()

    call_command("explain_decision", "shop-a", "O-1", stdout=out)

    assert "REJECT" in out.getvalue()
    assert "the same" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("explain_decision", "shop-a", "O-2", stdout=out)
