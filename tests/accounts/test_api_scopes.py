"""Every scope that a key can be given opens something, and its lack is refused by name."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from merchant_protection.accounts import policies
from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.accounts.forms import SCOPE_WORDS
from tests.factories.accounts import ApiKeyFactory
from tests.factories.notices import NoticeFactory
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona

OPEN = {"api_events", "api_schema", "api_unknown", ""}  # signed, public, and what does not exist


def views(patterns: list[Any] | None = None) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Every endpoint of the API: its name, its view, its methods with what each does."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and (hasattr(pattern.callback, "cls") or "api/" in str(pattern.pattern)):
            view = getattr(pattern.callback, "cls", None)
            actions = getattr(pattern.callback, "actions", None)
            methods = (
                dict(actions) if actions else {name: name for name in ("get", "post", "patch") if hasattr(view, name)}
            )
            yield pattern.name or "", view, methods


ENDPOINTS = [each for each in views() if each[0] not in OPEN]


SCOPED = [each for each in ENDPOINTS if each[1] and issubclass(each[1], ForPrograms)]


def test_every_endpoint_says_which_scope_it_asks_for() -> None:
    assert [name for name, view, _methods in ENDPOINTS if not (view and issubclass(view, ForPrograms))] == []
    assert [name for name, view, methods in ENDPOINTS if "get" in methods and not view.read_scope] == []


def test_every_scope_opens_something_and_has_words() -> None:
    asked = {view.read_scope for _name, view, methods in ENDPOINTS if "get" in methods}
    asked |= {view.write_scope for _name, view, methods in ENDPOINTS if set(methods) - {"get"}}

    assert asked - {""} == set(policies.scopes_for(None)) | set(policies.scopes_for(1))
    assert set(SCOPE_WORDS) == set(policies.scopes_for(None)) | set(policies.scopes_for(1))


@pytest.mark.parametrize(
    "endpoint",
    SCOPED,
    ids=lambda each: f"{each[0]} {each[1].__name__}",
)
def test_a_key_with_every_other_scope_is_refused_by_name(db: None, endpoint: tuple[str, Any, dict[str, str]]) -> None:
    name, view, methods = endpoint
    where = address(name)
    for method, action in methods.items():
        scope = view.read_scope if method == "get" else view.write_scope
        scope = "" if action in view.people_only else scope
        others = [each for each in policies.scopes_for(None) if each != scope]
        key = ApiKeyFactory(merchant=None, scopes=others).presented
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}

        answer = getattr(Client(), method)(where, headers=headers, content_type="application/json")

        assert answer.status_code == 403, method
        assert scope in answer.json()["detail"]


def address(name: str) -> str:
    pattern = next(p for p in _patterns(get_resolver().url_patterns) if p.name == name)
    wanted = set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex) - {"format"}
    return reverse(name, kwargs=dict.fromkeys(wanted, 1))


def _patterns(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def test_a_program_reads_the_inbox_and_the_warnings(merchant: Persona, rival: Persona) -> None:
    notice, warning = NoticeFactory(merchant=merchant.shop), WarningFactory(merchant=merchant.shop)
    key, theirs = merchant.key("notices:read", "warnings:read"), rival.key("notices:read", "warnings:read")

    told = Client().get("/api/v1/notices", **key).json()["results"]
    warned = Client().get("/api/v1/warnings?status=OPEN&level=MEDIUM", **key).json()["results"]

    assert [(each["id"], "orders.csv" in each["title"] + each["text"]) for each in told] == [(notice.pk, True)]
    assert [(each["id"], each["kind"]) for each in warned] == [(warning.pk, "hoarding")]
    for path in (f"notices/{notice.pk}", f"warnings/{warning.pk}"):
        assert Client().get(f"/api/v1/{path}", **key).status_code == 200
        assert Client().get(f"/api/v1/{path}", **theirs).status_code == 404
    assert Client().get("/api/v1/notices?archived=true", **key).json()["results"] == []


def test_the_platforms_program_opens_and_changes_shops(merchant: Persona) -> None:
    key = ApiKeyFactory(merchant=None, scopes=["merchants:write"]).presented
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
    made = (
        Client()
        .post("/api/v1/merchants", {"code": "QH-9", "name": "九号店"}, content_type="application/json", headers=headers)
        .json()
    )
    change = {"version": made["version"], "name": "九号旗舰店"}

    def patch() -> Any:
        return Client().patch(
            f"/api/v1/merchants/{made['id']}", change, content_type="application/json", headers=headers
        )

    assert patch().json()["name"] == "九号旗舰店"
    assert patch().status_code == 409
    assert Client().get("/api/v1/merchants?code=QH-9", headers=headers).json()["results"][0]["name"] == "九号旗舰店"


def test_people_see_their_own_shops_and_only_owners_change_them(
    merchant: Persona, onlooker: Persona, rival: Persona
) -> None:
    where, change = f"/api/v1/merchants/{merchant.shop.pk}", {"version": 1, "name": "新名字"}

    assert [each["id"] for each in merchant.client.get("/api/v1/merchants").json()["results"]] == [merchant.shop.pk]
    assert rival.client.patch(where, change, content_type="application/json").status_code == 404
    assert onlooker.client.patch(where, change, content_type="application/json").status_code == 403
    assert merchant.client.patch(where, change, content_type="application/json").json()["name"] == "新名字"
    shop = {"code": "x", "name": "x"}
    assert merchant.client.post("/api/v1/merchants", shop, content_type="application/json").status_code == 403
