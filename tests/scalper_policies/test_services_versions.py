"""A policy's life: who may move it, what must have happened before, and that its text stays as approved."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.utils import DatabaseError

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.notices.models import Notice
from scalper_policies.models import PolicyVersion, Reach, VersionMove
from scalper_policies.rules.policy import Band, Verdict
from scalper_policies.services import versions
from tests.factories.scalper_policies import BacktestRunFactory, PolicyFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
HOLD = about("SKU-HOT", limits=(per_account(2),), bands=(Band(1, Verdict.HOLD, hours=24),))
REJECT = about("SKU-HOT", limits=(per_account(2),))


@pytest.fixture
def draft(merchant: Persona, now: datetime) -> PolicyVersion:
    return versions.create(actor=merchant.actor, merchant_id=merchant.shop.pk, name="首发", plain=HOLD, at=now)


def test_a_version_goes_from_draft_to_force_and_is_found_by_its_listings_only_while_it_lives(
    merchant: Persona, draft: PolicyVersion, now: datetime
) -> None:
    given: dict[str, Any] = {"actor": merchant.actor, "version_id": draft.pk}

    versions.submit(**given, at=now)
    versions.approve(**given, at=now)
    assert not Reach.objects.exists()
    versions.watch(**given, at=now)
    assert list(Reach.objects.values_list("sku", flat=True)) == ["SKU-HOT"]
    versions.try_out(**given, percent=10, at=now, acknowledged=True)
    versions.watch(**given, at=now)
    versions.enforce(**given, at=now + timedelta(days=7), acknowledged=True)
    versions.retire(**given, at=now + timedelta(days=8))

    assert not Reach.objects.exists()
    moves = list(VersionMove.objects.order_by("pk").values_list("move", "to_status"))
    assert moves == [
        ("write", "DRAFT"),
        ("submit", "SUBMITTED"),
        ("approve", "APPROVED"),
        ("watch", "SHADOW"),
        ("try_out", "CANARY"),
        ("watch", "SHADOW"),
        ("enforce", "ENFORCING"),
        ("retire", "RETIRED"),
    ]
    assert Entry.objects.filter(action__startswith="policy.").count() == 7
    assert set(Notice.objects.values_list("kind", flat=True)) == {"policy.submitted", "policy.approved"}


def test_what_rejects_orders_is_approved_by_the_marketplaces_staff(
    merchant: Persona, senior: Persona, now: datetime
) -> None:
    made = versions.create(actor=merchant.actor, merchant_id=merchant.shop.pk, name="首发", plain=REJECT, at=now)
    versions.submit(actor=merchant.actor, version_id=made.pk, at=now)

    with pytest.raises(NotAllowed):
        versions.approve(actor=merchant.actor, version_id=made.pk, at=now)
    with pytest.raises(Invalid):
        versions.send_back(actor=senior.actor, version_id=made.pk, at=now, note=" ")
    versions.send_back(actor=senior.actor, version_id=made.pk, at=now, note="数量太少")
    versions.submit(actor=merchant.actor, version_id=made.pk, at=now)
    versions.approve(actor=senior.actor, version_id=made.pk, at=now)

    made.refresh_from_db()
    assert (made.status, made.approved_by) == ("APPROVED", "Sam Senior")


def test_where_a_shop_has_two_owners_the_author_does_not_approve(
    merchant: Persona, member: Callable[..., Persona], draft: PolicyVersion, now: datetime
) -> None:
    other = member(merchant.shop, "OWNER")

    with pytest.raises(NotAllowed):
        versions.approve(actor=merchant.actor, version_id=draft.pk, at=now)
    assert versions.approve(actor=other.actor, version_id=draft.pk, at=now).status == "APPROVED"


@pytest.mark.parametrize("who", ["onlooker", "rival", "reviewer"])
def test_strangers_move_nothing(who: str, request: pytest.FixtureRequest, draft: PolicyVersion, now: datetime) -> None:
    actor = request.getfixturevalue(who).actor

    for command in (versions.submit, versions.approve, versions.watch, versions.enforce, versions.retire):
        with pytest.raises(NotAllowed):
            command(actor=actor, version_id=draft.pk, at=now)

    draft.refresh_from_db()
    assert draft.status == "DRAFT"
    assert VersionMove.objects.count() == 1


def test_a_policy_with_errors_is_not_approved(merchant: Persona, now: datetime) -> None:
    empty = dict(HOLD) | {"scope": {"skus": []}}
    made = versions.create(actor=merchant.actor, merchant_id=merchant.shop.pk, name="空", plain=empty, at=now)

    with pytest.raises(Conflict):
        versions.approve(actor=merchant.actor, version_id=made.pk, at=now)


@pytest.mark.parametrize(
    ("days", "status"), [(0, "SHADOW"), (6.99, "SHADOW"), (7, "ENFORCING")], ids=["at once", "too early", "a week"]
)
def test_what_holds_orders_is_watched_for_a_week_first(
    merchant: Persona, now: datetime, days: float, status: str
) -> None:
    version = VersionFactory(
        merchant=merchant.shop, status="SHADOW", terms=HOLD, acts_since=None, watched_since=now - timedelta(days=days)
    )
    try:
        versions.enforce(actor=merchant.actor, version_id=version.pk, at=now, acknowledged=True)
    except Conflict:
        assert status == "SHADOW"
    version.refresh_from_db()
    assert version.status == status


def test_operations_may_decide_otherwise_with_a_reason(merchant: Persona, staff: Persona, now: datetime) -> None:
    version = VersionFactory(merchant=merchant.shop, status="APPROVED", terms=HOLD, acts_since=None)

    with pytest.raises(Invalid):
        versions.enforce(actor=staff.actor, version_id=version.pk, at=now)
    versions.enforce(actor=staff.actor, version_id=version.pk, at=now, note="今晚首发")

    assert VersionMove.objects.get(move="enforce").note == "今晚首发"


def test_a_version_in_force_takes_the_place_of_the_one_before(merchant: Persona, now: datetime) -> None:
    policy = PolicyFactory(merchant=merchant.shop)
    old = VersionFactory(merchant=merchant.shop, policy=policy, terms=HOLD)
    new = VersionFactory(
        merchant=merchant.shop, policy=policy, number=2, status="SHADOW", terms=HOLD,
        watched_since=now - timedelta(days=9),
    )  # fmt: skip
    BacktestRunFactory(merchant=merchant.shop, version=new)

    versions.enforce(actor=merchant.actor, version_id=new.pk, at=now, acknowledged=True)

    old.refresh_from_db()
    assert old.status == "RETIRED"
    assert set(Reach.objects.values_list("version_id", flat=True)) == {new.pk}


def test_only_one_version_is_tried_at_a_time(merchant: Persona, now: datetime) -> None:
    policy = PolicyFactory(merchant=merchant.shop)
    VersionFactory(merchant=merchant.shop, policy=policy, status="SHADOW", terms=HOLD)
    second = VersionFactory(merchant=merchant.shop, policy=policy, number=2, status="APPROVED", terms=HOLD)

    with pytest.raises(Conflict):
        versions.watch(actor=merchant.actor, version_id=second.pk, at=now)


def test_the_sweep_ends_what_is_over_and_nothing_else(merchant: Persona, now: datetime) -> None:
    over = VersionFactory(merchant=merchant.shop, terms=about("A", limits=(per_account(1),), scope={"ends_at": now}))
    later = {"ends_at": now + timedelta(seconds=1)}
    runs = VersionFactory(merchant=merchant.shop, terms=about("A", limits=(per_account(1),), scope=later))

    assert versions.expire_due(now=now) == 1
    assert versions.expire_due(now=now) == 0

    over.refresh_from_db()
    runs.refresh_from_db()
    assert (over.status, runs.status) == ("EXPIRED", "ENFORCING")
    assert Notice.objects.get().kind == "policy.expired"


def test_the_database_keeps_an_approved_text_as_it_is(merchant: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop, terms=HOLD)

    with pytest.raises(DatabaseError):
        PolicyVersion.objects.filter(pk=version.pk).update(terms=REJECT)


def test_the_database_refuses_two_versions_in_force(merchant: Persona) -> None:
    policy = PolicyFactory(merchant=merchant.shop)
    VersionFactory(merchant=merchant.shop, policy=policy)

    with pytest.raises(IntegrityError):
        VersionFactory(merchant=merchant.shop, policy=policy, number=2)
    connection.needs_rollback = False


def test_terms_that_are_none_are_refused_by_part(merchant: Persona, now: datetime) -> None:
    for plain, field in (
        ({"scope": {"skus": 7}}, "scope"),
        ({"limits": [{"id": "x"}]}, "limits"),
        ({"colour": "red"}, "colour"),
        ({"scope": {"starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"}}, "ends_at"),
    ):
        with pytest.raises(Invalid) as refused:
            versions.create(actor=merchant.actor, merchant_id=merchant.shop.pk, name="x", plain=plain, at=now)
        assert list(refused.value.fields) == [field]
    assert not PolicyVersion.objects.exists()
