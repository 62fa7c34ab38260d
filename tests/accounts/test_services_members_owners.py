"""A shop always keeps an owner, whoever changes what at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from unittest import mock

import pytest
from django.db import connection

from merchant_protection.accounts import queries
from merchant_protection.accounts.models import Membership, Merchant
from merchant_protection.accounts.services import members
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed, NotFound
from tests.fixtures.people import Persona


def test_the_last_owner_stays_owner(merchant: Persona, now: datetime) -> None:
    assert merchant.shop is not None
    with tenancy.merchant(merchant.shop.pk):
        mine = Membership.objects.get(user=merchant.user)

        with pytest.raises(Conflict):
            members.change_role(actor=merchant.actor, membership_id=mine.pk, role="OPERATOR", at=now)
        with pytest.raises(Conflict):
            members.remove(actor=merchant.actor, membership_id=mine.pk, at=now)

        mine.refresh_from_db()
        assert (mine.role, mine.is_active, Entry.objects.count()) == ("OWNER", True, 0)


def test_appointing_the_last_owner_to_less_is_refused(merchant: Persona, staff: Persona, now: datetime) -> None:
    assert merchant.shop is not None
    with tenancy.platform(), pytest.raises(Conflict):
        members.appoint(
            actor=staff.actor, merchant_id=merchant.shop.pk, user_id=merchant.user.pk, role="READ_ONLY", at=now
        )

    with tenancy.platform():
        assert queries.owners_of(merchant.shop.pk).count() == 1
        assert Entry.objects.count() == 0


@pytest.mark.parametrize("who", ["operator", "onlooker"])
def test_only_owners_change_roles(merchant: Persona, who: str, request: pytest.FixtureRequest, now: datetime) -> None:
    person: Persona = request.getfixturevalue(who)
    assert merchant.shop is not None
    with tenancy.merchant(merchant.shop.pk):
        own = Membership.objects.get(user=person.user)

        with pytest.raises(NotAllowed):
            members.change_role(actor=person.actor, membership_id=own.pk, role="OWNER", at=now)

        own.refresh_from_db()
        assert own.role != "OWNER"
        assert Entry.objects.count() == 0


def test_a_rival_does_not_find_the_membership(merchant: Persona, rival: Persona, now: datetime) -> None:
    assert merchant.shop is not None
    assert rival.shop is not None
    with tenancy.platform():
        theirs = Membership.objects.get(user=merchant.user)

    with tenancy.merchant(rival.shop.pk), pytest.raises(NotFound):
        members.remove(actor=rival.actor, membership_id=theirs.pk, at=now)


def test_two_owners_who_demote_each_other_at_once_leave_one(
    transactional_db: None, merchant: Persona, member: Callable[..., Persona], now: datetime
) -> None:
    assert merchant.shop is not None

    assert _demote_each_other(merchant, member(merchant.shop, "OWNER"), now) == 1


def test_without_the_lock_the_shop_would_be_left_without_an_owner(
    transactional_db: None, merchant: Persona, member: Callable[..., Persona], now: datetime
) -> None:
    """The control: the race above is real."""
    assert merchant.shop is not None
    both_counted = threading.Barrier(2, timeout=20)

    def unlocked(merchant_id: int) -> Merchant:
        return Merchant.objects.get(pk=merchant_id)

    count = queries.owners_of

    def counted(merchant_id: int) -> mock.Mock:
        found = count(merchant_id).count()
        both_counted.wait()
        return mock.Mock(count=lambda: found)

    with mock.patch.object(queries, "lock_merchant", unlocked), mock.patch.object(queries, "owners_of", counted):
        demoted = _demote(merchant, member(merchant.shop, "OWNER"), now)

    assert demoted == 2
    with tenancy.platform():
        assert count(merchant.shop.pk).count() == 0


def _demote_each_other(first: Persona, second: Persona, now: datetime) -> int:
    assert first.shop is not None
    assert _demote(first, second, now) == 1
    with tenancy.platform():
        return queries.owners_of(first.shop.pk).count()


def _demote(first: Persona, second: Persona, now: datetime) -> int:
    """Let both try at the same moment and return how many were let."""
    assert first.shop is not None
    shop = first.shop.pk
    start = threading.Barrier(2, timeout=20)

    def demote(pair: tuple[Persona, Persona]) -> bool:
        by, whom = pair
        try:
            with tenancy.merchant(shop):
                actor = by.actor
                membership = Membership.objects.get(user=whom.user)
                start.wait()
                members.change_role(actor=actor, membership_id=membership.pk, role="OPERATOR", at=now)
                return True
        except Conflict:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(demote, [(first, second), (second, first)]))
