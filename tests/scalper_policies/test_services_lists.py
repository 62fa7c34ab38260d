"""Exempt and deny lists: entries by hand and by file, each with an end; bad rows are told, good ones taken."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Invalid, NotAllowed
from merchant_protection.marketplace.rules import personal
from scalper_policies.models import ListEntry, ListFile
from scalper_policies.rules import entries
from scalper_policies.services import lists
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import buyer_key, decide

pytestmark = pytest.mark.django_db


def file_of(merchant: Persona, path: Path, text: str, *, now: datetime, dimension: str = "ACCOUNT") -> ListFile:
    path.write_text(text, encoding="utf-8")
    with tenancy.platform():
        file = lists.take_file(
            actor=merchant.actor,
            merchant_id=merchant.shop.pk,
            kind="DENY",
            dimension=dimension,
            path=str(path),
            file_name=path.name,
            reason="倒卖",
            expires_at=now + timedelta(days=30),
            at=now,
        )
        lists.read_due(now=now, clock=lambda: now)
        file.refresh_from_db()
    return file


def test_a_file_is_read_and_decides(merchant: Persona, now: datetime, tmp_path: Path) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(5),)))

    file = file_of(merchant, tmp_path / "list.csv", "account,note\nb-1,x\nb-2\n\nb-1\n" + "x" * 2_000 + "\n", now=now)

    assert (file.status, file.rows_read, file.rows_added, file.rows_refused) == ("DONE", 4, 2, 1)
    assert file.faults == [[6, "too long"]]
    assert [decide(f"O-{ref}", buyer=ref, at=now).verdict for ref in ("b-1", "b-2", "b-3")] == [
        *("REJECT", "REJECT", "ALLOW")
    ]


def test_reading_twice_adds_nothing_and_an_export_can_be_loaded(
    merchant: Persona, now: datetime, tmp_path: Path
) -> None:
    file_of(merchant, tmp_path / "one.csv", "b-1\n", now=now)

    again = file_of(merchant, tmp_path / "two.csv", f"entry\nkey:{buyer_key('b-1')}\nkey:{buyer_key('b-2')}\n", now=now)

    assert (again.rows_added, again.rows_known) == (1, 1)
    with tenancy.platform():
        assert set(ListEntry.objects.values_list("key", flat=True)) == {buyer_key("b-1"), buyer_key("b-2")}


def test_a_file_that_is_gone_is_told(merchant: Persona, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "gone.csv"
    path.write_text("b-1\n")
    with tenancy.platform():
        lists.take_file(
            actor=merchant.actor, merchant_id=merchant.shop.pk, kind="DENY", dimension="ACCOUNT", path=str(path),
            file_name="gone.csv", reason="x", expires_at=now + timedelta(days=1), at=now,
        )  # fmt: skip
        path.unlink()
        lists.read_due(now=now, clock=lambda: now)

        assert ListFile.objects.get().status == "FAILED"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"expires_at": None}, "expires_at"),
        ({"expires_at": timedelta(days=-1)}, "expires_at"),
        ({"expires_at": timedelta(days=900)}, "expires_at"),
        ({"kind": "FRIENDS"}, "kind"),
        ({"dimension": "SHOE_SIZE"}, "dimension"),
        ({"text": "   "}, "text"),
    ],
)
def test_what_cannot_be_listed_is_refused(merchant: Persona, now: datetime, change: dict[str, Any], field: str) -> None:
    given = {
        "kind": "DENY",
        "dimension": "ACCOUNT",
        "text": "b",
        "reason": "r",
        "expires_at": timedelta(days=1),
    } | change
    ends = given.pop("expires_at")

    with tenancy.platform(), pytest.raises(Invalid) as refused:
        lists.add(
            actor=merchant.actor, merchant_id=merchant.shop.pk, at=now, expires_at=now + ends if ends else None, **given
        )

    assert list(refused.value.fields) == [field]
    with tenancy.platform():
        assert not ListEntry.objects.exists()


def test_strangers_add_and_remove_nothing(merchant: Persona, rival: Persona, now: datetime) -> None:
    given = {"merchant_id": merchant.shop.pk, "kind": "DENY", "dimension": "ACCOUNT", "text": "b", "reason": "r"}
    with tenancy.platform():
        entry = lists.add(actor=merchant.actor, at=now, expires_at=now + timedelta(days=1), **given)
        with pytest.raises(NotAllowed):
            lists.add(actor=rival.actor, at=now, expires_at=now + timedelta(days=1), **given)
        with pytest.raises(NotAllowed):
            lists.remove(actor=rival.actor, entry_id=entry.pk, at=now)

        assert ListEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("dimension", "text"),
    [
        ("PHONE", "138 0000 1234"),
        ("DEVICE", "device-1"),
        ("IP", "198.18.0.1"),
        ("IP_NET", "198.18.0.0/24"),
        ("PAYMENT", "card-1"),
        ("IDENTITY", "id-1"),
        ("ADDRESS", "上海市浦东新区世纪大道1号3号楼502室"),
        ("BUILDING", "上海市浦东新区世纪大道1号3号楼"),
        ("ADDRESS_CLUSTER", "上海 浦东新区 世纪大道１号 3号楼 1203室"),
    ],
)
def test_every_kind_of_entry_matches_an_order(merchant: Persona, now: datetime, dimension: str, text: str) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(5),)))
    with tenancy.platform():
        lists.add(
            actor=merchant.actor, merchant_id=merchant.shop.pk, kind="DENY", dimension=dimension, text=text,
            reason="r", expires_at=now + timedelta(days=1), at=now,
        )  # fmt: skip

    answer = decide(
        buyer="b",
        at=now,
        device="device-1",
        ip="198.18.0.1",
        payment="card-1",
        identity="id-1",
        recipient={"phone": "13800001234", "address": "上海市浦东新区世纪大道1号3号楼502室"},
    )

    assert (answer.verdict, answer.reasons[0]["dimension"]) == ("REJECT", dimension)


def test_what_is_shown_of_an_entry_tells_two_apart_and_no_more() -> None:
    assert entries.shown("ACCOUNT", "b-774821") == "b***4821"
    assert entries.shown("ADDRESS", "上海市浦东新区世纪大道1号") == "上海市浦东新***"
    assert entries.shown("ACCOUNT", "key:" + "a" * 64) == "aaaaaaaa…"
    assert personal.means_keys(device="d", ip="", payment="", secret=b"s").device_key == entries.key_of(
        "DEVICE", " d ", secret=b"s", account=lambda *_: ""
    )
