"""A change and its record stand or fall together: where the database refuses the record, nothing was changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tests.factories import claims
from tests.factories.marketplace import SellingPlatformFactory
from tests.factories.risk import RestrictionFactory, WarningFactory
from tests.factories.scalper_policies import VersionFactory
from tests.fixtures import servers
from tests.fixtures.people import Persona

REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room for a record''; END';
CREATE TRIGGER refuse BEFORE INSERT ON {} EXECUTE FUNCTION refuse();
"""
ADMIT = "DROP TRIGGER refuse ON {}; DROP FUNCTION refuse();"
# Who is signed in, how often somebody asks, and what was answered to a key are no changes of a shop's.
BESIDE = ("django_session", "foundation_rate", "usersessions_usersession", "accounts_user")
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
CONTENT = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} AS t"

type Change = Callable[[Persona], Any]


def keep_a_view(merchant: Persona) -> Any:
    return merchant.client.post("/m/views/", {"path": "/m/orders/", "name": "Mine", "query": "q=1"})


def withdraw_a_complaint(merchant: Persona) -> Any:
    return merchant.client.post(f"/m/claims/{made['complaint']}/withdraw/")


def answer_a_warning(merchant: Persona) -> Any:
    return merchant.client.post(f"/m/warnings/{made['warning']}/answer/", {"answer": "acknowledge"})


def lift_a_restriction(merchant: Persona) -> Any:
    return merchant.client.post(f"/m/restrictions/{made['restriction']}/lift/")


def submit_a_policy(merchant: Persona) -> Any:
    return merchant.client.post(f"/m/scalper-policies/versions/{made['policy']}/move/", {"move": "submit"})


made: dict[str, int] = {}
CHANGES: list[tuple[str, Change]] = [
    ("audit_entry", keep_a_view),
    ("claims_claimmove", withdraw_a_complaint),
    ("risk_warningmove", answer_a_warning),
    ("risk_restrictionmove", lift_a_restriction),
    ("scalper_policies_versionmove", submit_a_policy),
]


@pytest.fixture
def furnished(transactional_db: None, merchant: Persona) -> Persona:
    """A shop with one of each thing that the changes are about."""
    shop = merchant.shop
    assert shop
    SellingPlatformFactory()
    made.update(
        complaint=claims.submitted(shop).pk,
        warning=WarningFactory(merchant=shop).pk,
        restriction=RestrictionFactory(merchant=shop).pk,
        policy=VersionFactory(merchant=shop, status="DRAFT").pk,
    )
    merchant.client.raise_request_exception = False
    merchant.client.get("/m/")  # or the first look of a session would be written down by the change
    return merchant


@contextmanager
def no_room_in(table: str) -> Iterator[None]:
    """Let the database refuse every new row of a table."""
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        server.execute(REFUSE.format(table).encode())
        try:
            yield
        finally:
            server.execute(ADMIT.format(table).encode())


def content() -> dict[str, str]:
    """A digest of every table."""
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        tables = [name for (name,) in server.execute(TABLES) if name not in BESIDE]
        found = {}
        for name in tables:
            row = server.execute(CONTENT.format(name).encode()).fetchone()
            found[name] = row[0] if row else ""
        return found


@pytest.mark.case("T35")
@pytest.mark.parametrize(("record", "change"), CHANGES, ids=[change.__name__ for _table, change in CHANGES])
def test_without_room_for_its_record_a_change_does_not_happen(record: str, change: Change, furnished: Persona) -> None:
    before = content()

    with no_room_in(record):
        refused = change(furnished)
    after = content()
    done = change(furnished)

    assert refused.status_code == 500
    assert {name for name in after if after[name] != before[name]} == set()
    assert done.status_code in (200, 302)
    assert {record} < {name for name, kept in content().items() if kept != before[name]}
