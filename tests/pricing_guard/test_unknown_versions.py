"""A worker meets a policy, or an event, of a later release: the row is left as it was, and somebody is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Change, InboxEvent, Listing, PlatformAction
from merchant_protection.marketplace.services import deciding
from merchant_protection.notices.models import Notice
from pricing_guard import drains
from pricing_guard.models import GuardPolicy, Incident, PolicyVersion
from pricing_guard.services import policies
from tests.marketplace import posting
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]
LEASED = {"due_at", "generation", "attempts"}


def only(rows):
    return rows.values().get()


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


@pytest.mark.case("T25")
def test_rows_of_a_later_release_are_released_untouched_and_told(tell, merchant, market, now):
    policy = guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    later = {"merchant": merchant.shop, "policy": policy, "number": 2, "saved_at": now, "saved_by": "a later release"}
    PolicyVersion.objects.create(**later, thresholds={"tides_and_moons": "7"})
    GuardPolicy.objects.update(live_number=2)
    transaction(policies.restamp)(merchant.shop.pk, at=now)
    posting.post([price("12.99", 2)])
    deciding.decide_due(now=timezone.now())
    before = only(Change.objects.filter(consumer="pricing_guard").exclude(due_at=None))

    with_unknown_policy = [drains.judge(lambda at=turn: timezone.now() + timedelta(minutes=at)) for turn in range(3)]

    after = only(Change.objects.filter(consumer="pricing_guard").exclude(due_at=None))
    assert all(with_unknown_policy)
    assert changed(before, after) <= LEASED
    assert not Incident.objects.exists()
    told = Notice.objects.get(kind="price.version_unknown")
    assert (told.urgency, "version 2" in told.params["what"]) == ("CRITICAL", True)

    GuardPolicy.objects.update(live_number=1)  # as a release that knows it would judge
    transaction(policies.restamp)(merchant.shop.pk, at=now)
    drains.judge(lambda: timezone.now() + timedelta(minutes=9))
    assert Incident.objects.get().status == "TRIPPED"

    posting.post([price("1299.00", 3)])
    InboxEvent.objects.filter(status="PENDING").update(schema=2)
    before = only(InboxEvent.objects.filter(status="PENDING"))
    for turn in range(3):
        deciding.decide_due(now=timezone.now() + timedelta(minutes=2 * turn))
    assert changed(before, only(InboxEvent.objects.filter(status="PENDING"))) <= LEASED
    assert only(InboxEvent.objects.filter(status="PENDING"))["attempts"] == 0
    assert Listing.objects.get().price_version == 2
    assert Notice.objects.filter(kind="inbox.version_unknown").count() == 1
    for language, words in (("en", "wait for a newer release"), ("zh-hans", "等待新版本")):
        merchant.user.language = language
        merchant.user.save(update_fields=["language"])
        page = merchant.client.get("/m/inbox/", headers={"Accept-Language": language}).content.decode()
        assert words in page

    InboxEvent.objects.filter(status="PENDING").update(schema=1)
    deciding.decide_due(now=timezone.now() + timedelta(minutes=9))
    assert Listing.objects.get().price_version == 3
    assert PlatformAction.objects.exists()
