"""What a shop's own systems hear of platform actions: that one waits, was done or failed; a buyer only masked."""

import pytest

from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.services.actions import moving
from merchant_protection.notices.models import Message
from tests.marketplace.conftest import CLOCK


@pytest.fixture(autouse=True)
def _everybodys(platform_scope, platform):
    """The test sees all rows."""


def test_an_action_that_waits_and_one_that_was_done_are_told_once(ask, now):
    waiting, sent = ask("delist", "SKU-1", mode="APPROVE"), ask("delist", "SKU-2")
    ask("delist", "SKU-3", mode="SHADOW")
    with transaction():
        moving.note(waiting, "look", actor=CLOCK, at=now)
        moving.move(sent, "confirm", actor=CLOCK, at=now)

    told = [(each.kind, each.subject_id, each.params["target"]) for each in Message.objects.order_by("pk")]
    assert told == [("action.waiting", str(waiting.pk), "SKU-1"), ("action.confirmed", str(sent.pk), "SKU-2")]


def test_of_a_buyer_only_the_mask_is_told(ask):
    ask("restrict_buyer", "buyer-77134821", mode="APPROVE", value={"restricted": {"until": "2027-01-01"}})

    assert "buyer-77134821" not in str(Message.objects.values())
    assert Message.objects.get().params["target"].endswith("4821")
