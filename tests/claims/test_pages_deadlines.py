"""The shop and the desk read the same deadline: the same moment, the same working time left, by the same calendar."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from claims.models import Claim, WorkCalendar
from claims.queries import deadlines
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.fixtures.people import Persona

BADGE = re.compile(r'<sla-timer datetime="([^"]+)" minutes="(-?\d+)" until="([^"]*)"')


@pytest.fixture(autouse=True)
def _second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def _badge(persona: Persona, path: str) -> tuple[str, int]:
    found = BADGE.search(persona.client.get(path).content.decode())
    assert found, path
    return found[1], int(found[2])


@pytest.mark.django_db
def test_list_and_page_of_the_shop_count_working_time_as_the_desk_does(merchant: Persona, reviewer: Persona) -> None:
    make.on_the_desk(reviewer.user)
    claim = make.submitted(merchant.shop)
    with tenancy.platform():
        before = deadlines.of([claim], now=timezone.now())[claim.pk].minutes

    seen = [
        _badge(reviewer, f"/admin/desk/{claim.pk}/"),
        _badge(reviewer, "/admin/desk/?tab=next"),
        _badge(merchant, f"/m/claims/{claim.pk}/"),
        _badge(merchant, "/m/claims/?view=open"),
    ]

    with tenancy.platform():
        after = deadlines.of([claim], now=timezone.now())[claim.pk].minutes
        assert {due for due, _minutes in seen} == {Claim.objects.get(pk=claim.pk).due_at.isoformat()}
    assert all(after <= minutes <= before for _due, minutes in seen), (after, seen, before)


@pytest.mark.django_db
def test_a_night_is_not_counted_against_the_time_that_is_left(merchant: Persona, reviewer: Persona) -> None:
    """One hour a day is worked: what is left is far less than the clock on the wall would say."""
    with tenancy.platform():
        WorkCalendar.objects.update(week=[[["09:00", "10:00"]]] * 7, revision=99)
    claim = make.submitted(merchant.shop)

    due, minutes = _badge(merchant, f"/m/claims/{claim.pk}/")

    wall = (timezone.datetime.fromisoformat(due) - timezone.now()) / timedelta(minutes=1)
    assert 0 < minutes < wall / 10
    page = merchant.client.get(f"/m/claims/{claim.pk}/", headers={"Accept-Language": "en"}).content.decode()
    assert "working time left" in page


@pytest.mark.django_db
def test_the_list_asks_as_much_for_one_complaint_as_for_twenty(merchant: Persona) -> None:
    def asked() -> int:
        with make.counted() as asked:
            assert merchant.client.get("/m/claims/?view=open").status_code == 200
        return len(asked)

    make.submitted(merchant.shop)
    asked()
    once = asked()
    for _more in range(19):
        make.submitted(merchant.shop)

    assert asked() == once
