"""A NUL in an address, which the database cannot look for, is refused: some of these a stranger reaches."""

import pytest
from django.test import Client

from tests.factories.scalper_policies import DrawFactory
from tests.fixtures.people import Persona


@pytest.mark.django_db
def test_a_stranger_asks_for_a_draw_with_a_nul(merchant: Persona) -> None:
    draw = DrawFactory(merchant=merchant.shop)
    own = f"/draws/{draw.commitment}/"
    addresses = ("/draws/%00/", "/draws/%00/entries.csv", f"{own}?entry=%00")

    assert [Client().get(each).status_code for each in (own, *addresses)] == [200, 404, 404, 404]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/m/claims/?q=%00", "/m/claims/new/?q=%00", "/m/orders/%00/", "/admin/%00"])
@pytest.mark.parametrize(
    ("language", "said"), [("en", "There is nothing at this address"), ("zh-hans", "此地址没有内容")]
)
def test_a_page_answers_a_page_in_the_readers_language(
    address: str, language: str, said: str, merchant: Persona
) -> None:
    merchant.client.cookies["django_language"] = language
    answer = merchant.client.get(address)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert said in answer.text


@pytest.mark.django_db
def test_a_program_is_told_by_a_problem(merchant: Persona) -> None:
    answer = merchant.client.get("/api/v1/orders?search=%00")

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
