"""A route is pressed, and what it changed left its record in the same transaction."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from tests.audit import register
from tests.fixtures.records import Changes

type Press = Callable[[], Any]


def pressed(route: str, press: Press) -> set[str]:
    """Press a route and return the tables of its changes; fails when it refused, changed nothing or left no record."""
    changes = Changes()
    with connection.execute_wrapper(changes):
        answer = press()
    assert answer.status_code < 400, (answer.status_code, answer.content.decode()[:2000])
    assert register.route_of(answer.wsgi_request) == route, register.route_of(answer.wsgi_request)
    owed = [tables for tables in changes.kept() if register.is_change(route, tables)]
    assert owed, "it changed nothing"
    for tables in owed:
        fault = register.fault_of(route, tables)
        assert not fault, fault
    return set().union(*owed)
