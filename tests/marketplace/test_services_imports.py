"""Loading a file of orders: what it adds, what it refuses by row and reason, and what a second time changes."""

import csv
import gzip
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.utils import timezone

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.marketplace.models import Import, ImportFault, Listing, Order, OrderLine
from merchant_protection.marketplace.services import imports
from merchant_protection.notices.models import Notice
from tests.factories.marketplace import OrderFactory

HEADER = ["订单号", "货号", "商品名称", "数量", "下单时间", "单价", "买家"]
ROWS = [
    ["A-1", "W-1", "洗衣机", "1", "2026-11-20 10:00", "1299.00", "li"],
    ["A-1", "W-2", "烘干机", "2", "2026-11-20 10:00", "899.50", "li"],
    ["A-2", "W-1", "洗衣机", "3", "2026-11-21 10:00", "1199.00", ""],
]
CLOCK = Actor.clock("test")
pytestmark = pytest.mark.usefixtures("platform_scope")


def text(*rows, header=HEADER):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


@pytest.fixture
def ask(merchant, tmp_path, now):
    def asked(content, *, name="orders.csv", actor=None, **more):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        fields = {"actor": actor or merchant.actor, "merchant_id": merchant.shop.pk, "at": now}
        return imports.ask(**fields, path=str(path), file_name=name, **more)

    return asked


@pytest.fixture
def load(ask):
    def loaded(content, **more):
        job = ask(content, **more)
        imports.run_due(now=timezone.now, only=job.pk)
        job.refresh_from_db()
        return job

    return loaded


def faults(job):
    return list(ImportFault.objects.filter(import_job=job).order_by("row", "field").values_list("row", "field", "code"))


def test_a_file_becomes_orders_lines_products_and_buyers(load, merchant):
    job = load(text(*ROWS))

    order = Order.objects.get(number="A-1")
    assert (job.status, job.rows_added, job.rows_known, job.rows_faulty) == ("DONE", 3, 0, 0)
    assert (order.total, order.units, order.lines_count, order.buyer.ref) == (3098, 3, 2, "li")
    assert Listing.objects.get(sku="W-1").price == 1199
    assert Notice.objects.get(kind="import.finished").params == {"file": "orders.csv", "added": 3, "faulty": 0}


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_changes_nothing(load):
    load(text(*ROWS))
    before = [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Listing)]

    again = load(text(*ROWS))

    assert (again.rows_added, again.rows_known) == (0, 3)
    assert [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Listing)] == before


@pytest.mark.django_db(transaction=True)
def test_a_longer_file_adds_only_what_is_new_and_adds_the_order_up_again(load):
    load(text(*ROWS[:1]))

    job = load(text(*ROWS))

    assert (job.rows_added, job.rows_known) == (2, 1)
    assert Order.objects.get(number="A-1").total == 3098


def test_a_file_never_overrides_what_the_platform_said(load, merchant):
    OrderFactory(merchant=merchant.shop, number="A-2", status=Order.Status.SHIPPED, lines=0)

    load(text(*ROWS))

    assert Order.objects.get(number="A-2").status == Order.Status.SHIPPED


def test_a_dry_run_counts_and_writes_nothing(load):
    job = load(text(*ROWS, ["A-3", "W-9", "", "0", "", "-1", ""]), is_dry_run=True)

    assert (job.status, job.totals["lines"], job.rows_faulty, job.rows_added) == ("DONE", 3, 1, 0)
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()
    assert not Listing.objects.exists()


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        (3, "0", "zero"),
        (5, "-1.00", "negative"),
        (2, "x" * 1_000_000, "too_long"),
        (2, "cup\x00", "not_readable"),
        (4, "soon", "not_a_time"),
        (0, "", "missing"),
        (5, "9999999999", "too_large"),
    ],
    ids=["zero", "negative", "huge", "nul", "time", "empty", "overflow"],
)
def test_a_bad_row_is_named_with_field_and_reason_and_its_neighbours_are_taken(load, cell, value, code):
    bad = ["A-9", "W-9", "杯子", "2", "2026-11-20", "5", "li"]
    bad[cell] = value

    job = load(text(ROWS[0], bad, ROWS[2]))

    assert (job.status, job.rows_added, job.rows_faulty) == ("DONE", 2, 1)
    assert [(row, found) for row, _field, found in faults(job)] == [(3, code)]
    assert not Order.objects.filter(number="A-9").exists()


def test_gb18030_and_utf_8_in_one_file_are_both_read(load):
    utf8, gb = text(*ROWS).encode(), text(["A-7", "W-7", "冰箱", "1", "2026-11-20", "5", "王"]).encode("gb18030")

    job = load(utf8 + gb.split(b"\n", 1)[1])

    assert job.rows_added == 4
    assert dict(Listing.objects.values_list("sku", "title")) == {"W-1": "洗衣机", "W-2": "烘干机", "W-7": "冰箱"}


