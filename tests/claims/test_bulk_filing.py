"""Complaints from a table: 500 rows, each judged by itself."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from claims.models import Claim
from claims.rules import claim_rows
from claims.services import bulk_filing
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Invalid, NotAllowed
from tests.factories.marketplace import OrderFactory
from tests.fixtures.people import Persona

STORY = "The buyer asks for money in private."
GOOD = {"kind": "EXTORTION", "amount": "88.50", "story": STORY, "contacted": "yes", "channel": "PHONE"}
FAULTS: list[tuple[dict[str, str], str]] = [
    ({"order": ""}, "order"),
    ({"order": "NOT-THERE"}, "order"),
    ({"kind": "NONSENSE"}, "kind"),
    ({"kind": "MALICIOUS_REFUND_ONLY"}, "kind"),
    ({"amount": "a lot"}, "amount"),
    ({"amount": "0"}, "amount"),
    ({"amount": "1.234"}, "amount"),
    ({"amount_demanded": "-1"}, "amount_demanded"),
    ({"happened_at": "yesterday"}, "happened_at"),
    ({"happened_at": "1969-12-31 10:00"}, "happened_at"),
    ({"happened_at": "2999-01-01"}, "happened_at"),
    ({"channel": "PIGEON"}, "channel"),
    ({"contacted": "perhaps"}, "contacted"),
    ({"story": ""}, "story"),
    ({"story": "short"}, "story"),
    ({"story": "x" * 2001}, "story"),
]


def _table(rows: list[dict[str, str]], *, columns: tuple[str, ...] = claim_rows.COLUMNS) -> bytes:
    body = io.StringIO()
    writer = csv.DictWriter(body, columns)
    writer.writeheader()
    writer.writerows(rows)
    return body.getvalue().encode("utf-8-sig")


def _file(persona: Persona, body: bytes, at: datetime, *, is_handed_in: bool = True) -> list[bulk_filing.Outcome]:
    with tenancy.merchant(persona.shop.pk):
        return bulk_filing.file_rows(
            actor=persona.actor, merchant_id=persona.shop.pk, body=body, zone=UTC, at=at, is_handed_in=is_handed_in
        )


@pytest.mark.case("CL-07")
@pytest.mark.django_db
def test_five_hundred_rows_each_with_a_fault_are_told_row_by_row_and_a_good_one_is_filed(
    merchant: Persona, now: datetime
) -> None:
    order = OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2))
    others = [OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2), lines=0) for _ in range(40)]
    rows, wanted = [], []
    for index in range(499):
        fault, column = FAULTS[index % len(FAULTS)]
        known = others[index % len(others)].number
        rows.append(GOOD | {"order": known, "story": f"{STORY} Row {index}."} | fault)
        wanted.append(column)
    rows.append(GOOD | {"order": order.number})

    outcomes = _file(merchant, _table(rows), now)

    assert len(outcomes) == 500
    for outcome, column in zip(outcomes, wanted, strict=False):
        assert column in dict(outcome.faults), (outcome.number, outcome.faults)
        assert all(why for _name, why in outcome.faults)
    assert (outcomes[-1].faults, outcomes[-1].claim.status) == ((), "SUBMITTED")
    assert [outcome.number for outcome in outcomes] == list(range(2, 502))
    with tenancy.platform():
        assert Claim.objects.exclude(status="DRAFT").count() == 1


@pytest.mark.django_db
def test_the_same_file_again_files_nothing_again(merchant: Persona, now: datetime) -> None:
    orders = [OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2)) for _ in range(3)]
    body = _table([GOOD | {"order": each.number} for each in orders])

    first, second = _file(merchant, body, now), _file(merchant, body, now)

    assert [each.claim.pk for each in first] == [each.claim.pk for each in second]
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
        _file(merchant, body, now)

    assert list(refused.value.fields) == ["file"]


@pytest.mark.django_db
def test_a_chinese_table_is_read_and_a_row_named_twice_is_told(merchant: Persona, now: datetime) -> None:
    order = OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2))
    line = f"{order.number},EXTORTION,￥88,买家私下要钱，否则给差评"
    body = f"订单号,类型,涉及金额,事情经过\n{line.replace('￥', '¥')}\n{line.replace('￥', '¥')}\n".encode("gb18030")

    outcomes = _file(merchant, body, now, is_handed_in=False)

    assert (outcomes[0].claim.status, outcomes[0].claim.source) == ("DRAFT", "CSV")
    assert "2" in dict(outcomes[1].faults)["order"]


@pytest.mark.django_db
def test_an_onlooker_files_nothing(merchant: Persona, onlooker: Persona, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        _file(onlooker, b"order,kind,story\nA,EXTORTION,x\n", now)


@pytest.mark.django_db
def test_the_page_tells_each_row(merchant: Persona, now: datetime) -> None:
    order = OrderFactory(merchant=merchant.shop, placed_at=now - timedelta(days=2))
    file = io.BytesIO(_table([GOOD | {"order": order.number}, GOOD | {"order": "NOT-THERE"}]))
    file.name = "claims.csv"

    page = merchant.client.post("/m/claims/file/", {"file": file})

    text = page.content.decode()
    assert order.number in text
    assert "NOT-THERE" in text
    assert merchant.client.post("/m/claims/file/", {}).status_code == 422
