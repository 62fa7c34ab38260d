"""The machinery under the tests: who they are to the database, and that nothing is left behind."""

import psycopg
import pytest
from django.db import connection

from merchant_protection.accounts.models import Merchant
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import OrderLine
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import AfterSaleFactory, OrderFactory, PromotionFactory
from tests.fixtures import database, servers
from tests.fixtures.people import Persona


@pytest.mark.django_db
def test_tests_run_as_the_program_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")

        assert cursor.fetchone() == ("portal_app", False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", [1, 2])
def test_what_a_test_commits_is_gone_afterwards(_time: int, now: object) -> None:
    with tenancy.platform():
        assert not Merchant.objects.exists()
        assert not Entry.objects.exists()

        MerchantFactory()
        Entry.objects.create(at=now, actor_kind="CLOCK", actor_name="test", action="test")


@pytest.mark.django_db
def test_what_migrations_wrote_is_put_back() -> None:
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        kept = [name for (name,) in server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'aside'")]
        before = {name: _rows(server, name) for name in kept}

        database.empty_tables(str(connection.settings_dict["NAME"]))

        assert before == {name: _rows(server, name) for name in kept}


@pytest.mark.usefixtures("platform_scope")
def test_factories_make_rows_of_one_merchant() -> None:
    shop = MerchantFactory()

    order = OrderFactory(merchant=shop, lines=3)
    after_sale = AfterSaleFactory(merchant=shop)
    PromotionFactory(merchant=shop)

    assert OrderLine.objects.filter(order=order, merchant=shop).count() == 3
    assert after_sale.order.merchant == after_sale.buyer.merchant == shop


def test_people_have_their_roles(
    merchant: Persona, operator: Persona, onlooker: Persona, rival: Persona, reviewer: Persona, staff: Persona
) -> None:
    assert merchant.shop
    assert rival.shop
    assert merchant.actor.owns(merchant.shop.pk)
    assert operator.actor.may_write(merchant.shop.pk)
    assert not onlooker.actor.may_write(merchant.shop.pk)
    assert not rival.actor.may_read(merchant.shop.pk)
    assert reviewer.actor.has_staff_role("REVIEWER")
    assert staff.actor.has_staff_role("OPERATIONS")


def _rows(server: psycopg.Connection, name: str) -> object:
    return server.execute(f"SELECT count(*) FROM public.{name}").fetchone()
