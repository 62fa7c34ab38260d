"""Workers whose children are killed, run out of memory or of time: the row is taken up again, no other waits."""

import itertools
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.notices.models import Export
from tests.factories.marketplace import OrderFactory
from tests.faults.misdeeds import KIND, MISDEEDS
from tests.fixtures.people import Persona
from tests.fixtures.programs import CELERY, Programs, until

HAZARDS = tuple("tests.faults.hazards:app" if word.endswith("celery:app") else word for word in CELERY)
TRIES = 5
NEIGHBOURS = 6
PATIENCE = 30.0  # of a busy machine, on which even a quiet list takes its time


def put_in_line(merchant: Persona, *, kind: str = "orders", **asked: object) -> Export:
    now = timezone.now()
    with tenancy.platform():
        return Export.objects.create(
            merchant=merchant.shop, user=merchant.user, kind=kind, query=urlencode(asked), created_at=now, due_at=now
        )


def started(file: Path) -> list[float]:
    return [float(line) for line in file.read_text().splitlines()] if file.exists() else []


def standing(*jobs: Export) -> list[Export]:
    with tenancy.platform():
        return list(Export.objects.filter(pk__in=[job.pk for job in jobs]).order_by("pk"))


def end_in_every_way(
    merchant: Persona, program: Programs, folder: Path, *, lease: float, soft: float, hard: float
) -> None:
    """Write lists that end their worker, each once, one that does so each time, and quiet ones beside them."""
    OrderFactory.create_batch(3, merchant=merchant.shop)
    told = {"HAZARD_LEASE": str(lease), "HAZARD_LIMITS": f"{soft},{hard}", "TICKS": str(folder / "ticks")}
    words = ("--loglevel", "info")
    worker = program.start(
        *HAZARDS, "worker", "--concurrency", "3", *words, "--without-gossip", "--without-mingle", **told
    ).wait_for(" ready.")
    beat = ("beat", *words, "--max-interval", "1", "--schedule", str(folder / "clock"))
    program.start(*HAZARDS, *beat, **told).wait_for("beat: Starting")

    poison = put_in_line(merchant, kind=KIND, misdeed="die", always=1, starts=folder / "poison")
    dangerous = {name: put_in_line(merchant, kind=KIND, misdeed=name, starts=folder / name) for name in MISDEEDS}
    quiet = []
    for _each in range(NEIGHBOURS):
        quiet.append(put_in_line(merchant))
        time.sleep(lease / 3)

    until(lambda: {each.status for each in standing(*dangerous.values(), *quiet)} == {"DONE"}, seconds=6 * lease + 60)
    waits = {name: started(folder / name)[1] - started(folder / name)[0] for name in dangerous}
    until(
        lambda: standing(poison)[0].status == "FAILED", seconds=TRIES * (lease + 5) + 30, otherwise=lambda: worker.said
    )
    tries = started(folder / "poison")
    between = [later - earlier for earlier, later in itertools.pairwise(tries)]
    slowest = max((each.finished_at - each.created_at).total_seconds() for each in standing(*quiet) if each.finished_at)
    sys.stdout.write(
        f"taken up again after {waits}, poison tried every {between} s, neighbours within {slowest:.1f} s\n"
    )

    assert all(len(started(folder / name)) == 2 for name in dangerous)
    assert max(waits.values()) <= lease + 5, waits
    assert (len(tries), standing(poison)[0].last_error) == (TRIES, "gave_up")
    assert max(between) <= lease + 5, between
    assert {each.generation for each in standing(*quiet)} == {1}, "a neighbour was taken up with a dangerous list"
    assert slowest <= max(lease, PATIENCE)
    assert worker.is_running


@pytest.mark.soak
@pytest.mark.case("T15")
@pytest.mark.timeout(900)
def test_a_worker_that_ends_in_any_way_holds_up_only_its_own_row(
    merchant: Persona, program: Programs, tmp_path: Path
) -> None:
    end_in_every_way(merchant, program, tmp_path, lease=60, soft=20, hard=25)


@pytest.mark.timeout(170)
def test_a_worker_that_ends_soon_in_any_way_holds_up_only_its_own_row(
    merchant: Persona, program: Programs, tmp_path: Path
) -> None:
    end_in_every_way(merchant, program, tmp_path, lease=3, soft=1, hard=2)
