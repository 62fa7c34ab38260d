"""What a shop's own systems are told of orders, policies and appeals: once, and nothing of what was taken back."""

from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices.models import Message
from merchant_protection.risk.services import appealing
from scalper_policies.models import OrderDecision
from scalper_policies.rules.policy import Band, Verdict
from scalper_policies.services import deciding, noting, overruling, versions
from tests.factories.marketplace import SellingPlatformFactory
from tests.factories.notices import EndpointFactory
from tests.factories.scalper_policies import OrderDecisionFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, at_once, decide, question

pytestmark = pytest.mark.django_db
HOLD = about("SKU-HOT", limits=(per_account(1),), bands=(Band(1, Verdict.HOLD, hours=6),))
REJECT = about("SKU-HOT", limits=(per_account(1),))


def told() -> list[tuple[str, str, Any]]:
    with tenancy.platform():
        return [(each.kind, each.subject_id, each.params) for each in Message.objects.order_by("pk")]


def kinds() -> list[str]:
    return [kind for kind, _subject, _params in told()]


@pytest.fixture
def listening(merchant: Persona) -> None:
    EndpointFactory(merchant=merchant.shop, kinds=["decision.held", "decision.rejected"])


@transaction
def decide_and_die(*, at: datetime) -> None:
    """Decide about an order, and lose the process before the commit."""
    asked = question("O-1", units=2, buyer="b")
    with ExitStack() as sending:
        deciding._made(sending, asked, CLOCK, at=at, source="ASKED", told=None, coarse=False)
    raise ConnectionError


@pytest.mark.parametrize(("terms", "kind"), [(HOLD, "decision.held"), (REJECT, "decision.rejected")])
def test_a_stopped_order_is_told_once_and_one_that_passes_is_not(
    merchant: Persona, listening: None, terms: Any, kind: str
) -> None:
    VersionFactory(merchant=merchant.shop, terms=terms)

    decide("O-1", buyer="b")
    stopped = [decide("O-2", units=2, buyer="b") for _again in range(2)]

    assert kinds() == [kind]
    _kind, subject, params = told()[0]
    assert (subject, params["order"], params["rules"]) == (str(stopped[0].pk), "O-2", ["account"])


def test_a_shop_whose_systems_do_not_ask_for_it_pays_nothing_for_it(merchant: Persona) -> None:
    EndpointFactory(merchant=merchant.shop, kinds=["claim.decided"])
    EndpointFactory(merchant=merchant.shop, kinds=["decision.held"], state="DISABLED", reason="OWNER")
    VersionFactory(merchant=merchant.shop, terms=HOLD)

    decide("O-1", units=2, buyer="b")

    assert told() == []


def test_what_is_taken_back_is_not_told(
    merchant: Persona, listening: None, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    version = VersionFactory(merchant=merchant.shop, terms=HOLD)
    given: dict[str, Any] = {"actor": merchant.actor, "version_id": version.pk, "at": now}

    def broken(*_: Any, **__: Any) -> None:
        raise ConnectionError("gone before the commit")

    with tenancy.platform():
        with pytest.raises(Conflict):
            versions.approve(**given)
        monkeypatch.setattr("scalper_policies.services.versions.audit.record", broken)
        with pytest.raises(ConnectionError):
            versions.retire(**given)
        with pytest.raises(ConnectionError):
            decide_and_die(at=now)

    assert told() == []
    with tenancy.platform():
        assert not OrderDecision.objects.exists()


def test_each_step_of_a_policy_is_told(merchant: Persona, now: datetime) -> None:
    given: dict[str, Any] = {"actor": merchant.actor, "at": now}
    with tenancy.platform():
        made = versions.create(merchant_id=merchant.shop.pk, name="首发", plain=HOLD, **given)
        versions.approve(version_id=made.pk, **given)
        versions.watch(version_id=made.pk, **given)
        versions.retire(version_id=made.pk, **given)

    assert [(subject, params["move"], params["status"]) for _kind, subject, params in told()] == [
        (str(made.policy_id), "approve", "APPROVED"),
        (str(made.policy_id), "watch", "SHADOW"),
        (str(made.policy_id), "retire", "RETIRED"),
    ]
    assert told()[0][2]["policy"] == "首发"


def test_an_order_let_go_and_an_overruled_answer_are_told(merchant: Persona, staff: Persona, now: datetime) -> None:
    SellingPlatformFactory()
    held, other = (OrderDecisionFactory(merchant=merchant.shop, verdict="HOLD") for _ in range(2))
    with tenancy.platform():
        noting.release(actor=merchant.actor, decision_id=held.pk, at=now)
        overruling.overrule_answer(
            actor=staff.actor, decision_id=other.pk, verdict="ALLOW", until=now + timedelta(days=1), reason="ok", at=now
        )

    found = [each for each in told() if each[0].startswith("decision.")]
    assert [(kind, subject, params["verdict"]) for kind, subject, params in found] == [
        ("decision.released", str(held.pk), "hold"),
        ("decision.overruled", str(other.pk), "allow"),
    ]


def test_an_appeal_is_told_when_it_comes_and_when_it_is_answered(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    complaint = appealing.Complaint(merchant.shop.pk, reference="A-1", words="我是老客户", decision_id="7")
    with tenancy.platform():
        made = [appealing.appeal(complaint, actor=merchant.actor, at=now) for _again in range(2)]
        appealing.uphold(appeal_id=made[0].pk, actor=reviewer.actor, at=now, note="ordinary buyer")
        with pytest.raises(Conflict):
            appealing.dismiss(appeal_id=made[0].pk, actor=reviewer.actor, at=now, note="again")

    assert [(kind, params["status"]) for kind, _subject, params in told()] == [
        ("appeal.opened", "OPEN"),
        ("appeal.answered", "UPHELD"),
    ]
    assert "words" not in told()[0][2]


@pytest.mark.usefixtures("transactional_db")
def test_one_order_asked_about_by_many_at_once_is_told_once(merchant: Persona, listening: None) -> None:
    VersionFactory(merchant=merchant.shop, terms=REJECT)

    verdicts = at_once(8, lambda _: decide("O-1", units=2, buyer="b"))

    assert verdicts == {"REJECT": 8}
    assert kinds() == ["decision.rejected"]


def test_the_clock_tells_of_a_launch_that_is_over(merchant: Persona, now: datetime) -> None:
    VersionFactory(merchant=merchant.shop, terms=HOLD, ends_at=now)
    with tenancy.platform():
        assert versions.expire_due(now=now) == 1

    assert [params["move"] for _kind, _subject, params in told()] == ["expire"]
