"""Many orders at once in one queue: every place once, no two due at the same moment; without the hold, they are."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from scalper_policies.models import OrderDecision, Queue
from scalper_policies.rules.policy import SaleMode
from scalper_policies.services import queueing, reserving
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import at_once, decide

pytestmark = pytest.mark.usefixtures("transactional_db")
MANY = 8
# The same written as two steps: what another order does between them is not seen.
LOOK, WRITE = (
    "SELECT last_place + 1, last_due_at FROM scalper_policies_queue WHERE policy_id = %(policy)s",
    "UPDATE scalper_policies_queue SET last_place = %(place)s WHERE policy_id = %(policy)s",
)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine of two cores is no reason to fail: what is shown here is who gets which place."""
    for name in ("FINE_WAIT", "COARSE_WAIT", "LONGEST_STATEMENT"):
        monkeypatch.setattr(reserving, name, timedelta(seconds=60))


def places(prefix: str) -> list[dict[str, Any]]:
    with tenancy.platform():
        rows = OrderDecision.objects.filter(number__startswith=prefix).values_list("answers", flat=True)
        return sorted((row[0]["queue"] for row in rows), key=lambda place: int(place["place"]))


def test_eight_at_once_get_eight_places_and_the_same_place_twice_without_the_hold(
    merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = about("SKU-HOT", limits=(per_account(5),), mode=SaleMode.QUEUE, queue_per_minute=6)
    VersionFactory(merchant=merchant.shop, terms=terms)

    verdicts = at_once(MANY, lambda index: decide(f"O-{index}", buyer=f"b{index}", at=now))

    assert verdicts == {"ALLOW": 1, "HOLD": MANY - 1}
    found = places("O-")
    assert [each["place"] for each in found] == list(range(1, MANY + 1))
    due = [datetime.fromisoformat(each["due_at"]) for each in found]
    assert {later - earlier for earlier, later in pairwise(due)} == {timedelta(seconds=10)}
    monkeypatch.setattr(queueing, "_take", _looked_then_written)

    at_once(MANY, lambda index: decide(f"P-{index}", buyer=f"c{index}", at=now))

    assert len({each["place"] for each in places("P-")}) < MANY
    with tenancy.platform():
        assert Queue.objects.count() == 1


def _looked_then_written(shop: int, each: Any) -> Any:
    given = {"policy": each.version.policy_id}
    with connection.cursor() as cursor:
        cursor.execute(LOOK, given)
        place, due_at = cursor.fetchone()
        cursor.execute("SELECT pg_sleep(0.2)")
        cursor.execute(WRITE, given | {"place": place})
    return queueing.Place(place, due_at)
