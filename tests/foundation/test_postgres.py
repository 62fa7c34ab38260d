"""A connection that the server has left is not handed out, and nobody finds another's scope in one."""

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy

pytestmark = pytest.mark.django_db(transaction=True)
SCOPE = "SELECT coalesce(current_setting('portal.scope', true), ''), pg_backend_pid()"


def scope() -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(SCOPE)
        return tuple(cursor.fetchone())


def test_a_connection_the_server_has_left_is_replaced_before_anybody_has_it() -> None:
    with tenancy.platform():
        _said, first = scope()
        idle = connection.pool.getconn()
        idle.execute("SELECT pg_terminate_backend(%s)", [first])
        connection.pool.putconn(idle)
        connection.close()  # it lies in the pool, and nobody has noticed yet

        seen = set()
        for _ in range(connection.pool.max_size + 1):
            said, pid = scope()
            assert said == "platform"
            seen.add(pid)
            connection.close()
    assert first not in seen


def test_whoever_had_it_before_leaves_no_scope_behind() -> None:
    with tenancy.merchant(7):
        assert scope()[0] == "7"
        connection.close()
    assert {scope()[0] for _ in range(3)} == {""}
