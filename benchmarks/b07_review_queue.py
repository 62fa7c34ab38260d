"""B7: queue page, counts and take-next at a thousand and at many complaints; eight reviewers against a bare loop."""

import os
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from benchmarks import measure, stage
from benchmarks.many_claims import Desk, TwoSizes
from claims.queries import lists
from claims.services import taking
from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import User
from merchant_protection.foundation import tenancy

SMALL, MANY, LARGE = 1_000, 100_000, 1_000_000
TURNS, TAKERS, TAKES, PAIRS = 9, 8, 20, 5
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
TAKEABLE = "status = 'SUBMITTED' AND reviewer_id IS NULL"
BARE_TABLE = f"""
CREATE TABLE bare AS SELECT id, queue_id, due_at, amount, status, reviewer_id, version FROM claims_claim;
ALTER TABLE bare ADD PRIMARY KEY (id);
CREATE INDEX ON bare (due_at, amount DESC, id) WHERE {TAKEABLE};
CREATE TABLE bare_history (id bigserial PRIMARY KEY, claim_id bigint, move text, reviewer_id bigint, at timestamptz);
CREATE TABLE bare_lease (id bigserial PRIMARY KEY, claim_id bigint, reviewer_id bigint, until timestamptz);
ANALYZE bare
"""
BARE_TAKE = f"SELECT id FROM bare WHERE {TAKEABLE} ORDER BY due_at, amount DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED"


def run(*, large: bool) -> list[measure.Row]:
    """Measure the page, the counts and taking a case at two sizes in turns; then eight takers at once at the larger."""
    settings.ALLOWED_HOSTS, settings.DEMO = ["*"], True
    call_command("static")
    desk = Desk(now=NOW, reviewers=TAKERS)
    works = _works(desk)
    sizes = TwoSizes(desk, few=SMALL, many=LARGE if large else MANY)
    try:
        rows = [_at_both(name, work, sizes) for name, work in works.items()]
        sizes.among_many(_median_of(works["take next"]))
        return [*rows, _eight(sizes.many)]
    finally:
        sizes.done()


def _at_both(name: str, work: Callable[[], object], sizes: TwoSizes) -> measure.Row:
    milliseconds = _median_of(work)
    return measure.pair(
        "B7",
        sizes=f"{name}, {sizes.many.count:,}",
        unit="ms",
        goal=measure.at_most(1.3),
        ours=partial(sizes.among_many, milliseconds),
        yardstick=partial(sizes.among_few, milliseconds),
        pairs=PAIRS,
        note=f"yardstick: the same at {SMALL:,}, in turns; each turn the median of {TURNS}",
    )


def _works(desk: Desk) -> dict[str, Callable[[], object]]:
    client, actor = Client(), _actor(desk.people[0])
    client.force_login(desk.people[0], backend=settings.AUTHENTICATION_BACKENDS[-1])

    def page() -> None:
        assert client.get("/admin/desk/?tab=next").status_code == 200

    def counts() -> None:
        with tenancy.platform():
            assert lists.counts(actor)["unassigned"]

    def take() -> None:
        with tenancy.platform():
            assert taking.take_next(actor=actor, at=NOW)

    return {"queue page": page, "counts": counts, "take next": take}


def _median_of(work: Callable[[], object]) -> Callable[[Desk], float]:
    def milliseconds(desk: Desk) -> float:
        work()
        times = [measure.seconds(work)() for _turn in range(TURNS)]
        desk.give_back()
        return statistics.median(times) * 1000

    return milliseconds


def _eight(desk: Desk) -> measure.Row:
    """Eight at once: cases taken in a second, by us and by a bare loop that writes the same three rows."""
    with stage.superuser() as server:
        server.execute(BARE_TABLE.encode())
        server.execute(b"GRANT ALL ON bare, bare_history, bare_lease TO PUBLIC")
        server.execute(b"GRANT USAGE ON bare_history_id_seq, bare_lease_id_seq TO PUBLIC")
    actors = [_actor(person) for person in desk.people]

    def ours() -> float:
        desk.give_back()
        return _rate([partial(_take_many, actor) for actor in actors])

    def bare() -> float:
        return _rate([partial(_take_bare, person.pk) for person in desk.people])

    return measure.pair(
        "B7",
        sizes=f"{TAKERS} at once, {desk.count:,}",
        unit="taken/s",
        goal=measure.at_least(0.5),
        ours=ours,
        yardstick=bare,
        pairs=PAIRS,
        note="yardstick: SKIP LOCKED on a bare table, its update and two inserts",
    )


def _rate(works: list[Callable[[], None]]) -> float:
    threads = [threading.Thread(target=work) for work in works]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return TAKERS * TAKES / (time.perf_counter() - start)


def _take_many(actor: Actor) -> None:
    with tenancy.platform():
        for _take in range(TAKES):
            assert taking.take_next(actor=actor, at=NOW)
    connection.close()


def _take_bare(reviewer: int) -> None:
    with psycopg.connect(_address(), autocommit=True) as server:
        for _take in range(TAKES):
            with server.transaction():
                found = server.execute(BARE_TAKE.encode()).fetchone()
                assert found
                server.execute(
                    "UPDATE bare SET status = 'IN_REVIEW', reviewer_id = %s, version = version + 1 WHERE id = %s",
                    [reviewer, found[0]],
                )
                server.execute(
                    "INSERT INTO bare_history (claim_id, move, reviewer_id, at) VALUES (%s, 'take', %s, now())",
                    [found[0], reviewer],
                )
                server.execute(
                    "INSERT INTO bare_lease (claim_id, reviewer_id, until) VALUES (%s, %s, now())", [found[0], reviewer]
                )


def _address() -> str:
    return os.environ["DATABASE_URL"]


def _actor(user: User) -> Actor:
    return loading.of_user(user)
