"""Floor prices in bulk: every row checked, all or nothing, taken back within a day."""

import resource
from datetime import timedelta
from decimal import Decimal
from itertools import batched

import pytest
from django.http import QueryDict
from django.utils import translation

from merchant_protection.foundation import tables
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import FloorFault, FloorImport, ListingGuard
from pricing_guard.services import floors
from pricing_guard.views import overview
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
        (("W-1", "1e12"), "NOT_A_NUMBER"),
        (("W-1", "1000000000000"), "TOO_LARGE"),
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


def from_file(merchant, now, path, **more):
    asked = {"merchant_id": merchant.shop.pk, "path": str(path), "file_name": path.name, "actor": merchant.actor}
    job = floors.ask_file(**asked, at=now, **more)
    floors.run_due(now=now)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_list_that_is_taken_away_can_be_brought_back(merchant, now, tmp_path, language):
    for sku in ("W-1", "-W-2", "=W-3"):
        ListingFactory(merchant=merchant.shop, sku=sku)
    set_table(merchant, [("W-1", "100.50"), ("-W-2", "99"), ("=W-3", "")], now)
    with translation.override(language):
        taken = b"".join(tables.csv_lines(overview.table(merchant.actor, QueryDict("")).lines())).decode()
    path = tmp_path / "listings.csv"

    path.write_text(taken, encoding="utf-8")
    assert from_file(merchant, now, path).changed == 0
    path.write_text(taken.replace("99", "88"), encoding="utf-8")
    assert from_file(merchant, now, path).status == "DONE"

    assert (floor_of("W-1"), floor_of("-W-2"), floor_of("=W-3")) == (Decimal("100.50"), 88, None)


def test_a_file_that_is_only_checked_says_what_it_would_change_and_what_lies_above_its_price(
    merchant, skus, now, tmp_path
):
    set_table(merchant, [("W-0", "100")], now)
    path = tmp_path / "floors.csv"
    path.write_text("sku,floor\nW-0,100\nW-1,129900\nW-2,90\n")

    job = from_file(merchant, now, path, is_dry_run=True)

    told = [(each.row, each.reason["code"], each.value) for each in FloorFault.objects.all()]
    assert (job.status, job.rows, job.faulty, job.changed) == ("DONE", 3, 0, 2)
    assert told == [(3, "FLOOR_ABOVE_PRICE", "129900")]
    assert floor_of("W-1") is None
    page = merchant.client.get(f"/m/price-guard/floors/{job.pk}/", headers={"Accept-Language": "en"})
    assert "1 floor lies above" in page.content.decode()
    assert page.context["may_apply"] is True


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"sku,floor\n", "FILE_EMPTY"),
        (b"sku,floor\nW-0,1\x002\n", "NOT_A_NUMBER"),
        (b"sku,floor\nW-\x00,12\n", "SKU_UNKNOWN"),
        (b"sku,floor\nW-\xff\xfe,12\n", "SKU_UNKNOWN"),
        (b"sku,floor,currency\nW-0,12,E\x00R\n", "CURRENCY_DIFFERS"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(merchant, skus, now, tmp_path, content, code):
    path = tmp_path / "floors.csv"
    path.write_bytes(content + b"\n" * 400)  # a single NUL is a fault of its row, many are of the file

    job = from_file(merchant, now, path)

    assert (job.status, job.attempts) == ("FAILED", 1)
    assert FloorFault.objects.get().reason["code"] == code
    assert floor_of("W-0") is None
    assert merchant.client.get(f"/m/price-guard/floors/{job.pk}/").status_code == 200


@pytest.mark.parametrize("many", [3_000, pytest.param(1_000_000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_a_large_file_with_one_bad_row_at_its_end_applies_nothing(merchant, now, tmp_path, many):
    """Read in little memory; without the bad row it is applied whole, and taken back whole."""
    same = {"merchant": merchant.shop, "title": "洗衣机", "currency": "CNY", "price": Decimal(1299), "updated_at": now}
    for some in batched(range(many), 10_000):
        Listing.objects.bulk_create([Listing(sku=f"M-{n}", **same) for n in some])
    path = tmp_path / "floors.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("sku,floor\n")
        file.writelines(f"M-{n},{n % 900 + 1}\n" for n in range(many))
    before = memory()
    assert from_file(merchant, now, path).changed == many
    with path.open("a", encoding="utf-8") as file:
        file.write("M-0,0\n")

    refused = from_file(merchant, now, path)

    assert (refused.status, refused.rows, refused.faulty) == ("FAILED", many + 1, 1)
    codes = {each.reason["code"] for each in FloorFault.objects.filter(floor_import=refused)}
    assert codes == {"MUST_BE_ABOVE_ZERO"}
    assert floor_of("M-0") == 1
    floors.undo(import_id=FloorImport.objects.earliest("pk").pk, actor=merchant.actor, at=now)
    assert not ListingGuard.objects.exclude(floor_price=None).exists()
    assert memory() - before < 200


def memory() -> float:
    """The most this process held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
