"""An empty, blank or starred selector means nothing, never everything: in policies, in answers and in decisions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.services import doubts
from pricing_guard.models import AffectedOrder, GuardPolicy, Incident
from pricing_guard.rules.thresholds import Scope, ScopedThresholds, ScopeKind, Thresholds, resolve
from pricing_guard.services import policies
from pricing_guard.services.incidents import answering_many, choosing
from tests.pricing_guard.conftest import guarded, listing, price
from tests.pricing_guard.listings import NOW
from tests.pricing_guard.test_disasters import order

NOTHING = ["", " ", "\t", "*", "**", "%", "a*", "\x00"]
CATALOGUE = ["WM-1", "A1", "洗衣机"]


@settings(max_examples=1000, deadline=None)
@given(
    names=st.lists(st.sampled_from(NOTHING), max_size=3), kind=st.sampled_from([ScopeKind.CATEGORY, ScopeKind.LISTINGS])
)
def test_a_policy_that_names_nothing_holds_for_nothing(names, kind):
    """Nor would it, were it ever written."""
    draft = policies.Draft("Nothing", kind.name, {"floor_price": "1"}, categories=names, skus=names)
    assert policies._faults_of_scope(draft)
    scope = Scope(kind, frozenset(names), frozenset(names))
    written = ScopedThresholds(1, "Nothing", scope, Thresholds(decimal_shift=True), NOW)
    assert all(resolve([written], sku=sku, category=sku).leading is None for sku in CATALOGUE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("platform_scope")
def test_an_empty_choice_decides_about_nothing(tell, merchant, market, now):
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(listing(), price("1299.00", 1, at=now))
    tell(price("12.99", 2, at=now), order("O-1", at=now, each="12.99"))
    incident = Incident.objects.get()
    given = {"incident_id": incident.pk, "choice": "CANCEL", "actor": merchant.actor, "at": now}

    with pytest.raises(Invalid):
        choosing.choose(**given, order_ids=[])
    for name in answering_many.ANSWERS:
        report = answering_many.answer(name, incident_ids=[], actor=merchant.actor, at=now)
        assert (report.done, report.left) == ([], {})
    transaction(doubts.doubt)(listings=[], feature="pricing_guard", at=now)
    for scope, names in (("LISTINGS", []), ("CATEGORY", ["*"]), ("", ["WM-1"]), ("EVERYTHING", []), (None, [])):
        draft = policies.Draft("New", scope, {"floor_price": "9000"}, skus=names, categories=names)
        with pytest.raises(Invalid):
            policies.save_version(merchant_id=merchant.shop.pk, draft=draft, actor=merchant.actor, at=now)

    assert AffectedOrder.objects.get().choice == "UNDECIDED"
    assert Incident.objects.get().status == "SUSPECTED"
    assert GuardPolicy.objects.count() == 1
    assert not PlatformAction.objects.exists()
