"""Endpoints of a shop: who adds and changes them, their secrets, and what a refusal leaves as it was."""

from datetime import timedelta

import pytest

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import crypto
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.notices.models import Attempt, Dispatch, Endpoint, EndpointSecret, Message
from merchant_protection.notices.outside.calling import Answer
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.services import endpoints, webhook_sending
from tests.factories.notices import DispatchFactory, EndpointFactory

pytestmark = pytest.mark.usefixtures("platform_scope")
TOLD = {"name": "Order system", "url": "https://hooks.example.com/a", "kinds": ["claim.decided", "claim.decided"]}


def add(person, now, **more):
    return endpoints.add(actor=person.actor, merchant_id=person.shop.pk, at=now, **TOLD | more)


def test_an_endpoint_gets_a_secret_that_is_kept_sealed(merchant, now):
    endpoint, secret = add(merchant, now)

    kept = EndpointSecret.objects.get()
    assert secret.startswith("whsec_")
    assert secret not in kept.secret_sealed
    assert (crypto.unseal(kept.secret_sealed), kept.hint) == (secret, secret[-4:])
    assert (endpoint.kinds, endpoint.state) == (["claim.decided"], "ACTIVE")
    assert list(Entry.objects.values_list("action", "subject_id")) == [("webhook.added", str(endpoint.pk))]
    assert secret not in str(Entry.objects.values_list("after"))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "  "}, "name"),
        ({"url": "http://hooks.example.com/"}, "url"),
        ({"url": "https://intranet/"}, "url"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["*"]}, "kinds"),
        ({"kinds": ["claim.decided", "webhook.test"]}, "kinds"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_added(merchant, now, more, field):
    with pytest.raises(Invalid) as refused:
        add(merchant, now, **more)

    assert list(refused.value.fields) == [field]
    assert not Endpoint.objects.exists()


def test_ten_are_enough(merchant, now):
    EndpointFactory.create_batch(9, merchant=merchant.shop)
    EndpointFactory(merchant=merchant.shop, state="DISABLED", reason="OWNER")
    add(merchant, now)

    with pytest.raises(Conflict):
        add(merchant, now)
    assert Endpoint.objects.count() == 11


COMMANDS = ("edit", "rotate", "end_old_secret", "pause", "resume", "switch_off", "send_test", "replay_failed")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(("who", "refusal"), [("operator", NotAllowed), ("onlooker", NotAllowed), ("rival", NotFound)])
def test_only_owners_change_an_endpoint(request, merchant, now, name, who, refusal):
    delivery = DispatchFactory(endpoint=EndpointFactory(merchant=merchant.shop), dead=True)
    person, more = request.getfixturevalue(who), {"since": now} if name == "replay_failed" else {}
    before = list(Endpoint.objects.values()), list(Dispatch.objects.values()), EndpointSecret.objects.count()

    with pytest.raises(refusal):
        getattr(endpoints, name)(actor=person.actor, endpoint_id=delivery.endpoint_id, at=now, **more)
    with pytest.raises(refusal):
        endpoints.replay(actor=person.actor, dispatch_id=delivery.pk, at=now)

    assert before == (list(Endpoint.objects.values()), list(Dispatch.objects.values()), EndpointSecret.objects.count())
    assert not Entry.objects.exists()


@pytest.mark.parametrize("who", ["operator", "onlooker", "rival", "staff"])
def test_only_owners_add_one(request, merchant, now, who):
    person = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        endpoints.add(actor=person.actor, merchant_id=merchant.shop.pk, at=now, **TOLD)
    assert not Endpoint.objects.exists()


def test_two_secrets_live_through_a_rotation_and_no_third(merchant, now):
    endpoint, first = add(merchant, now)
    told = {"actor": merchant.actor, "endpoint_id": endpoint.pk}
    with pytest.raises(Conflict):
        endpoints.end_old_secret(**told, at=now)
    second = endpoints.rotate(**told, at=now)

    def live(at):
        return [crypto.unseal(each.secret_sealed) for each in queries.live_secrets(endpoint.pk, at)]

    assert (live(now), live(now + timedelta(hours=24))) == ([second, first], [second])
    with pytest.raises(Conflict):
        endpoints.rotate(**told, at=now)
    endpoints.end_old_secret(**told, at=now)
    assert live(now) == [second]
    assert live(now + timedelta(days=400)) == [second]


def test_a_change_is_written_down_with_what_was_before(merchant, now):
    endpoint, _secret = add(merchant, now)

    endpoints.edit(actor=merchant.actor, endpoint_id=endpoint.pk, at=now, name="Warehouse")

    entry = Entry.objects.get(action="webhook.changed")
    assert (entry.before["name"], entry.after["name"]) == ("Order system", "Warehouse")
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.url) == ("Warehouse", TOLD["url"])
    with pytest.raises(Invalid):
        endpoints.edit(actor=merchant.actor, endpoint_id=endpoint.pk, at=now, url="https://127.0.0.1/")


