"""The real file of a real shop: exact totals, and a kill in the middle that changes nothing of the end."""

import gzip
import hashlib
import itertools
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
WHOLE_FILE = {
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
FIRST_WEEKS = {
    "lines": 60_000,
    "orders": 2_740,
    "cancellation_lines": 1_039,
    "returns": 1_140,
    "zero_price": 330,
    "not_products": 287,
    "without_buyer": 21_951,
    "duplicates": 613,
    "orders_with_several_times": 2,
    "codes": 2_950,
}
# What the shop looks like in the end, without the numbers the database gave.
IN_THE_END = """
SELECT o.number, o.kind, o.status, b.ref, o.placed_at, o.total, o.units, o.lines_count, l.ordinal, l.sku, l.title,
       l.quantity, l.unit_price, l.paid, l.at, l.flags, p.sku, p.price
FROM marketplace_orderline l JOIN marketplace_order o ON o.id = l.order_id
JOIN marketplace_listing p ON p.id = l.listing_id LEFT JOIN marketplace_buyer b ON b.id = l.buyer_id
ORDER BY o.number, l.ordinal
"""


def fingerprint():
    digest = hashlib.sha256()
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(IN_THE_END)
        while rows := cursor.fetchmany(20_000):
            digest.update(repr(rows).encode())
    return digest.hexdigest()


def survive_a_kill(program, file, totals):
    """Kill an import half way, go on, import the same file again; the shop is what an undisturbed import makes it."""
    lines = totals["lines"]
    first = program.manage("import_orders", str(file))
    first.wait_for("added\n", seconds=120)
    until(lambda: _added() >= 20_000, seconds=120, otherwise=lambda: first.said)
    first.kill()
    assert 20_000 <= _added() < lines

    _import(program, file)
    killed = fingerprint()
    _import(program, file)

    with tenancy.platform():
        jobs = list(Import.objects.order_by("pk"))
        assert [job.status for job in jobs] == ["DONE", "DONE"]
        assert {name: jobs[0].totals[name] for name in totals} == totals
        assert (jobs[0].rows_added, jobs[1].rows_added, jobs[1].rows_known) == (lines, 0, lines)
        assert (OrderLine.objects.count(), Order.objects.count()) == (lines, totals["orders"])
        assert OrderLine.objects.filter(quantity__lt=0).count() == totals["returns"]
        assert OrderLine.objects.filter(buyer=None).count() == totals["without_buyer"]
    assert fingerprint() == killed
    _empty()
    _import(program, file)
    assert fingerprint() == killed


def test_the_first_weeks_survive_a_kill_and_the_same_file_twice_changes_nothing(program, tmp_path):
    with gzip.open(NEEDS_FILE, "rb") as whole, gzip.open(tmp_path / "first-weeks.csv.gz", "wb", 1) as part:
        part.writelines(itertools.islice(whole, FIRST_WEEKS["lines"] + 1))  # below its head

    survive_a_kill(program, tmp_path / "first-weeks.csv.gz", FIRST_WEEKS)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_whole_file_survives_a_kill_and_the_same_file_twice_changes_nothing(program):
    survive_a_kill(program, NEEDS_FILE, WHOLE_FILE)


def _import(program, file):
    ended = program.manage("import_orders", str(file)).wait_for("known already", seconds=180)
    assert ended.process.wait(20) == 0


def _added():
    with tenancy.platform():
        return OrderLine.objects.count()


def _empty():
    database.empty_tables(str(connection.settings_dict["NAME"]))
