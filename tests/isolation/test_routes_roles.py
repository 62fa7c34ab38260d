"""Every route of the staff admin by everybody, and every route of a shop by the shop's own lesser roles."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from merchant_protection.accounts.models import Membership
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.isolation import staff_pages, test_routes, walks
from tests.isolation.test_routes import CANARY, CLOSED, METHODS, said

things = test_routes.ids
STAFF = {"reviewer": "REVIEWER", "senior": "SENIOR_REVIEWER", "trainer": "TRAINER", "staff": "OPERATIONS"}
STRANGERS = ("merchant", "operator", "onlooker", "rival", "nobody")
# What is the admin's own and belongs to nobody's shop.
OWN = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site"}
OWN |= {"search", "app_list", ""}
PAGES = sorted(model._meta.label_lower for model in admin.site._registry)


def _admin_routes(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    found = next(p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == "admin")
    for pattern in found.url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _admin_routes(pattern.url_patterns, route)
        else:
            yield route, pattern


def addresses(label: str) -> list[str]:
    """The addresses of a kind of row, with a row of shop A's where they take one."""
    model = next(each for each in admin.site._registry if each._meta.label_lower == label)
    with tenancy.platform():
        row = model._base_manager.order_by("pk").values_list("pk", flat=True).first() or 1
    found = []
    for route, pattern in _admin_routes():
        if route.startswith(f"{label.replace('.', '/')}/"):
            where = route
            for name, converter in pattern.pattern.converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
                where = where.replace(f"<{kind}:{name}>", str(row)).replace(f"<{name}>", str(row))
            found.append(f"/admin/{where}")
    return found


def visitor(name: str, request: pytest.FixtureRequest) -> Client:
    return Client() if name == "nobody" else request.getfixturevalue(name).client


@pytest.fixture(autouse=True)
def _second_factor_is_not_asked_for(settings: Any, request: pytest.FixtureRequest) -> None:
    """The roles are looked at here, not how people signed in."""
    settings.DEMO = True
    for name in STAFF:
        person: Persona = request.getfixturevalue(name)
        person.user.is_demo = True
        person.user.save(update_fields=["is_demo"])


def test_every_page_of_the_admin_stands_in_the_table() -> None:
    assert set(PAGES) == set(staff_pages.VIEWERS)
    starts = tuple(f"{label.replace('.', '/')}/" for label in PAGES)
    others = {pattern.name or "" for route, pattern in _admin_routes() if not route.startswith(starts)}
    assert others - OWN == set()


@pytest.mark.case("T02")
@pytest.mark.parametrize("labels", walks.grouped(PAGES, size=5))
def test_the_admin_opens_to_its_roles_only(
    labels: tuple[str, ...], things: dict[str, Any], merchant: Persona, request: pytest.FixtureRequest
) -> None:
    visitors = {name: visitor(name, request) for name in (*STRANGERS, *STAFF)}
    before = state(merchant)

    with walks.Walk() as walk:
        for label in labels:
            with walk.step(label):
                _opens_to_its_roles_only(label, visitors)
                assert state(merchant) == before


def _opens_to_its_roles_only(label: str, visitors: dict[str, Client]) -> None:
    where, allowed = addresses(label), staff_pages.VIEWERS[label]
    assert len(where) >= 2, "a list and a row at least"
    for name in (*STRANGERS, *STAFF):
        client, may_look = walks.as_signed_in(visitors[name]), STAFF.get(name) in allowed
        for address in where:
            for method in ("get",) if may_look else METHODS:
                answer = getattr(client, method)(address)
                assert answer.status_code < 500, (name, method, address)
                if not may_look:
                    assert answer.status_code in CLOSED, (name, method, address, answer.status_code)
                    assert CANARY not in said(answer).replace(address, ""), (name, method, address)
        if may_look:
            assert client.get(min(where, key=len)).status_code == 200, name  # the list itself


@pytest.mark.case("T02")
@pytest.mark.parametrize("names", walks.grouped(test_routes.of_shops()))
def test_who_may_only_look_changes_nothing(
    names: tuple[str, ...], things: dict[str, Any], merchant: Persona, onlooker: Persona
) -> None:
    before, signed_in = state(merchant), onlooker.client

    with walks.Walk() as walk:
        for name in names:
            with walk.step(name):
                where, client = test_routes.address(name, things), walks.as_signed_in(signed_in)
                for method in ("post", "put", "patch", "delete"):
                    answer = getattr(client, method)(where)
                    assert answer.status_code < 500, ("onlooker", method)
                assert state(merchant) == before, "onlooker"


# What only owners do: who belongs to the shop, its keys, its sources, its settings.
OF_OWNERS = [
    *("team_invite", "team_change_role", "team_remove", "team_revoke_invitation", "key_new", "key_revoke"),
    *("source_new", "source_add_secret", "source_switch", "source_revoke_secret"),
]


@pytest.mark.case("T02")
@pytest.mark.parametrize("who", ["operator", "onlooker"])
def test_what_is_the_owners_is_nobody_elses(
    who: str, things: dict[str, Any], merchant: Persona, request: pytest.FixtureRequest
) -> None:
    signed_in, before = visitor(who, request), state(merchant)
    fields = {"email": "new@a.example", "role": "OWNER", "name": "x", "scopes": ["orders:read"], "lasts": "0"}

    with walks.Walk() as walk:
        for name in OF_OWNERS:
            with walk.step(name):
                answer = walks.as_signed_in(signed_in).post(test_routes.address(name, things), fields)
                assert answer.status_code in (302, 403, 404), (who, answer.status_code)
                assert state(merchant) == before, who


# The API and staff's own pages open by roles; what is changed there is judged by the commands' tests.
@pytest.mark.case("T02")
@pytest.mark.parametrize("names", walks.grouped(test_routes.of_shops()))
def test_staff_change_nothing_through_a_shops_pages(
    names: tuple[str, ...], things: dict[str, Any], merchant: Persona, request: pytest.FixtureRequest
) -> None:
    visitors = {who: visitor(who, request) for who in STAFF}
    before = state(merchant)

    with walks.Walk() as walk:
        for name in names:
            with walk.step(name):
                where = test_routes.address(name, things)
                for who, signed_in in visitors.items():
                    if where.startswith("/m/"):
                        _finds_it_closed(where, who, walks.as_signed_in(signed_in))
                assert state(merchant) == before


def _finds_it_closed(where: str, who: str, client: Client) -> None:
    for method in METHODS:
        answer = getattr(client, method)(where)
        assert answer.status_code < 500, (who, method)
        assert answer.status_code in CLOSED, (who, method, answer.status_code)
        assert CANARY not in said(answer).replace(where, ""), (who, method)


def state(merchant: Persona) -> tuple[Any, ...]:
    """What must not have changed: all that a rival must not change, who belongs to the shop, and the audit."""
    with tenancy.platform():
        return (
            *test_routes.state(merchant),
            list(Membership.objects.filter(merchant=merchant.shop).order_by("pk").values_list("role", "is_active")),
            list(Entry.objects.exclude(action__startswith="account.").values_list("action", "actor_name")),
        )
