"""What is promised to merchants' own systems: once, in order, to whom it concerns, and nothing personal."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices.models import Dispatch, Endpoint, EndpointSecret, Message
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.services import webhook_sending, webhooks
from tests.factories.notices import DispatchFactory, EndpointFactory, MessageFactory
from tests.fixtures.people import Persona

PERSONAL = ("name", "phone", "address", "email", "recipient", "buyer", "holder", "ip", "device", "user")


def promise(shop_id: int, at: datetime, **more: Any) -> bool:
    with transaction():
        told = {"kind": "claim.decided", "subject_id": 7, "params": {"status": "UPHELD"}} | more
        return webhooks.promise(merchant_id=shop_id, at=at, **told)


def test_a_message_is_promised_once_whether_or_not_an_endpoint_listens(platform_scope, merchant, now):
    assert [promise(merchant.shop.pk, now, dedupe_key="7-1") for _again in range(2)] == [True, False]
    assert [promise(merchant.shop.pk, now) for _again in range(2)] == [True, True], "without a key each is its own"

    message = Message.objects.earliest("pk")
    assert (message.kind, message.subject_id, message.version) == ("claim.decided", "7", 1)
    assert webhooks.hand_out(now=now) == 3
    assert not Dispatch.objects.exists()
    assert webhooks.hand_out(now=now) == 0


@pytest.mark.parametrize("more", [{"kind": "claim.unheard_of"}, {"params": {"recipient": "Ann"}}])
def test_a_kind_or_fact_that_is_not_registered_is_refused(platform_scope, merchant, now, more):
    with pytest.raises(ValueError, match="webhook_kinds"):
        promise(merchant.shop.pk, now, **more)

    assert not Message.objects.exists()


@pytest.mark.parametrize("name", settings.WEBHOOK_KINDS)
def test_no_kind_carries_a_personal_fact(name):
    facts = {part for fact in settings.WEBHOOK_KINDS[name].fields for part in fact.split("_")}

    assert not facts & set(PERSONAL)


def test_only_endpoints_of_the_shop_that_want_the_kind_are_told(platform_scope, merchant, rival, now):
    wants = EndpointFactory(merchant=merchant.shop)
    paused = EndpointFactory(merchant=merchant.shop, state="PAUSED", reason="OWNER")
    EndpointFactory(merchant=merchant.shop, kinds=["claim.submitted"])
    EndpointFactory(merchant=merchant.shop, state="DISABLED", reason="OWNER")
    EndpointFactory(merchant=merchant.shop, kinds=[])
    EndpointFactory(merchant=rival.shop)
    promise(merchant.shop.pk, now)

    webhooks.hand_out(now=now)

    assert set(Dispatch.objects.values_list("endpoint", flat=True)) == {wants.pk, paused.pk}
    wants.refresh_from_db()
    paused.refresh_from_db()
    assert (wants.due_at, paused.due_at) == (now, None)


def test_what_is_about_the_same_arrives_in_order_and_others_pass_by(platform_scope, merchant, now):
    endpoint = EndpointFactory(merchant=merchant.shop)
    for subject in (1, 2, 1):
        promise(merchant.shop.pk, now, subject_id=subject)
    webhooks.hand_out(now=now)
    first, other, second = Dispatch.objects.order_by("pk")
    Dispatch.objects.filter(pk=first.pk).update(due_at=now + timedelta(hours=1))

    assert [each.pk for each in queries.pending(endpoint.pk).order_by("pk")] == [first.pk, other.pk]
    assert queries.first_due(endpoint.pk, now) == other
    Dispatch.objects.filter(pk=first.pk).update(status="DEAD", due_at=None, finished_at=now)
    assert second in queries.pending(endpoint.pk)


def test_handing_out_costs_the_same_for_one_message_and_for_fifty(platform_scope, merchant, now):
    EndpointFactory(merchant=merchant.shop)
    costs = []
    for many in (1, 50):
        for n in range(many):
            promise(merchant.shop.pk, now, subject_id=n)
        with CaptureQueriesContext(connection) as asked:
            webhooks.hand_out(now=now)
        costs.append(len(asked))

    assert costs[0] == costs[1]
    assert Dispatch.objects.count() == 51


def test_messages_are_forgotten_after_thirty_days_with_their_deliveries(platform_scope, now):
    old = DispatchFactory(dead=True, message__at=now - timedelta(days=30, seconds=1))
    young = DispatchFactory(message__at=now - timedelta(days=29))
    MessageFactory(at=now - timedelta(days=31))

    assert webhooks.forget_old(now=now) == 2
    assert list(Dispatch.objects.all()) == [young]
    assert not Message.objects.filter(pk=old.message_id).exists()


def test_one_message_that_cannot_be_written_holds_up_no_other(platform_scope, merchant, now):
    torn = EndpointFactory(merchant=merchant.shop)
    torn.secrets.update(secret_sealed="torn")
    well = EndpointFactory(merchant=merchant.shop)
    promise(merchant.shop.pk, now)
    webhooks.hand_out(now=now)

    errands = webhook_sending.take_due(now=now, room=5, slow_room=5)

    assert [each.endpoint_id for each in errands] == [well.pk]
    stuck = torn.dispatches.get()
    assert (stuck.status, stuck.attempts, stuck.last_error) == ("PENDING", 1, "not_written")
    assert stuck.due_at > now


@pytest.fixture
def mailboxes(transactional_db: None, merchant: Persona, now: datetime) -> list[Endpoint]:
    with tenancy.platform():
        made = [EndpointFactory(merchant=merchant.shop) for _n in range(6)]
        promise(merchant.shop.pk, now)
        webhooks.hand_out(now=now)
    return made


def take_at_once(now: datetime, hands: int = 8) -> list[int]:
    """Let many drains reach into the mailboxes at once."""

    def take(_hand: int) -> list[int]:
        try:
            with tenancy.platform():
                errands = webhook_sending.take_due(now=now, room=6, slow_room=6)
                return [errand.endpoint_id for errand in errands]
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        return sorted(pk for taken in pool.map(take, range(hands)) for pk in taken)


def test_of_eight_drains_at_once_each_endpoint_is_called_by_one(mailboxes: list[Endpoint], now: datetime) -> None:
    assert take_at_once(now) == [each.pk for each in mailboxes]


def test_without_the_lock_two_would_call_the_same(
    mailboxes: list[Endpoint], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(endpoint_id: int, *, now: datetime, slow: bool) -> Endpoint | None:
        return queries.mailboxes_due(now, slow=slow).filter(pk=endpoint_id).select_related("merchant").first()

    def met(endpoint_id: int, at: datetime) -> list[EndpointSecret]:
        both.wait(30)  # each has looked into the mailbox, neither has written
        return secrets(endpoint_id, at)

    both, secrets = threading.Barrier(2), queries.live_secrets
    monkeypatch.setattr(queries, "take_mailbox", unlocked)
    monkeypatch.setattr(queries, "live_secrets", met)

    taken = take_at_once(now, hands=2)

    assert len(taken) == 2 * len(mailboxes)
