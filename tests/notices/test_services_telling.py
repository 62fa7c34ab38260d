"""Telling a shop something: once, in the inbox, and by mail to whom it is owed."""

import pytest

from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices.models import Delivery, Notice, Preference
from merchant_protection.notices.services import telling

pytestmark = pytest.mark.usefixtures("platform_scope")
KIND = "import.finished"


@pytest.fixture
def queue(merchant, now):
    @transaction
    def queued(**more):
        return telling.queue(**{"merchant_id": merchant.shop.pk, "kind": KIND, "at": now} | more)

    return queued


def mailed():
    return sorted(Delivery.objects.values_list("recipient", flat=True))


def test_a_notice_comes_into_the_inbox_and_by_mail_to_every_member(queue, operator, onlooker, rival):
    notice = queue(params={"file": "a.csv"}, path="/m/imports/1/", subject_id=1)

    assert (notice.params, notice.subject_id, notice.archived_at) == ({"file": "a.csv"}, "1", None)
    assert mailed() == ["onlooker@a.example", "operator@a.example", "owner@a.example"]
    assert not Delivery.objects.exclude(status="PENDING", notice=notice, body_sealed="").exists()


def test_the_same_thing_is_told_once(queue):
    assert queue(dedupe_key="file-1") is not None

    assert queue(dedupe_key="file-1") is None
    assert queue(dedupe_key="file-2") is not None
    assert (Notice.objects.count(), len(mailed())) == (2, 2)


@pytest.mark.parametrize(
    ("urgency", "wish", "gets"),
    [
        ("CRITICAL", False, True),
        ("CRITICAL", None, True),
        ("NORMAL", None, True),
        ("NORMAL", False, False),
        ("NORMAL", True, True),
        ("QUIET", None, False),
        ("QUIET", True, True),
        ("QUIET", False, False),
    ],
)
def test_who_gets_it_by_mail(queue, merchant, urgency, wish, gets):
    if wish is not None:
        Preference.objects.create(merchant=merchant.shop, user=merchant.user, kind=KIND, by_email=wish)

    queue(urgency=urgency)

    assert (mailed() == [merchant.user.email]) is gets


def test_who_left_the_shop_or_the_portal_gets_nothing(queue, merchant, operator, onlooker):
    operator.user.is_active = False
    operator.user.save(update_fields=["is_active"])
    onlooker.shop.memberships.filter(user=onlooker.user).update(is_active=False)

    queue()

    assert mailed() == ["owner@a.example"]
