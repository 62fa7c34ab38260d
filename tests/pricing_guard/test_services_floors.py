"""Floor prices in bulk: every row checked, all or nothing, taken back within a day."""

from datetime import timedelta
from decimal import Decimal

import pytest

from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from pricing_guard.models import FloorFault, FloorImport, ListingGuard
from pricing_guard.services import floors
from tests.factories.marketplace import ListingFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


@pytest.fixture
def skus(merchant):
    return [ListingFactory(merchant=merchant.shop, sku=f"W-{n}").sku for n in range(3)]


def set_table(merchant, rows, now, **more):
    return floors.set_table(merchant_id=merchant.shop.pk, rows=rows, actor=merchant.actor, at=now, **more)


def floor_of(sku):
    return ListingGuard.objects.filter(listing__sku=sku).values_list("floor_price", flat=True).first()


def test_a_table_sets_and_takes_away(merchant, skus, now):
    set_table(merchant, [("W-0", "100"), ("W-1", "¥1,200.50")], now)
    job = set_table(merchant, [("W-0", ""), ("W-1", "1200.50")], now)

    assert (job.status, job.rows, job.changed) == ("DONE", 2, 1)
    assert floor_of("W-0") is None
    assert floor_of("W-1") == Decimal("1200.50")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (("W-1", "0"), "MUST_BE_ABOVE_ZERO"),
        (("W-1", "-3"), "NEGATIVE"),
        (("W-1", "abc"), "NOT_A_NUMBER"),
        (("W-1", "NaN"), "NOT_A_NUMBER"),
        (("W-1", "1.234"), "TOO_MANY_DECIMALS"),
        (("W-1", "1e12"), "TOO_LARGE"),
        (("W-9", "10"), "SKU_UNKNOWN"),
        (("", "10"), "SKU_MISSING"),
        (("W-0", "11"), "SKU_TWICE"),
    ],
)
def test_one_faulty_row_and_nothing_is_applied(merchant, skus, now, bad, code):
    job = set_table(merchant, [("W-0", "100"), bad], now)

    fault = FloorFault.objects.get()
    assert (job.status, job.faulty) == ("FAILED", 1)
    assert (fault.row, fault.reason["code"]) == (2, code)
    assert floor_of("W-0") is None


def test_anothers_listing_is_not_known(merchant, rival, skus, now):
    job = set_table(rival, [("W-0", "100")], now)

    assert job.status == "FAILED"
    assert floor_of("W-0") is None


def test_a_dry_run_changes_nothing(merchant, skus, now):
    assert set_table(merchant, [("W-0", "100")], now, is_dry_run=True).status == "DONE"
    assert floor_of("W-0") is None


def test_an_onlooker_sets_nothing(onlooker, skus, now):
    with pytest.raises(NotAllowed):
        set_table(onlooker, [("W-0", "100")], now)


def test_undo_takes_back_what_was_not_changed_since(merchant, skus, now):
    job = set_table(merchant, [("W-0", "100"), ("W-1", "100")], now)
    set_table(merchant, [("W-1", "150")], now)

    floors.undo(import_id=job.pk, actor=merchant.actor, at=now + timedelta(hours=23))

    assert floor_of("W-0") is None
    assert floor_of("W-1") == 150
    with pytest.raises(Conflict):
        floors.undo(import_id=job.pk, actor=merchant.actor, at=now)


def test_undo_ends_after_a_day(merchant, skus, now):
    job = set_table(merchant, [("W-0", "100")], now)
    with pytest.raises(Conflict):
        floors.undo(import_id=job.pk, actor=merchant.actor, at=now + timedelta(hours=25))

    assert floor_of("W-0") == 100


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_is_applied_whole(merchant, skus, now, tmp_path, encoding):
    path = tmp_path / "floors.csv"
    path.write_text("商品编码,名称,保护价\nW-0,洗衣机,99.90\nW-2,洗衣机,88\n", encoding=encoding)
    job = floors.ask_file(
        merchant_id=merchant.shop.pk, path=str(path), file_name="floors.csv", actor=merchant.actor, at=now
    )
    assert job.status == "WAITING"

    assert floors.run_due(now=now) == 1
    assert floors.run_due(now=now) == 0

    job = FloorImport.objects.get()
    assert (job.status, job.rows, job.changed) == ("DONE", 2, 2)
    assert floor_of("W-2") == 88


def test_a_file_without_the_columns_is_refused(merchant, now, tmp_path):
    path = tmp_path / "floors.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(Invalid):
        floors.ask_file(merchant_id=merchant.shop.pk, path=str(path), file_name="x", actor=merchant.actor, at=now)

    assert not FloorImport.objects.exists()
