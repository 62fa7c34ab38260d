"""Many routes in one test: shop A is built once for a group of them, and what one route did is undone for the next."""

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import pytest
from allauth.account.internal.flows import reauthentication
from django.conf import settings
from django.contrib.auth import get_user
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.test.client import ClientHandler

GROUP = 25


def grouped(names: Sequence[str], size: int = GROUP) -> list[Any]:
    """The names in groups, each a test's parameter that is called by its first and last name."""
    parts = [tuple(names[start : start + size]) for start in range(0, len(names), size)]
    return [pytest.param(part, id=f"{part[0]}..{part[-1]}") for part in parts]


@functools.cache
def _site() -> ClientHandler:
    """The site as every visitor of a walk meets it; put together once, not for each of them."""
    return ClientHandler(enforce_csrf_checks=False)


def stranger(**options: Any) -> Client:
    """Somebody who was never here."""
    fresh = Client(**options)
    fresh.handler = _site()
    return fresh


def as_signed_in(client: Client) -> Client:
    """The same visitor with the cookies of the start: no route may sign somebody out for the routes after it.

    The password was given just now: a door that only asks for it again would hide one that stands open behind it.
    """
    if settings.SESSION_COOKIE_NAME not in client.cookies:
        return stranger()
    request = HttpRequest()
    request.session = client.session
    request.user = get_user(request)
    reauthentication.reauthenticate_by_password(request)
    request.session.save()
    fresh = stranger()
    fresh.cookies.load(client.cookies.output(header="", sep=";"))
    return fresh


class Walk:
    """Goes on after a fault, and at the end names every route that had one."""

    def __init__(self) -> None:
        self.faults: list[Exception] = []
        self.steps = 0

    def __enter__(self) -> "Walk":
        return self

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Look at one route; its writes are taken back, also when it is found wanting."""
        self.steps += 1
        point = transaction.savepoint()
        try:
            yield
        except Exception as fault:
            fault.add_note(f"at {name}")
            self.faults.append(fault)
        finally:
            transaction.set_rollback(False)
            transaction.savepoint_rollback(point)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None and self.faults:
            names = ", ".join(note for fault in self.faults for note in fault.__notes__)
            raise ExceptionGroup(f"{len(self.faults)} of {self.steps}: {names}", self.faults)
        assert kind is not None or self.steps, "a walk that looked at nothing"
