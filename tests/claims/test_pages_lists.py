"""The shop's lists: what is most urgent first, and every complaint on some page."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import Claim
from claims.views import lists
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.fixtures.people import Persona

ROW = re.compile(r'class="row-link" href="/m/claims/(\d+)/')
NEXT = re.compile(r'rel="next" href="([^"]+)"')
PAGE, MANY = 6, 16


def _fill(merchant: Persona, now: datetime) -> list[int]:
    """Complaints in progress with every mix of deadlines, equal ones and none; return them in the order promised."""
    rows = [make.submitted(merchant.shop, at=now).pk for _ in range(MANY)]
    with tenancy.platform():
        for number, pk in enumerate(rows):
            asked = now + timedelta(hours=number % 4) if number % 5 == 0 else None
            due = None if number % 7 == 0 else now + timedelta(hours=number % 3)
            Claim.objects.filter(pk=pk).update(evidence_due_at=asked, due_at=due, amount=Decimal(number % 2))
        found = list(Claim.objects.filter(pk__in=rows))
    far = now + timedelta(days=9999)
    found.sort(key=lambda one: (one.evidence_due_at or far, one.due_at or far, -one.amount, -one.pk))
    return [one.pk for one in found]


def _walk(merchant: Persona, start: str) -> list[list[int]]:
    pages, address = [], start
    while address:
        text = merchant.client.get(address).content.decode()
        pages.append([int(found) for found in ROW.findall(text)])
        following = NEXT.search(text)
        address = "/m/claims/" + following[1].replace("&amp;", "&") if following else ""
    return pages


@pytest.mark.django_db
def test_the_urgent_list_shows_every_complaint_once_and_the_nearest_deadline_first(
    merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", PAGE)
    wanted = _fill(merchant, now)

    pages = _walk(merchant, "/m/claims/?view=open")

    assert [len(page) for page in pages] == [PAGE, PAGE, 4]
    assert [pk for page in pages for pk in page] == wanted


@pytest.mark.django_db
def test_a_full_page_asks_the_database_as_often_as_a_page_of_one(merchant: Persona, now: datetime) -> None:
    make.submitted(merchant.shop, at=now)
    merchant.client.get("/m/claims/?view=open")
    with CaptureQueriesContext(connection) as one:
        merchant.client.get("/m/claims/?view=open")
    _fill(merchant, now)

    with CaptureQueriesContext(connection) as full:
        merchant.client.get("/m/claims/?view=open")

    assert len(full) == len(one)
