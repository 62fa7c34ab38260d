"""A list of a million rows: read in pieces, in little memory, with the faulty rows told by their line."""

import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from merchant_protection.foundation import tenancy
from scalper_policies.models import ListEntry
from scalper_policies.services import lists
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import buyer_key

pytestmark = pytest.mark.django_db
FAULTY_EVERY, TWICE_EVERY = 1_000, 500
MOST_MEMORY = 200  # MiB more than before: some pieces of 50,000 rows, and never the whole file


def rows(many: int) -> Iterator[str]:
    """So many rows: one in a thousand is too long to be an entry, one in five hundred stands there twice."""
    for index in range(many):
        if index % FAULTY_EVERY == 7:
            yield "x" * 1_200
        elif index % TWICE_EVERY == 9:
            yield "buyer-twice"
        else:
            yield f"buyer-{index:07}"


@pytest.mark.parametrize("many", [4_000, pytest.param(1_000_000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_a_large_file_is_read_in_little_memory_and_its_faults_are_told_by_line(
    merchant: Persona, now: datetime, tmp_path: Path, many: int
) -> None:
    path = tmp_path / "deny.csv"
    with path.open("w", encoding="utf-8") as written:  # line by line, or writing it would need more than reading it
        written.write("account\n")
        written.writelines(f"{row}\n" for row in rows(many))
    before, start = _memory(), time.monotonic()

    with tenancy.platform():
        file = lists.take_file(
            actor=merchant.actor,
            merchant_id=merchant.shop.pk,
            kind="DENY",
            dimension="ACCOUNT",
            path=str(path),
            file_name=path.name,
            reason="倒卖",
            expires_at=now + timedelta(days=30),
            at=now,
        )
        lists.read_due(now=now, clock=lambda: now)
        file.refresh_from_db()
        kept = ListEntry.objects.filter(merchant=merchant.shop)

        faulty, twice = many // FAULTY_EVERY, many // TWICE_EVERY - 1
        assert (file.status, file.rows_read, file.rows_refused) == ("DONE", many, faulty)
        assert (file.rows_added, file.rows_known) == (many - faulty - twice, twice)
        assert kept.count() == file.rows_added
        assert kept.filter(key=buyer_key(f"buyer-{many - 1:07}")).exists()
    assert [line for line, _why in file.faults] == [9 + FAULTY_EVERY * step for step in range(min(faulty, 200))]
    grown = _memory() - before
    sys.stdout.write(f"{many:,} rows in {time.monotonic() - start:.1f} s, {grown:.0f} MiB more\n")
    assert grown < MOST_MEMORY


def _memory() -> float:
    """The most this process held so far, in MiB: it never shrinks, so what a test adds is what it needed beyond it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
