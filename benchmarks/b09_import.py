"""B9: loading the real order file through `import_orders`' service, against COPY of its rows into one bare table."""

import csv
import gzip
import io
import itertools
from pathlib import Path

from django.utils import timezone

from benchmarks import measure, stage
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Import
from merchant_protection.marketplace.rules import order_rows
from merchant_protection.marketplace.services import imports

FILE = stage.ROOT.parent / "shared/data/online-retail/orders-2010-12-to-2011-05.csv.gz"
BARE = (
    "CREATE TABLE bare (number text, sku text, title text, quantity int, at timestamp, price numeric, "
    "buyer text, country text)"
)
_shops = itertools.count(1)


def run(*, large: bool) -> list[measure.Row]:
    """Measure an import into an empty shop; without the real file, one made of rows like its own."""
    path, sizes = (FILE, "real file, 209,029 lines") if FILE.exists() else (_made(), "made file, 200,000 lines")
    yardstick = measure.seconds(lambda: _copy(path))
    ours = measure.seconds(lambda: _load(path))
    goal = measure.at_most(10)
    note = "both read the same gzip file; ours checks every row, counts the file and keeps orders, products and buyers"
    return [measure.pair("B9", sizes=sizes, unit="s", goal=goal, ours=ours, yardstick=yardstick, pairs=5, note=note)]


def _load(path: Path) -> None:
    with tenancy.platform():
        shop = Merchant.objects.create(code=f"bench-{next(_shops)}", name="Bench", currency="GBP")
        job = imports.ask(
            actor=Actor.clock("bench"), merchant_id=shop.pk, path=str(path), file_name=path.name, at=timezone.now()
        )
        imports.run_due(now=timezone.now, only=job.pk)
        job.refresh_from_db()
    if job.status != Import.Status.DONE or job.rows_faulty:
        raise RuntimeError(f"import ended {job.status}: {job.last_error}")


def _copy(path: Path) -> None:
    with stage.superuser() as server, server.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(BARE)
        with gzip.open(path, "rb") as file, cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(1 << 16):
                copy.write(block)


def _made() -> Path:
    path = stage.STATE / "made-orders.csv.gz"
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(order_rows.PRESETS["online-retail"].columns.values())
    for n in range(200_000):
        order, code, buyer = 536365 + n // 20, f"{n * 7919 % 3500:05}", 17000 + n // 20 % 3000
        rows.writerow([order, code, "A CUP", 1 + n % 12, "2010-12-01 08:26:00", "2.55", buyer, "UK"])
    path.write_bytes(gzip.compress(out.getvalue().encode()))
    return path
