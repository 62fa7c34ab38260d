"""Programs that work in batches look for cycles seldom, and still find them."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from merchant_protection.foundation import collecting


class Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_the_collector_runs_seldom_and_not_over_what_was_loaded() -> None:
    collecting.rarely()

    assert gc.get_threshold()[0] == collecting.OFTEN_ENOUGH
    assert gc.get_freeze_count() > 1_000


def test_while_a_program_loads_the_collector_runs_seldom_and_then_as_usual() -> None:
    collecting.rarely_while_loading()
    assert gc.get_threshold() == (collecting.OFTEN_ENOUGH, 10, 10)

    collecting.as_usual()
    assert gc.get_threshold() == collecting.AS_USUAL


def test_for_a_while_the_collector_runs_seldom_and_then_as_before_even_after_an_error() -> None:
    gc.set_threshold(600, 7, 8)

    with pytest.raises(ZeroDivisionError), collecting.seldom():
        raise ZeroDivisionError(gc.get_threshold())

    assert gc.get_threshold() == (600, 7, 8)


def test_what_only_holds_itself_goes_after_so_many_objects() -> None:
    collecting.rarely()
    knot = weakref.ref(Knot())

    kept = [[] for _ in range(collecting.OFTEN_ENOUGH * 2)]

    assert knot() is None
    assert kept
