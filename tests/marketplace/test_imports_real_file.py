"""The real file of a real shop: exact totals, and a kill in the middle that changes nothing of the end."""

import hashlib
from pathlib import Path

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Import, Order, OrderLine
from tests.fixtures import database
from tests.fixtures.programs import until

NEEDS_FILE = (
    Path(__file__).resolve().parents[3] / "shared/data/online-retail/orders-2010-12-to-2011-05.csv.gz"
)  # fmt: skip
TOTALS = {
    "lines": 209_029,
    "orders": 10_783,
    "cancellation_lines": 3_783,
    "returns": 4_434,
    "zero_price": 1_292,
    "not_products": 1_274,
    "without_buyer": 59_976,
    "duplicates": 1_747,
    "orders_with_several_times": 34,
    "codes": 3_514,
}
# What the shop looks like in the end, without the numbers the database gave.
WHOLE = """
SELECT o.number, o.kind, o.status, b.ref, o.placed_at, o.total, o.units, o.lines_count, l.ordinal, l.sku, l.title,
       l.quantity, l.unit_price, l.paid, l.at, l.flags, p.sku, p.price
FROM marketplace_orderline l JOIN marketplace_order o ON o.id = l.order_id
JOIN marketplace_listing p ON p.id = l.listing_id LEFT JOIN marketplace_buyer b ON b.id = l.buyer_id
ORDER BY o.number, l.ordinal
"""


def fingerprint():
    digest = hashlib.sha256()
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(WHOLE)
        while rows := cursor.fetchmany(20_000):
            digest.update(repr(rows).encode())
    return digest.hexdigest()


@pytest.mark.timeout(300)
def test_the_real_file_survives_a_kill_and_the_same_file_twice_changes_nothing(program):
    first = program.manage("import_orders", str(NEEDS_FILE))
    first.wait_for("added\n", seconds=120)
    until(lambda: _added() >= 20_000, seconds=120, otherwise=lambda: first.said)
    first.kill()
    assert 20_000 <= _added() < 209_029

    second = program.manage("import_orders", str(NEEDS_FILE)).wait_for("known already", seconds=180)
    assert second.process.wait(20) == 0
    killed = fingerprint()
    third = program.manage("import_orders", str(NEEDS_FILE)).wait_for("known already", seconds=180)
    assert third.process.wait(20) == 0

    with tenancy.platform():
        jobs = list(Import.objects.order_by("pk"))
        assert [job.status for job in jobs] == ["DONE", "DONE"]
        assert {name: jobs[0].totals[name] for name in TOTALS} == TOTALS
        assert (jobs[0].rows_added, jobs[1].rows_added, jobs[1].rows_known) == (209_029, 0, 209_029)
        assert (OrderLine.objects.count(), Order.objects.count()) == (209_029, 10_783)
        assert OrderLine.objects.filter(quantity__lt=0).count() == 4_434
        assert OrderLine.objects.filter(buyer=None).count() == 59_976
    assert fingerprint() == killed
    _empty()
    undisturbed = program.manage("import_orders", str(NEEDS_FILE)).wait_for("known already", seconds=180)
    assert undisturbed.process.wait(20) == 0
    assert fingerprint() == killed


def _added():
    with tenancy.platform():
        return OrderLine.objects.count()


def _empty():
    database.empty_tables(str(connection.settings_dict["NAME"]))
