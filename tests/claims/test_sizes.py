"""A million complaints: what the desk asks of the database touches no more of it than with a thousand."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.many_claims import Desk
from claims.models import Claim
from claims.queries import desk, lists
from claims.services import handing
from merchant_protection.accounts import loading
from merchant_protection.foundation import keyset, tenancy
from tests.fixtures import servers

FEW, SOME, MILLION = 1_000, 20_000, 1_000_000
TAKING = "\nWITH ways"
A_FEW_PAGES = 60  # of 8 KiB: one level more of each index that is gone down


class Noted(Exception):
    """A statement that changes something was noted instead of being carried out."""


def _page(desk_: Desk, tab: str) -> None:
    actor = loading.of_user(desk_.people[0], {})
    page = keyset.page(lists.tab(tab, actor), by=lists.URGENT_FIRST, size=50, after="", before="")
    assert tab != lists.NEXT or len(page.rows) == 50


def _counts(desk_: Desk) -> None:
    assert lists.counts(loading.of_user(desk_.people[0], {}))["unassigned"] == desk_.count


def _take_next(desk_: Desk) -> None:
    now, actor = timezone.now(), loading.of_user(desk_.people[0], {})
    handing.hand_next(actor=actor, is_senior=True, at=now, until=now + timedelta(minutes=10))


def _look_further(desk_: Desk) -> None:
    """What is asked when somebody else is taking the most urgent case just now."""
    assert desk.next_for(user_id=desk_.people[0].pk, queue_ids=desk_.queues, skills=[], is_senior=True)


WORKS: dict[str, Callable[[Desk], None]] = {
    **{f"tab {name}": partial(_page, tab=name) for name in (lists.MINE, *lists.TABS)},
    "counts": _counts,
    "take next": _take_next,
    "look further": _look_further,
}


def _touched(work: Callable[[Desk], None], desk_: Desk) -> int:
    """Return how many pages of the database some work goes through, each statement carried out once more."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        if sql.startswith(TAKING):
            raise Noted  # it is carried out below, and taken back
        return execute(sql, params, many, context)

    with tenancy.platform(), connection.execute_wrapper(note), suppress(Noted):
        work(desk_)
    with tenancy.platform(), transaction.atomic():
        planned = [(sql, params) for sql, params in asked if sql.split(None, 1)[0] in ("SELECT", "WITH")]
        assert planned
        assert work is not _take_next or planned[-1][0].startswith(TAKING)
        found = 0
        for sql, params in planned:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0][0]["Plan"]
            found += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        transaction.set_rollback(True)
    return found


def _compare(now: datetime, many: int) -> None:
    desk_ = Desk(now=now, reviewers=1)
    desk_.fill(FEW)
    few = {name: _touched(work, desk_) for name, work in WORKS.items()}

    desk_.fill(many)

    with tenancy.platform():
        assert Claim.objects.count() == many
    found = {name: _touched(work, desk_) for name, work in WORKS.items()}
    assert {name: (few[name], found[name]) for name in WORKS if found[name] > few[name] + A_FEW_PAGES} == {}


@pytest.fixture(autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_SUPERUSER_URL", servers.url("superuser", database=connection.settings_dict["NAME"]))


def test_the_desk_reads_no_more_with_twenty_thousand_complaints(transactional_db: None) -> None:
    _compare(timezone.now(), SOME)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.case("CL-11")
def test_the_desk_reads_no_more_with_a_million_complaints(transactional_db: None) -> None:
    _compare(timezone.now(), MILLION)
