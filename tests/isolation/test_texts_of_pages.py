"""No page takes a text that cannot be kept or shown: each address that may be posted to names the field, in words."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import resolve

from merchant_protection.foundation import texts
from tests.fixtures.people import Persona
from tests.isolation import every_address, fields_of_pages, test_routes, walks

things = test_routes.ids
BAD = {
    "a NUL": "a\x00b",
    "a control character": "a\x1bb",
    "a mark that turns the reading": "a\u202eb",
    "a megabyte": "x" * (1 << 20),
}
ODD = ["x" * 20_000, "\ufffd\u200b👩‍👩‍👧 ", "1e400", "9" * 30, "", "ＮａＮ"]
PAGES = sorted({(view.__module__, view.__qualname__): where for where, view in every_address.of_pages()}.values())
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def visitors(merchant: Persona, senior: Persona, settings: Any) -> dict[bool, Client]:
    """Who is let in, by whether the address is the staff's."""
    settings.DEMO, senior.user.is_demo = True, True
    senior.user.save(update_fields=["is_demo"])
    return {False: merchant.client, True: senior.client}


@pytest.mark.django_db
def test_every_page_names_the_field_that_it_cannot_take(visitors: dict[bool, Client]) -> None:
    taken = []
    for where in PAGES:
        client = visitors[where.startswith("/admin/")]
        answer = client.post(where, {"unheard-of": BAD["a NUL"]}, headers={"HX-Request": "true"})
        told = json.loads(answer.headers.get("HX-Trigger", "{}")).get("toast", {}).get("text", "")
        if answer.status_code != 422 or "unheard-of: " not in told:
            taken.append((where, answer.status_code, told))

    assert taken == []
    assert len(PAGES) > 300


@pytest.mark.django_db
@pytest.mark.parametrize("sent_as", ["multipart", "urlencoded"])
@pytest.mark.parametrize("bad", BAD)
def test_each_bad_text_is_told_by_the_label_of_its_field(bad: str, sent_as: str, merchant: Persona) -> None:
    form = {"name": BAD[bad], "scopes": ["orders:read"]}
    as_text = {"data": urlencode(form, doseq=True), "content_type": URLENCODED}
    sent: dict[str, Any] = {"data": form} if sent_as == "multipart" else as_text

    for language, label in (("en", "Name"), ("zh-hans", "名称")):
        merchant.client.cookies["django_language"] = language
        answer = merchant.client.post("/m/keys/new/", **sent)

        assert answer.status_code == 422
        assert f"<b>{label}" in answer.text
        assert merchant.shop
        assert not merchant.shop.api_keys.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("said", ['"\\u0000"', '"\\ud800"', '["a", {"b": "\\u202e"}]'])
def test_what_a_script_of_a_page_sends_is_judged_too(said: str, merchant: Persona) -> None:
    body = f'{{"file": 1, "type": "CHAT", "note": {said}}}'
    answer = merchant.client.post("/m/claims/1/evidence/", body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["reason"]


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.soak) for turn in range(1, len(ODD)))])
def test_no_page_fails_at_what_is_odd_but_a_text(
    turn: int, things: dict[str, dict[str, Any]], merchant: Persona, visitors: dict[bool, Client]
) -> None:
    with walks.Walk() as walk:
        for name in test_routes.of_shops():
            where = test_routes.address(name, things)
            fields = sorted(fields_of_pages.of_module(resolve(where).func.__module__))
            if fields and not where.startswith("/api/"):
                with walk.step(name):
                    client = walks.as_signed_in(visitors[where.startswith("/admin/")])
                    body = {field: ODD[(place + turn) % len(ODD)] for place, field in enumerate(fields)}
                    assert client.post(where, body).status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["1e400", "NaN", "[" * 5_000, '{"file": 1e999, "type": "CHAT"}', "[]", "{}", ""])
@pytest.mark.parametrize("where", ["/m/claims/1/evidence/", "/m/files/", "/m/training/sessions/1/beat/"])
def test_a_page_that_reads_json_refuses_what_is_none(body: str, where: str, merchant: Persona) -> None:
    as_json = merchant.client.post(where, body, content_type="application/json")
    as_form = merchant.client.post(where, {"file": "1"})

    assert {as_json.status_code, as_form.status_code} <= {400, 404, 422}


def test_a_text_is_not_refused_for_its_tabs_lines_and_letters() -> None:
    fine = ("a\tb\r\nc", "黄牛 👩‍👩‍👧 ", "שלום \u200f", "x" * texts.LONGEST, "")

    assert [texts.fault_of(each) for each in fine] == [""] * len(fine)
    assert texts.fault_of("x" * (texts.LONGEST + 1))