def test_pausing_keeps_what_waits_and_switching_off_gives_it_up(merchant, now):
    delivery = DispatchFactory(endpoint=EndpointFactory(merchant=merchant.shop, due_at=now), created_at=now)
    told = {"actor": merchant.actor, "endpoint_id": delivery.endpoint_id, "at": now}

    def state():
        found = Endpoint.objects.get()
        return found.state, found.reason, found.due_at, Dispatch.objects.get().status

    endpoints.pause(**told)
    assert state() == ("PAUSED", "OWNER", None, "PENDING")
    for refused in (endpoints.pause, endpoints.send_test):
        with pytest.raises(Conflict):
            refused(**told)
    endpoints.resume(**told)
    assert state() == ("ACTIVE", "", now, "PENDING")
    with pytest.raises(Conflict):
        endpoints.resume(**told)
    endpoints.switch_off(**told)
    assert state() == ("DISABLED", "OWNER", None, "DEAD")
    for refused in (endpoints.switch_off, endpoints.pause):
        with pytest.raises(Conflict):
            refused(**told)
    with pytest.raises(Conflict):
        endpoints.replay_failed(**told, since=now)
    with pytest.raises(Conflict):
        endpoints.replay(actor=merchant.actor, dispatch_id=delivery.pk, at=now)


def test_a_message_under_way_is_not_sent_again(merchant, now):
    delivery = DispatchFactory(endpoint=EndpointFactory(merchant=merchant.shop))

    with pytest.raises(Conflict):
        endpoints.replay(actor=merchant.actor, dispatch_id=delivery.pk, at=now)
    with pytest.raises(NotFound):
        endpoints.replay(actor=merchant.actor, dispatch_id=delivery.pk + 1, at=now)


def test_a_test_goes_to_one_endpoint_only(merchant, now):
    endpoint, other = EndpointFactory.create_batch(2, merchant=merchant.shop)

    sent = endpoints.send_test(actor=merchant.actor, endpoint_id=endpoint.pk, at=now)

    assert list(Dispatch.objects.values_list("pk", "endpoint")) == [(sent.pk, endpoint.pk)]
    assert Message.objects.get().due_at is None
    other.refresh_from_db()
    assert other.due_at is None


@pytest.fixture
def errand(merchant, now):
    DispatchFactory(endpoint=EndpointFactory(merchant=merchant.shop, due_at=now), created_at=now)
    return webhook_sending.take_due(now=now, room=1, slow_room=0)[0]


def test_who_comes_back_after_the_lease_writes_nothing(errand, now):
    later = now + timedelta(seconds=61)
    taken_over = webhook_sending.take_due(now=later, room=1, slow_room=0)[0]

    assert not webhook_sending.finish(errand=errand, answer=Answer(status=500), at=later)
    assert not Attempt.objects.exists()
    assert webhook_sending.finish(errand=taken_over, answer=Answer(status=200), at=later)
    assert (Dispatch.objects.get().status, Dispatch.objects.get().attempts) == ("DELIVERED", 2)


def test_an_answer_that_arrives_when_it_was_switched_off_still_counts(errand, merchant, now):
    endpoints.switch_off(actor=merchant.actor, endpoint_id=errand.endpoint_id, at=now)

    assert webhook_sending.finish(errand=errand, answer=Answer(status=204), at=now)
    assert Dispatch.objects.get().status == "DELIVERED"
    assert Endpoint.objects.get().state == "DISABLED"


def test_a_failure_that_arrives_when_it_was_switched_off_changes_nothing(errand, merchant, now):
    endpoints.switch_off(actor=merchant.actor, endpoint_id=errand.endpoint_id, at=now)

    assert webhook_sending.finish(errand=errand, answer=Answer(error="timeout"), at=now)
    assert (Dispatch.objects.get().status, Endpoint.objects.get().failures) == ("DEAD", 0)


def test_a_message_whose_last_try_never_came_back_is_given_up(errand, now):
    Dispatch.objects.update(attempts=10)

    assert webhook_sending.take_due(now=now + timedelta(seconds=61), room=1, slow_room=0) == []
    assert (Dispatch.objects.get().status, Dispatch.objects.get().last_error) == ("DEAD", "cut_off")


def test_one_that_dawdles_shares_the_places_of_the_slow(errand, now):
    webhook_sending.finish(errand=errand, answer=Answer(status=200, took_ms=2_500), at=now)
    DispatchFactory(endpoint=Endpoint.objects.get(), created_at=now)
    Endpoint.objects.update(due_at=now)

    assert webhook_sending.take_due(now=now, room=5, slow_room=0) == []
    assert len(webhook_sending.take_due(now=now, room=0, slow_room=1)) == 1