def test_a_row_in_no_known_encoding_is_named(load):
    good = text(*ROWS).encode()

    job = load(good + b"A-8,W-8,\xff\xff\x80cup,1,2026-11-20,5,li\r\n")

    assert (job.rows_added, faults(job)) == (3, [(5, "title", "not_readable")])


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz", "orders.xlsx"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_every_kind_of_file_says_the_same(load, name, encoding):
    content = text(*ROWS).encode(encoding)
    if name.endswith(".gz"):
        content = gzip.compress(content)
    if name.endswith(".xlsx"):
        content = _book()

    job = load(content, name=name)

    assert (job.rows_added, job.rows_faulty) == (3, 0)
    assert Order.objects.get(number="A-1").total == 3098


def test_a_file_without_a_needed_column_says_which(ask):
    with pytest.raises(Invalid) as refused:
        ask(text(header=HEADER[:3] + HEADER[4:5]))

    assert set(refused.value.fields) == {"quantity", "unit_price"}
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
        ("plain.csv.gz", b"not gzip at all"),
        ("torn.csv.gz", gzip.compress(text(*ROWS).encode())[:20]),
        ("plain.xlsx", b"not a workbook"),
        ("torn.xlsx", b"PK\x03\x04" + b"\x00" * 40),
    ],
    ids=["empty", "blank", "picture", "plain-gz", "torn-gz", "plain-xlsx", "torn-xlsx"],
)
def test_a_file_that_is_no_table_is_refused_at_once(ask, name, content):
    with pytest.raises(Invalid) as refused:
        ask(content, name=name)

    assert set(refused.value.fields) == {"file"}
    assert not Import.objects.exists()


def test_a_file_that_is_damaged_further_down_fails_and_the_shop_is_told(load):
    rows = [[f"B-{n}", f"W-{n * 7919 % 10007}", "x", "1", "2026-11-20", "5", ""] for n in range(40_000)]
    packed = bytearray(gzip.compress(text(*rows).encode()))
    packed[len(packed) // 2 : len(packed) // 2 + 64] = bytes(64)

    job = load(bytes(packed), name="orders.csv.gz")

    assert (job.status, job.last_error, job.due_at) == ("FAILED", "damaged", None)
    assert Notice.objects.get(kind="import.failed").path == f"/m/imports/{job.pk}/"


def test_a_file_that_was_changed_after_it_was_handed_in_is_not_loaded(ask, tmp_path):
    job = ask(text(*ROWS))
    (tmp_path / "orders.csv").write_text(text(*ROWS[:1]))

    imports.run_due(now=timezone.now, only=job.pk)

    job.refresh_from_db()
    assert (job.status, job.last_error) == ("FAILED", "changed")
    assert not Order.objects.exists()


def test_only_who_works_in_the_shop_may_load(ask, onlooker, rival):
    for stranger in (onlooker, rival):
        with pytest.raises(NotAllowed):
            ask(text(*ROWS), actor=stranger.actor)

    assert not Import.objects.exists()


def test_a_stopped_import_is_taken_up_again(ask, merchant, now):
    job = ask(text(*ROWS))
    imports.cancel(actor=merchant.actor, import_id=job.pk, at=now)
    assert imports.run_due(now=timezone.now) == 0

    imports.resume(actor=merchant.actor, import_id=job.pk, at=now)
    imports.load_due(now=now + timedelta(seconds=1))

    job.refresh_from_db()
    assert (job.status, job.rows_added) == ("DONE", 3)
    with pytest.raises(Conflict):
        imports.cancel(actor=merchant.actor, import_id=job.pk, at=now)


def test_what_keeps_failing_is_given_up_and_told(ask, monkeypatch, now):
    job = ask(text(*ROWS))
    monkeypatch.setattr(imports.import_loading, "add_products_buyers_orders", lambda *_, **__: 1 / 0)

    for turn in range(7):
        imports.run_due(now=lambda turn=turn: now + timedelta(minutes=10 * turn))

    job.refresh_from_db()
    assert (job.status, job.last_error, job.attempts) == ("FAILED", "gave_up", 5)
    assert Notice.objects.filter(kind="import.failed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_loaders_at_once_load_each_line_once(ask):
    ask(text(*[[f"C-{n // 3}", f"W-{n}", "x", "1", "2026-11-20", "5", ""] for n in range(600)]))

    def run(_):
        with tenancy.platform():
            try:
                return imports.run_due(now=timezone.now)
            finally:
                connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 1
    assert (OrderLine.objects.count(), Order.objects.count()) == (600, 200)


def test_the_rows_with_faults_come_as_a_file_that_a_spreadsheet_cannot_run(load, merchant):
    job = load(text(["=A1", "W-9", "@SUM(1)", "0", "2026-11-20", "5", "+li"]))

    answer = merchant.client.get(f"/m/imports/{job.pk}/faults.csv", headers={"Accept-Language": "en"})

    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[1][:3] == ["2", "quantity", "is zero"]
    assert {"'=A1", "'@SUM(1)", "'+li"} <= set(rows[1])


def _book():
    book = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append([float(cell) if at == 3 and row is not HEADER else cell for at, cell in enumerate(row)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
