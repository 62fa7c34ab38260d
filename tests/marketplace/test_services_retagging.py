"""Stored addresses are tagged again when the words change: all of them, once, whoever works at it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from unittest import mock

import msgspec
import pytest
from django.db import connection, transaction

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.foundation.errors import Invalid, NotAllowed
from merchant_protection.marketplace.models import AddressList, Order, Retagging
from merchant_protection.marketplace.queries import address_lists as queries
from merchant_protection.marketplace.services import address_lists, deciding, retagging
from tests.factories.marketplace import InboundSourceFactory, OrderFactory
from tests.fixtures.people import Persona
from tests.marketplace.posting import event, post

WORDS = {"BLOCKED": ["莲花公寓"], "PARCEL_LOCKER": ["小黄柜"]}
SOON = address_lists.SETTLED


def order(person: Persona, address: str) -> Order:
    sealed = crypto.seal(msgspec.json.encode({"name": "张三", "phone": "13800000000", "address": address}).decode())
    return OrderFactory(merchant=person.shop, recipient_sealed=sealed)


def tags() -> dict[int, list[str]]:
    with tenancy.platform():
        return dict(Order.objects.exclude(recipient_sealed="").values_list("pk", "address_tags"))


def test_a_shops_new_words_tag_what_is_stored(
    merchant: Persona, rival: Persona, platform_scope: None, now: datetime
) -> None:
    ours = order(merchant, "上海市浦东新区莲花公寓 3 号丰巢")
    theirs = order(rival, "上海市浦东新区莲花公寓 3 号丰巢")

    address_lists.replace(merchant_id=merchant.shop.pk, words=WORDS, actor=merchant.actor, at=now)
    assert retagging.retag_due(now=now) == 0  # what is being taken in by the old words is waited for
    assert retagging.retag_due(now=now + SOON) == 1

    assert tags() == {ours.pk: ["PARCEL_LOCKER", "BLOCKED"], theirs.pk: []}
    work = queries.retagging_of(merchant.shop.pk)
    assert work is not None
    assert (work.due_at, work.finished_at, work.tagged) == (None, now + SOON, 1)
    assert retagging.retag_due(now=now + SOON * 2) == 0
    entry = Entry.objects.get(action="addresses.list_changed")
    assert (entry.merchant_id, entry.before, entry.after) == (merchant.shop.pk, {}, WORDS)


def test_words_that_are_taken_out_tag_no_more(merchant: Persona, platform_scope: None, now: datetime) -> None:
    found = order(merchant, "莲花公寓 3 号丰巢")
    address_lists.replace(merchant_id=merchant.shop.pk, words=WORDS, actor=merchant.actor, at=now)
    retagging.retag_due(now=now + SOON)

    address_lists.replace(merchant_id=merchant.shop.pk, words={}, actor=merchant.actor, at=now + SOON)
    retagging.retag_due(now=now + SOON * 2)

    assert tags() == {found.pk: ["PARCEL_LOCKER"]}


def test_the_platforms_words_tag_every_shops_addresses(
    merchant: Persona, rival: Persona, staff: Persona, platform_scope: None, now: datetime
) -> None:
    found = [order(person, "莲花公寓").pk for person in (merchant, rival)]

    address_lists.replace(merchant_id=None, words=WORDS, actor=staff.actor, at=now)
    retagging.retag_due(now=now + SOON)

    assert tags() == {pk: ["BLOCKED"] for pk in found}


def test_what_comes_in_is_tagged_by_the_words_in_force(merchant: Persona, platform_scope: None, now: datetime) -> None:
    InboundSourceFactory()
    address_lists.replace(merchant_id=merchant.shop.pk, words=WORDS, actor=merchant.actor, at=now)
    post(event(recipient={"name": "张三", "phone": "13800000000", "address": "上海市浦东新区莲花公寓 3 号丰巢"}))

    deciding.decide_due(now=now + timedelta(hours=1))

    assert list(tags().values()) == [["PARCEL_LOCKER", "BLOCKED"]]
    words = queries.in_force([merchant.shop.pk])[merchant.shop.pk]
    assert Order.objects.get().address_list_version == words.version
    assert retagging.retag_due(now=now + SOON) == 0


@pytest.mark.parametrize("who", ["onlooker", "rival", "reviewer"])
def test_who_may_not_changes_nothing(
    merchant: Persona, who: str, request: pytest.FixtureRequest, platform_scope: None, now: datetime
) -> None:
    person: Persona = request.getfixturevalue(who)

    for shop in (merchant.shop.pk, None):
        with pytest.raises(NotAllowed):
            address_lists.replace(merchant_id=shop, words=WORDS, actor=person.actor, at=now)

    assert (AddressList.objects.count(), Retagging.objects.count(), Entry.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("words", [{"": ["ab"]}, {"low": ["ab"]}, {"A B": ["ab"]}, {"TAG": ["x"]}, {"TAG": ["x" * 61]}])
def test_words_that_cannot_be_are_refused(
    merchant: Persona, words: dict[str, list[str]], platform_scope: None, now: datetime
) -> None:
    with pytest.raises(Invalid):
        address_lists.replace(merchant_id=merchant.shop.pk, words=words, actor=merchant.actor, at=now)

    assert AddressList.objects.count() == 0


def test_many_orders_are_tagged_in_parts_and_work_goes_on_where_it_was_left(
    merchant: Persona, platform_scope: None, now: datetime
) -> None:
    ids = [order(merchant, "莲花公寓").pk for _ in range(7)]
    address_lists.replace(merchant_id=merchant.shop.pk, words=WORDS, actor=merchant.actor, at=now)

    with mock.patch.object(retagging, "PART", 2), mock.patch.object(retagging, "PARTS_AT_ONCE", 2):
        first = retagging.retag_due(now=now + SOON)
        tagged = sorted(pk for pk, found in tags().items() if found)
        second = retagging.retag_due(now=now + SOON)

    assert (first, second, tagged) == (4, 3, ids[:4])
    assert all(found == ["BLOCKED"] for found in tags().values())


def test_a_failing_shop_holds_up_no_other_and_is_tried_again(
    merchant: Persona, rival: Persona, staff: Persona, platform_scope: None, now: datetime
) -> None:
    order(merchant, "莲花公寓")
    theirs = order(rival, "莲花公寓")
    address_lists.replace(merchant_id=None, words=WORDS, actor=staff.actor, at=now)
    real = retagging._retag_shop

    def failing(work: Retagging, *, now: datetime) -> int:
        if work.merchant_id == merchant.shop.pk:
            raise RuntimeError("broken")
        return real(work, now=now)

    with mock.patch.object(retagging, "_retag_shop", failing):
        assert retagging.retag_due(now=now + SOON) == 1
    assert [pk for pk, found in tags().items() if found] == [theirs.pk]

    assert retagging.retag_due(now=now + SOON + timedelta(minutes=5)) == 1


def test_an_address_that_cannot_be_opened_keeps_its_tags_and_holds_up_nothing(
    merchant: Persona, platform_scope: None, now: datetime
) -> None:
    torn = OrderFactory(merchant=merchant.shop, recipient_sealed="torn", address_tags=["POST_BOX"])
    whole = order(merchant, "莲花公寓")
    address_lists.replace(merchant_id=merchant.shop.pk, words=WORDS, actor=merchant.actor, at=now)

    retagging.retag_due(now=now + SOON)

    assert tags() == {torn.pk: ["POST_BOX"], whole.pk: ["BLOCKED"]}


def test_a_row_that_somebody_writes_meanwhile_is_tagged_by_the_next_turn(
    transactional_db: None, merchant: Persona, platform_scope: None, now: datetime
) -> None:
    held = order(merchant, "莲花公寓")
    free = order(merchant, "莲花公寓")
    address_lists.replace(merchant_id=merchant.shop.pk, words=WORDS, actor=merchant.actor, at=now)

    def work() -> None:
        with tenancy.platform():
            retagging.retag_due(now=now + SOON)
        connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Order.objects.select_for_update().get(pk=held.pk)
        pool.submit(work).result()
    assert tags() == {held.pk: [], free.pk: ["BLOCKED"]}

    retagging.retag_due(now=now + SOON + retagging.LOOKS_AGAIN_AFTER)
    assert tags() == {held.pk: ["BLOCKED"], free.pk: ["BLOCKED"]}


def test_four_workers_at_once_look_at_each_order_once(
    transactional_db: None, merchant: Persona, rival: Persona, staff: Persona, platform_scope: None, now: datetime
) -> None:
    for person in (merchant, rival):
        for _ in range(5):
            order(person, "莲花公寓")
    address_lists.replace(merchant_id=None, words=WORDS, actor=staff.actor, at=now)

    def work(_: int) -> int:
        try:
            with tenancy.platform():
                return retagging.retag_due(now=now + SOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        looked_at = sum(pool.map(work, range(4)))

    assert looked_at == 10
    assert all(found == ["BLOCKED"] for found in tags().values())
