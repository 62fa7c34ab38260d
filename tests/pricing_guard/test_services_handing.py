"""Price-error cancellations do not count against the shop: the evidence of each incident is handed to the platform."""

import threading
from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connection
from django.utils import timezone

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.services import switches
from pricing_guard.models import AffectedOrder, EvidencePack, HandOver, Incident
from pricing_guard.outside import packing
from pricing_guard.queries import hand_overs
from pricing_guard.services.incidents import answering_many, choosing, evidence, handing
from tests.pricing_guard.conftest import act, guarded, judge, listing, price
from tests.pricing_guard.test_disasters import order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]
SKUS = [f"W-{n}" for n in range(3)]


@pytest.fixture(autouse=True)
def _kept(settings, tmp_path):
    settings.STATE_DIR = tmp_path


@pytest.fixture
def stopped(tell, merchant, market, now):
    """Three products at a hundredth of their price, two orders each; all were stopped."""
    guarded(merchant.shop, merchant, at=now)
    tell(*(listing(sku) for sku in SKUS))
    tell(*(price("1299.00", 1, sku=sku, at=now - timedelta(days=2)) for sku in SKUS))
    tell(
        *(price("12.99", 2, sku=sku, at=now) for sku in SKUS),
        *(order(f"{sku}-{n}", at=now, each="12.99", sku=sku) for sku in SKUS for n in range(2)),
    )
    assert Incident.objects.filter(status="TRIPPED").count() == 3
    act(now)
    return list(Incident.objects.order_by("pk"))


@pytest.fixture
def decide(merchant, now):
    def decided(incidents, choice="CANCEL"):
        for one in incidents:
            choosing.choose(incident_id=one.pk, choice=choice, actor=merchant.actor, at=now)

    return decided


def later(seconds=5):
    return timezone.now() + timedelta(seconds=seconds)


def exempted(market):
    return {one["target"]["ref"]: one["value"]["evidence"] for one in market.effects if one["verb"] == "exempt_order"}


def states(shop):
    return list(hand_overs.states(shop.pk, Incident.objects.order_by("pk").values_list("pk", flat=True)).values())


@pytest.mark.case("PG-04")
def test_incidents_closed_together_have_their_evidence_complete_and_with_the_platform(
    stopped, decide, merchant, market, now
):
    decide(stopped)
    ids = [one.pk for one in stopped]
    assert answering_many.answer("restore", incident_ids=ids, actor=merchant.actor, at=now).left == {}
    act(later())
    judge(later())
    report = answering_many.answer("close", incident_ids=ids, actor=merchant.actor, at=now)
    assert (report.done, report.left) == (ids, {})

    assert handing.hand_over(now=later()) == 3
    act(later())

    assert exempted(market).keys() == {f"{sku}-{n}" for sku in SKUS for n in range(2)}
    packs = {one.digest: one for one in EvidencePack.objects.select_related("incident__listing")}
    assert {one.incident_id for one in packs.values()} == set(ids)
    for number, digest in exempted(market).items():
        assert number.startswith(packs[digest].incident.listing.sku)
        assert packing.faults(evidence.read(packs[digest])) == []
    assert all(state.is_complete for state in states(merchant.shop))
    assert handing.hand_over(now=later(3600)) == 0
    assert EvidencePack.objects.count() == 3


def test_nothing_is_lost_where_the_platform_refuses_hangs_or_loses_its_answer_at_first(
    stopped, decide, merchant, market, now
):
    decide(stopped)
    handing.hand_over(now=later())
    kinds = cycle(["refused", "unavailable", "lost"])
    asked = PlatformAction.objects.filter(verb="exempt_order").order_by("pk")
    faults = dict(zip(asked.values_list("idempotency_key", flat=True), kinds, strict=False))
    market.fault = lambda key, nth: faults.get(key, "") if nth == 1 else ""
    for turn in range(12):
        act(later(60 * turn))
    refused = sum(state.refused for state in states(merchant.shop))
    assert refused == 2
    assert sum(state.taken for state in states(merchant.shop)) == 4

    ids = [one.pk for one in stopped]
    report = answering_many.answer("hand_over", incident_ids=ids, actor=merchant.actor, at=now)
    assert len(report.done) == sum(state.promised for state in states(merchant.shop)) > 0
    handing.hand_over(now=later())
    act(later(1000))

    assert exempted(market).keys() == {f"{sku}-{n}" for sku in SKUS for n in range(2)}
    assert all(state.is_complete for state in states(merchant.shop))
    assert Entry.objects.filter(action="price_incident.hand_over_asked").count() == len(report.done)


