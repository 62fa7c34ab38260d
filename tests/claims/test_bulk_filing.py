"""Complaints from a table: 500 rows worked through in the background, each judged by itself."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

import pytest
from django.utils import timezone

from claims import drains
from claims.models import BatchFiling, Claim, FiledRow
from claims.queries import batches
from claims.rules import claim_rows
from claims.services import bulk_filing
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from tests.factories.marketplace import OrderFactory
from tests.fixtures.people import Persona

STORY = "The buyer asks for money in private."
GOOD = {"kind": "EXTORTION", "amount": "88.50", "story": STORY, "contacted": "yes", "channel": "PHONE"}
WORDS = (
    "a lot",
    "zwölf",
    "三百",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "1.2.3",
    "0x10",
    "12 yuan",
    "--5",
    "½",
    "1/2",
    "€",
)


def _bad_amounts() -> Iterator[str]:
    yield from WORDS
    yield from (f"{whole}.{part:03d}" for whole in range(1, 8) for part in (1, 19, 999))  # parts of a fen
    yield from (f"1{'0' * zeros}" for zeros in range(10, 16))  # more than any order is worth
    yield from (f"-{amount}" for amount in range(1, 20))


def _bad_times() -> Iterator[str]:
    yield from (
        "yesterday",
        "昨天",
        "2026-13-01",
        "2026-02-30",
        "24:61",
        "2026-11-24 25:00",
        "1/0/2026",
        "noon",
        "--",
        "0",
    )
    yield from (f"19{year}-06-01 10:00" for year in range(10, 70, 2))  # before the order, and before 1970
    yield from (f"2{century}26-01-01" for century in range(1, 10))  # still to come
    yield from (f"2026-00-{day:02d}" for day in range(1, 29))


def _faults(known: str) -> Iterator[tuple[str, str]]:
    """Faults of every column, each with a value of its own; `known` is an order there is."""
    yield "order", ""
    yield from (("order", f"NOT-THERE-{number}") for number in range(60))
    yield "kind", "MALICIOUS_REFUND_ONLY"  # the order has no such request
    yield from (("kind", f"NONSENSE_{number}") for number in range(50))
    yield from (("kind", f"敲诈{number}") for number in range(10))
    yield from (("amount", value) for value in chain(["0", "0.00"], _bad_amounts()))
    yield from (("amount_demanded", value) for value in _bad_amounts())
    yield from (("happened_at", value) for value in _bad_times())
    yield from (("channel", f"PIGEON {number}") for number in range(50))
    yield from (("contacted", f"perhaps {number}") for number in range(50))
    yield from (("story", "x" * length) for length in (*range(0, 10), *range(2_001, 2_100)))


def _table(rows: list[dict[str, str]], *, columns: tuple[str, ...] = claim_rows.COLUMNS) -> bytes:
    body = io.StringIO()
    writer = csv.DictWriter(body, columns)
    writer.writeheader()
    writer.writerows(rows)
    return body.getvalue().encode("utf-8-sig")


def _ask(persona: Persona, body: bytes, at: datetime, *, is_handed_in: bool = True) -> BatchFiling:
    with tenancy.merchant(persona.shop.pk):
        return bulk_filing.ask(
            actor=persona.actor,
            merchant_id=persona.shop.pk,
            body=body,
            file_name="claims.csv",
            zone="UTC",
            at=at,
            is_handed_in=is_handed_in,
        )


def _work_off(at: datetime) -> int:
    with tenancy.platform():
        return drains.file_batches(lambda: at)


def _file(persona: Persona, body: bytes, at: datetime, *, is_handed_in: bool = True) -> list[FiledRow]:
    filing = _ask(persona, body, at, is_handed_in=is_handed_in)
    assert _work_off(at) == 1
    with tenancy.platform():
        return list(batches.rows_of(filing))


def _good(persona: Persona, now: datetime, count: int) -> list[dict[str, str]]:
    orders = [OrderFactory(merchant=persona.shop, placed_at=now - timedelta(days=2), lines=0) for _ in range(count)]
    return [GOOD | {"order": each.number} for each in orders]


@pytest.mark.case("CL-07")
@pytest.mark.django_db
def test_five_hundred_different_faults_are_told_row_by_row_and_hold_up_no_good_row(
    merchant: Persona, now: datetime
) -> None:
    known = OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2), lines=0).number
    faults = list(islice(_faults(known), 500))
    assert len(set(faults)) == 500
    good = _good(merchant, now, 1)
    rows = [GOOD | {"order": known} | {column: value} for column, value in faults]

    outcomes = _file(merchant, _table(rows), now)
    after = _file(merchant, _table(good), now)

    assert [row.number for row in outcomes] == list(range(2, 502))
    for row, (column, value) in zip(outcomes, faults, strict=True):
        told = dict(row.faults)
        assert column in told, (row.number, column, value, told)
        assert told[column]
    assert {column for column, _value in faults} == set(claim_rows.COLUMNS)
    assert len({why for row in outcomes for _column, why in row.faults}) >= 12
    with tenancy.platform():
        assert not Claim.objects.exclude(status="DRAFT").exclude(order_number=good[0]["order"]).exists()
        assert (after[0].faults, after[0].claim.status) == ([], "SUBMITTED")


@pytest.mark.django_db
def test_the_same_file_again_files_nothing_again(merchant: Persona, now: datetime) -> None:
    body = _table(_good(merchant, now, 3))

    first, second = _file(merchant, body, now), _file(merchant, body, now)

    assert [each.claim_id for each in first] == [each.claim_id for each in second]
    assert all(each.is_known for each in second)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"order,kind,story\n",
        b"order,story\nA,B\n",
        b"\xff\xfe\x00\x01",
        b"order,kind,story\n" + b"A,EXTORTION,x\n" * 501,
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(merchant: Persona, now: datetime, body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        _ask(merchant, body, now)

    assert list(refused.value.fields) == ["file"]
    with tenancy.platform():
        assert not BatchFiling.objects.exists()


@pytest.mark.django_db
def test_a_chinese_table_is_read_and_a_row_named_twice_is_told(merchant: Persona, now: datetime) -> None:
    order = OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2))
    line = f"{order.number},EXTORTION,¥88,买家私下要钱，否则给差评"
    body = f"订单号,类型,涉及金额,事情经过\n{line}\n{line}\n".encode("gb18030")

    outcomes = _file(merchant, body, now, is_handed_in=False)

    assert (outcomes[0].claim.status, outcomes[0].claim.source) == ("DRAFT", "CSV")
    assert "2" in dict(outcomes[1].faults)["order"]


@pytest.mark.django_db
def test_an_onlooker_files_nothing_and_cancels_nothing(merchant: Persona, onlooker: Persona, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        _ask(onlooker, b"order,kind,story\nA,EXTORTION,x\n", now)
    filing = _ask(merchant, _table(_good(merchant, now, 1)), now)

    with pytest.raises(NotAllowed), tenancy.merchant(merchant.shop.pk):
        bulk_filing.cancel(filing_id=filing.pk, actor=onlooker.actor, at=now)

    with tenancy.platform():
        assert BatchFiling.objects.get().status == "RUNNING"


@pytest.mark.django_db
def test_a_cancelled_file_stops_before_its_next_rows_and_keeps_what_is_filed(
    merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = _ask(merchant, _table(_good(merchant, now, 5)), now)
    monkeypatch.setattr(bulk_filing, "AT_ONCE", 2)

    _interrupted(monkeypatch, lambda: bulk_filing.cancel(filing_id=filing.pk, actor=merchant.actor, at=now))
    _work_off(now)

    with tenancy.platform():
        found = BatchFiling.objects.get()
        assert (found.status, found.rows_done, found.due_at, bytes(found.body)) == ("CANCELLED", 2, None, b"")
        assert FiledRow.objects.count() == 2
        assert bulk_filing.cancel(filing_id=filing.pk, actor=merchant.actor, at=now) == found
    assert _work_off(now + timedelta(hours=1)) == 0


@pytest.mark.django_db
def test_who_takes_a_file_over_goes_on_behind_the_last_rows_written(
    merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _good(merchant, now, 4)
    filing = _ask(merchant, _table([*rows, rows[0]]), now)
    monkeypatch.setattr(bulk_filing, "AT_ONCE", 2)

    def die() -> None:
        raise OSError("the machine goes away")

    _interrupted(monkeypatch, die)
    _work_off(now)
    assert _work_off(now + timedelta(minutes=1)) == 0, "the lease still stands"
    assert _work_off(now + timedelta(minutes=3)) == 1

    with tenancy.platform():
        found, outcomes = BatchFiling.objects.get(pk=filing.pk), list(batches.rows_of(filing))
        assert (found.status, found.rows_done) == ("DONE", 5)
        assert [each.number for each in outcomes] == [2, 3, 4, 5, 6]
        assert "2" in dict(outcomes[4].faults)["order"]
        assert Claim.objects.filter(status="SUBMITTED").count() == 4
        with pytest.raises(Conflict):
            bulk_filing.cancel(filing_id=filing.pk, actor=merchant.actor, at=now)


@pytest.mark.django_db
def test_a_file_that_keeps_failing_says_so(merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    _ask(merchant, _table(_good(merchant, now, 1)), now)
    monkeypatch.setattr(bulk_filing.filing, "draft", lambda **_given: 1 / 0)

    for attempt in range(6):
        _work_off(now + timedelta(minutes=3 * attempt))

    merchant.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with tenancy.platform():
        found = BatchFiling.objects.get()
        assert (found.status, found.last_error, found.due_at) == ("FAILED", "ZeroDivisionError", None)
    assert "Send the file again" in merchant.client.get(f"/m/claims/file/{found.pk}/").content.decode()


@pytest.mark.django_db
def test_the_page_shows_how_far_it_is_and_the_rows_to_mend_come_as_a_file(merchant: Persona) -> None:
    merchant.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    good = _good(merchant, timezone.now(), 1)
    file = io.BytesIO(_table([*good, GOOD | {"order": "NOT-THERE", "story": "=1+1 and more words"}]))
    file.name = "claims.csv"

    sent = merchant.client.post("/m/claims/file/", {"file": file})
    waiting = merchant.client.get(sent["Location"]).content.decode()
    _work_off(timezone.now())
    done = merchant.client.get(sent["Location"]).content.decode()

    assert 'hx-trigger="every 2s"' in waiting
    assert "0 of 2 rows done." in waiting
    assert "hx-trigger" not in done.split('id="progress"')[1][:200]
    assert good[0]["order"] in done
    assert "1 with faults" in done
    assert sent["Location"] in merchant.client.get("/m/claims/file/").content.decode()
    answer = merchant.client.get(f"{sent['Location']}faults.csv")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [line["order"] for line in lines] == ["NOT-THERE"]
    assert lines[0]["story"] == "'=1+1 and more words"
    assert "order: There is no such order" in lines[0]["What is wrong"]
    assert merchant.client.post("/m/claims/file/", {}).status_code == 422
    assert merchant.client.post(f"{sent['Location']}cancel/").status_code == 409


def _interrupted(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Let something happen once, after the first rows were written down."""
    write, happened = bulk_filing._write, []

    def written(*args: Any, **given: Any) -> None:
        write(*args, **given)
        if not happened:
            happened.append(True)
            what()

    monkeypatch.setattr(bulk_filing, "_write", written)
