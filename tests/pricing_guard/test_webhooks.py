"""The shop's own systems hear of each move of an incident once, in order, and of nothing that did not happen."""

from datetime import timedelta

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing
from merchant_protection.notices.models import Message
from merchant_protection.notices.services import webhooks
from pricing_guard.lifecycle import INCIDENT_MOVES
from pricing_guard.models import Incident
from pricing_guard.services.incidents import announcing, answering
from pricing_guard.services.watching import prices
from tests.pricing_guard.conftest import act, guarded, listing, price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


def told() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind__startswith="price_incident.").order_by("pk")
    return [(row.kind.removeprefix("price_incident."), row.params["status"]) for row in rows]


@pytest.fixture
def doubted(tell, merchant, now):
    """A listing whose price has just fallen below its floor, of a policy that asks first."""
    guarded(merchant.shop, merchant, at=now, mode="APPROVE", floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    tell(price("700.00", 2, at=now))
    return Incident.objects.get()


def test_every_move_has_its_message() -> None:
    assert set(announcing.KINDS) == {"open", *INCIDENT_MOVES}


def test_a_whole_life_is_told_move_by_move_with_its_facts(doubted, merchant, market, now):
    answer = {"incident_id": doubted.pk, "actor": merchant.actor}

    answering.stop(**answer, at=now)
    act(now)
    answering.restore(**answer, at=now + timedelta(minutes=1))
    answering.close(**answer, at=now + timedelta(minutes=2))

    life = [("opened", "SUSPECTED"), ("stopped", "TRIPPED"), ("restored", "RESTORED"), ("closed", "CLOSED")]
    assert told() == life
    first = Message.objects.get(kind="price_incident.opened")
    assert first.subject_id == str(doubted.pk)
    assert first.due_at is not None
    assert first.params == {
        "sku": "WM-1", "status": "SUSPECTED", "check": "BELOW_FLOOR", "severity": "SERIOUS", "mode": "APPROVE",
        "price": "700.00", "reference": "1299.00", "currency": "CNY", "cause": doubted.cause,
    }  # fmt: skip


def test_what_is_meant_or_put_right_is_told_as_that(doubted, tell, merchant, now):
    answering.mean(incident_id=doubted.pk, actor=merchant.actor, at=now, reason="CLEARANCE")
    tell(listing("WM-2"), price("1299.00", 1, sku="WM-2", at=now - timedelta(hours=2)))
    tell(price("700.00", 2, sku="WM-2", at=now))
    tell(price("1290.00", 3, sku="WM-2", at=now))

    kinds = [kind for kind, _ in told()]
    assert kinds == ["opened", "meant", "opened", "corrected"]


def test_many_opened_and_stopped_at_once_are_one_message_each_by_as_many_statements(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(*(listing(f"W-{n}") for n in range(12)))
    tell(*(price("1299.00", 1, sku=f"W-{n}", at=now - timedelta(hours=2)) for n in range(12)))
    tell(*(price("700.00", 2, sku=f"W-{n}", at=now, by="feed") for n in range(12)))

    incidents = Incident.objects.filter(status="TRIPPED")
    assert incidents.count() == 12
    for kind in ("opened", "stopped"):
        subjects = Message.objects.filter(kind=f"price_incident.{kind}").values_list("subject_id", flat=True)
        assert sorted(subjects) == sorted(str(one.pk) for one in incidents)


def test_a_look_that_is_rolled_back_tells_nothing(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    found = Listing.objects.get()
    Listing.objects.update(price=1, price_version=9)

    class Broken(Exception):
        pass

    @transaction
    def looked() -> None:
        prices.judge(merchant.shop.pk, [found.pk], at=now)
        assert told() == [("opened", "SUSPECTED"), ("stopped", "TRIPPED")]
        raise Broken

    with pytest.raises(Broken):
        looked()

    assert not told()
    assert not Incident.objects.exists()


def test_an_answer_that_is_refused_tells_nothing_more(doubted, merchant, now):
    with tenancy.platform(), pytest.raises(Conflict):
        answering.close(incident_id=doubted.pk, actor=merchant.actor, at=now)

    assert told() == [("opened", "SUSPECTED")]


def test_several_things_are_promised_at_once_and_each_once(merchant, now):
    news = [webhooks.News("price_incident.opened", {"sku": f"S-{n}"}, n, str(n)) for n in (1, 2)]

    @transaction
    def promised() -> int:
        return webhooks.promise_all(merchant_id=merchant.shop.pk, news=news, at=now)

    assert (promised(), promised()) == (2, 0)
