"""How often Python looks for objects that only hold each other."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OFTEN_ENOUGH = 50_000
AS_USUAL = gc.get_threshold()


def rarely_while_loading() -> None:
    """Let the collector run seldom from now on: hardly anything that a program loads is ever let go again.

    Looked through again and again while it grew, it cost a quarter of the CPU of every start.
    """
    gc.set_threshold(OFTEN_ENOUGH, 10, 10)


def as_usual() -> None:
    """Let the collector run as often as Python does by itself, for a program that is loaded now."""
    gc.set_threshold(*AS_USUAL)


def rarely() -> None:
    """Let the collector run seldom, and never over what the program loaded: for programs that work in large batches.

    A batch of a thousand rows makes a hundred thousand objects that all live until its end; looked through again
    and again while it grows, they cost a third of its CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN_ENOUGH, 10, 10)


@contextmanager
def seldom() -> Iterator[None]:
    """Let the collector run seldom in this block, which makes very many things that all live until its end."""
    before = gc.get_threshold()
    gc.set_threshold(OFTEN_ENOUGH, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*before)