def test_while_a_kill_switch_is_on_the_promise_stands(stopped, decide, merchant, market, now):
    decide(stopped[:1])
    switch = {"scope": "MERCHANT", "merchant_id": merchant.shop.pk, "actor": merchant.actor, "at": now}
    switches.stop(**switch, reason="a fair")

    assert handing.hand_over(now=later()) == 0
    assert states(merchant.shop)[0].promised
    switches.resume(**switch, reason="over", proved_again=True)
    assert handing.hand_over(now=later()) == 0  # not yet again
    assert handing.hand_over(now=later(700)) == 1
    act(later(710))

    assert len(exempted(market)) == 2


def test_one_that_fails_holds_up_no_other(stopped, decide, merchant, monkeypatch):
    decide(stopped[:3])
    pack = evidence.pack

    def packed(*, incident_id, **more):
        if incident_id == stopped[0].pk:
            raise OSError("disk full")
        return pack(incident_id=incident_id, **more)

    monkeypatch.setattr(evidence, "pack", packed)

    assert handing.hand_over(now=later()) == 2
    assert [state.promised for state in states(merchant.shop)] == [True, False, False]


def test_it_waits_until_every_order_is_decided_and_what_is_honoured_needs_none(stopped, merchant, now):
    first = stopped[0]
    ids = list(AffectedOrder.objects.filter(incident=first).order_by("pk").values_list("pk", flat=True))
    given = {"incident_id": first.pk, "actor": merchant.actor, "at": now}

    choosing.choose(**given, choice="CANCEL", order_ids=ids[:1])
    assert not HandOver.objects.exists()
    choosing.choose(**given, choice="HONOUR", order_ids=ids[1:])
    assert HandOver.objects.get().due_at == now
    choosing.choose(incident_id=stopped[1].pk, choice="HONOUR", actor=merchant.actor, at=now)

    assert handing.hand_over(now=later()) == 1
    assert PlatformAction.objects.filter(verb="exempt_order").count() == 1


def test_four_sweeps_at_once_ask_once(stopped, decide):
    decide(stopped[:2])
    raised = []

    def sweep():
        try:
            with tenancy.platform():
                handing.hand_over(now=later())
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert raised == []
    assert PlatformAction.objects.filter(verb="exempt_order").count() == 4


def test_the_shop_sees_how_far_each_is_on_the_page_the_list_and_the_api(stopped, decide, merchant, market, now):
    said = {
        "en": ("within a minute", "Evidence taken by the platform for 2 of 2 orders", "not taken for 2 of 2 orders"),
        "zh-hans": ("证据将在一分钟内提交给平台", "平台已收下 2/2 个订单的证据", "2/2 个订单的证据未被收下"),
    }
    decide(stopped[:1])
    where = f"/m/price-guard/incidents/{stopped[0].pk}/"

    def seen(place):
        for language, words in said.items():
            merchant.user.language = language
            merchant.user.save(update_fields=["language"])
            for path in (where, "/m/price-guard/incidents/?view=all"):
                page = merchant.client.get(path, headers={"Accept-Language": language}).content.decode()
                assert words[place] in page, (path, language)
        return merchant.client.get(f"/api/v1/price-incidents/{stopped[0].pk}").json()["hand_over"]

    assert seen(0)["promised"]
    handing.hand_over(now=later())
    market.fault = lambda key, nth: "refused"
    act(later())
    assert (seen(2)["refused"], seen(2)["left"]) == (2, 2)

    market.fault = lambda key, nth: ""
    merchant.client.post(f"{where}answer/", {"move": "hand_over"})
    handing.hand_over(now=later())
    act(later())
    assert seen(1)["taken"] == 2
    merchant.client.post(f"{where}answer/", {"move": "hand_over"})
    assert not HandOver.objects.exclude(due_at=None).exists()


def test_nobody_else_may_ask_for_it_and_nothing_is_handed_where_nothing_is_cancelled(stopped, merchant, rival, now):
    decided = {"incident_id": stopped[0].pk, "at": now}
    with pytest.raises(NotAllowed):
        handing.ask(**decided, actor=rival.actor)
    with pytest.raises(Conflict):
        handing.ask(**decided, actor=merchant.actor)

    assert not HandOver.objects.exists()
