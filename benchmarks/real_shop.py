"""A shop with the real order file in it, for benchmarks that want a believable one."""

from pathlib import Path

from django.utils import timezone

from benchmarks import stage
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Import
from merchant_protection.marketplace.services import imports

FILE = stage.ROOT.parent / "shared/data/online-retail/orders-2010-12-to-2011-05.csv.gz"


def load(shop: Merchant, path: Path = FILE) -> None:
    """Load a file of orders into a shop through the import's service; a fault ends the benchmark."""
    with tenancy.platform():
        job = imports.ask(
            actor=Actor.clock("bench"), merchant_id=shop.pk, path=str(path), file_name=path.name, at=timezone.now()
        )
        imports.run_due(now=timezone.now, only=job.pk)
        job.refresh_from_db()
    if job.status != Import.Status.DONE or job.rows_faulty:
        raise RuntimeError(f"import ended {job.status}: {job.last_error}")
