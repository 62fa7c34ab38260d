"""Alive, ready, and how much work waits."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.db import Error
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from merchant_protection.embedded.redis_server import RedisServer
from merchant_protection.foundation import heartbeats
from merchant_protection.home import queries
from merchant_protection.notices.models import Delivery
from tests.factories.base import PlatformFactory
from tests.factories.notices import DispatchFactory, EndpointFactory, MessageFactory

LACKING = mock.Mock(**{"migration_plan.return_value": [1]})


class DeliveryFactory(PlatformFactory):
    class Meta:
        model = Delivery

    channel = "EMAIL"
    recipient = "owner@a.example"
    created_at = timezone.now()


def test_the_process_says_it_is_alive_without_a_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_a_page_that_names_no_icon_has_one(client: Client) -> None:
    answer = client.get("/favicon.ico")

    assert re.fullmatch(r"/static/portal/favicon\.\w+\.svg|/static/portal/favicon\.svg", answer["Location"])
    assert answer["Cache-Control"] == "public, max-age=86400"


@pytest.mark.django_db
def test_ready_when_the_database_is_there_and_migrated(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"]) == (200, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer", [{"side_effect": Error}, {"return_value": mock.Mock(**{"migration_plan.return_value": [1]})}]
)
def test_not_ready_without_the_database_or_with_migrations_missing(client: Client, answer: dict[str, object]) -> None:
    with mock.patch.object(queries, "MigrationExecutor", **answer):
        response = client.get("/readyz")

    assert (response.status_code, response.json()["ready"]) == (503, False)
    assert len(response.json()["faults"]) == 1


def test_a_missing_broker_is_told_and_stops_nobody(client: Client, broker: RedisServer) -> None:
    broker.stop()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["faults"][0]) == (200, "the broker does not answer")


@pytest.mark.django_db
def test_loops_and_sweeps_that_stand_still_are_told(client: Client) -> None:
    heartbeats.beat("marketplace.decide", at=timezone.now() - timedelta(minutes=2))
    heartbeats.beat("marketplace.act", at=timezone.now())
    heartbeats.beat("marketplace.services.deciding.catch_up", at=timezone.now())

    faults = client.get("/readyz").json()["faults"]

    (told,) = [fault for fault in faults if "looked" in fault]
    assert re.fullmatch(r"marketplace\.decide has not looked for work for 1[2-9]\d s", told)
    assert not [fault for fault in faults if "sweep" in fault]


@pytest.mark.django_db
def test_metrics_tell_what_is_due_and_for_how_long(client: Client) -> None:
    DeliveryFactory(due_at=timezone.now() - timedelta(minutes=10))
    DeliveryFactory(due_at=timezone.now() + timedelta(minutes=10))

    told = client.get("/metrics").content.decode()

    assert 'portal_work_due{table="notices_delivery"} 1.0' in told
    assert 'portal_work_oldest_seconds{table="notices_delivery"} 60' in told


@pytest.mark.django_db
def test_metrics_tell_how_far_webhooks_lag_behind(client: Client) -> None:
    at = timezone.now()
    ten_minutes_ago, an_hour_ago = at - timedelta(minutes=10), at - timedelta(hours=1)
    MessageFactory(due_at=ten_minutes_ago)
    MessageFactory(due_at=None)
    DispatchFactory(endpoint=EndpointFactory(due_at=ten_minutes_ago), due_at=ten_minutes_ago)
    DispatchFactory(delivered=True)
    resting = EndpointFactory(due_at=an_hour_ago, rests_until=at + timedelta(minutes=5))
    DispatchFactory(endpoint=resting, due_at=an_hour_ago)
    paused = EndpointFactory(due_at=an_hour_ago, state="PAUSED", reason="OWNER")
    DispatchFactory(endpoint=paused, due_at=an_hour_ago)

    told = client.get("/metrics").content.decode()

    assert 'portal_webhooks_due{place="promised"} 1.0' in told
    assert 'portal_webhooks_due{place="mailbox"} 2.0' in told
    assert re.search(r'portal_webhooks_lag_seconds\{place="promised"\} 6\d\d\.', told)
    assert re.search(r'portal_webhooks_lag_seconds\{place="mailbox"\} 6\d\d\.', told)


@pytest.mark.django_db
def test_metrics_are_not_for_everybody(client: Client, settings: Settings) -> None:
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.1").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 404

    settings.METRICS_TOKEN = "measure"

    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer measure"}).status_code == 200
