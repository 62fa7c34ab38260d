"""Two people at the guard's pages at once: who comes second, by what stood before, is told and overwrites nothing."""

from collections import Counter

import pytest
from django.urls import reverse

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Refusal
from pricing_guard.models import FloorImport, GuardPolicy, ListingGuard
from pricing_guard.services import floors, policies
from tests.claims.at_once import at_once
from tests.factories.marketplace import ListingFactory

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


@pytest.fixture
def guards(merchant, now):
    """Two products whose floors are 50."""
    skus = [ListingFactory(merchant=merchant.shop, sku=sku, price=200).sku for sku in ("A", "B")]
    with tenancy.platform():
        set_floors(merchant, [(sku, "50") for sku in skus], now)
        return list(ListingGuard.objects.order_by("listing__sku"))


def set_floors(merchant, rows, now, **more):
    return floors.set_table(merchant_id=merchant.shop.pk, rows=rows, actor=merchant.actor, at=now, **more)


def stand():
    with tenancy.platform():
        return [
            str(each.normalize())
            for each in ListingGuard.objects.order_by("listing__sku").values_list("floor_price", flat=True)
        ]


def form_of(guards, *typed):
    """The table as a person sends it who opened it while both floors were 50."""
    return {f"seen_{each.listing_id}": "50.00" for each in guards} | {
        f"floor_{each.listing_id}": value for each, value in zip(guards, typed, strict=True)
    }


def test_a_floor_that_a_colleague_set_meanwhile_is_told_and_not_overwritten(merchant, guards, now):
    with tenancy.platform():
        set_floors(merchant, [("A", "60")], now)

    answer = merchant.client.post(
        reverse("price_floors"), form_of(guards, "70", "80"), headers={"Accept-Language": "en"}
    )

    assert answer.status_code == 422
    assert "A colleague set ¥60.00 meanwhile" in answer.text
    assert stand() == ["6E+1", "5E+1"]
    shown = {row["name"]: row for row in answer.context["rows"]}
    assert [row["typed"] for row in shown.values()] in (["70", "80"], ["80", "70"])

    again = form_of(guards, "70", "80") | {f"seen_{guards[0].listing_id}": "60.00"}
    assert merchant.client.post(reverse("price_floors"), again).status_code == 302
    assert stand() == ["7E+1", "8E+1"]


def test_a_floor_that_was_left_alone_follows_the_colleague(merchant, guards, now):
    with tenancy.platform():
        set_floors(merchant, [("A", "60")], now)

    answer = merchant.client.post(reverse("price_floors"), form_of(guards, "50.00", "80"))

    assert answer.status_code == 302
    assert stand() == ["6E+1", "8E+1"]


def test_a_floor_that_a_colleague_took_away_is_told(merchant, guards, now):
    with tenancy.platform():
        set_floors(merchant, [("A", "")], now)
        job = set_floors(merchant, [("A", "70")], now, seen={"A": "50.00"})

        assert (job.status, ListingGuard.objects.get(listing__sku="A").floor_price) == ("FAILED", None)


def race(merchant, now, **more):
    """Eight set another floor each, all of them having seen 50; return how each came out."""

    def work(value):
        def done():
            with tenancy.platform():
                return set_floors(merchant, [("A", str(value))], now, **more).status

        return done

    return Counter(at_once([work(60 + place) for place in range(MANY)]))


def test_of_eight_who_set_a_floor_at_once_one_does_and_the_others_are_told(merchant, guards, now):
    assert race(merchant, now, seen={"A": "50.00"}) == {"DONE": 1, "FAILED": MANY - 1}
    with tenancy.platform():
        assert FloorImport.objects.filter(status="DONE", changed=1).count() == 1


def test_the_control_that_does_not_say_what_it_saw_overwrites(merchant, guards, now):
    assert race(merchant, now) == {"DONE": MANY}


@pytest.fixture
def policy(merchant, now):
    """A policy whose first version is in shadow, with a draft that would follow it."""
    draft = policies.Draft(name="P", scope="SHOP", thresholds={"floor_price": "50"})
    saved = save(merchant, draft, now)
    with tenancy.platform():
        policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)
    save(merchant, draft, now, policy_id=saved.policy_id)
    return fresh(saved.policy)


def save(merchant, draft, now, **more):
    with tenancy.platform():
        return policies.save_version(merchant_id=merchant.shop.pk, draft=draft, actor=merchant.actor, at=now, **more)


def fresh(policy):
    with tenancy.platform():
        return GuardPolicy.objects.get(pk=policy.pk)


def move(merchant, policy, **body):
    where = reverse("price_policy_move", args=[policy.pk])
    return merchant.client.post(where, body, follow=True, headers={"Accept-Language": "en"})


def test_nobody_lets_act_what_a_colleague_published_meanwhile(merchant, policy, now):
    seen = policy.version
    with tenancy.platform():
        policies.publish(policy_id=policy.pk, number=2, actor=merchant.actor, at=now)

    answer = move(merchant, policy, move="mode", mode="APPROVE", acknowledged="on", version=seen)

    assert "A colleague changed this policy meanwhile." in answer.text
    assert fresh(policy).mode == "SHADOW"


def test_the_page_sends_the_policy_as_it_was_looked_at(merchant, policy):
    page = merchant.client.get(reverse("price_policy", args=[policy.pk]))

    assert f'<input type="hidden" name="version" value="{policy.version}">' in page.text


def test_publishing_twice_by_a_double_click_does_it_once(merchant, policy):
    body = {"move": "publish", "number": 2, "acknowledged": "on", "version": policy.version}
    answers = [move(merchant, policy, **body) for _ in range(2)]

    assert ["A colleague" in each.text for each in answers] == [False, False]
    assert (fresh(policy).live_number, fresh(policy).version) == (2, policy.version + 1)
    with tenancy.platform():
        assert Entry.objects.filter(action="guard_policy.published", after__version=2).count() == 1


def publish_and_promote(merchant, policy, now, **more):
    """One publishes the draft while the other lets the policy ask; return how many were done."""
    given = {"policy_id": policy.pk, "actor": merchant.actor, "at": now, "is_acknowledged": True, **more}

    def work(command, **wish):
        def done():
            with tenancy.platform():
                command(**given, **wish)
                return "done"

        return done

    came = at_once([work(policies.publish, number=2), work(policies.set_mode, mode="APPROVE")])
    assert all(each == "done" or isinstance(each, Refusal) for each in came)
    return came.count("done")


def test_who_publishes_and_who_promotes_at_once_do_not_pass_each_other_by(merchant, policy, now):
    assert publish_and_promote(merchant, policy, now, version=policy.version) == 1


def test_the_control_without_the_version_that_was_seen_lets_both_pass(merchant, policy, now):
    assert publish_and_promote(merchant, policy, now) == 2
    assert (fresh(policy).live_number, fresh(policy).mode) == (2, "APPROVE")
