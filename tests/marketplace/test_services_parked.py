"""A parked event is taken up again by operations, and by nobody else."""

from datetime import datetime
from typing import Any

import pytest

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, NotAllowed, NotFound
from merchant_protection.marketplace.models import InboxEvent
from merchant_protection.marketplace.services import parked
from tests.factories.base import PlatformFactory
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")


class InboxEventFactory(PlatformFactory):
    """A parked event of a shop."""

    class Meta:
        model = InboxEvent

    event_id = "e-1"
    type = "order.changed"
    object_key = "order:1"
    object_version = 1
    body: dict[str, Any] = {}
    digest = "0" * 64
    status = InboxEvent.Status.PARKED
    attempts = 5
    last_error = "ValueError"


@pytest.fixture
def event(merchant: Persona, now: datetime) -> InboxEvent:
    source = InboundSourceFactory(merchant=merchant.shop)
    return InboxEventFactory(merchant=merchant.shop, source=source, occurred_at=now, received_at=now)


def test_a_parked_event_waits_again_with_all_its_tries(event: InboxEvent, staff: Persona, now: datetime) -> None:
    parked.try_again(event_id=event.pk, actor=staff.actor, at=now)

    event.refresh_from_db()
    assert (event.status, event.due_at, event.attempts, event.last_error) == ("PENDING", now, 0, "")
    entry = Entry.objects.get(action="event.tried_again")
    assert (entry.merchant_id, entry.before) == (event.merchant_id, {"error": "ValueError"})


@pytest.mark.parametrize("name", ["merchant", "reviewer", "senior", "trainer"])
def test_only_operations_take_it_up(
    name: str, event: InboxEvent, now: datetime, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        parked.try_again(event_id=event.pk, actor=request.getfixturevalue(name).actor, at=now)

    event.refresh_from_db()
    assert event.status == "PARKED"


def test_what_is_not_parked_stays_as_it_is(event: InboxEvent, staff: Persona, now: datetime) -> None:
    parked.try_again(event_id=event.pk, actor=staff.actor, at=now)

    with pytest.raises(Conflict):
        parked.try_again(event_id=event.pk, actor=staff.actor, at=now)

    assert Entry.objects.filter(action="event.tried_again").count() == 1


def test_an_unknown_event_is_not_found(staff: Persona, now: datetime) -> None:
    with pytest.raises(NotFound):
        parked.try_again(event_id=0, actor=staff.actor, at=now)
