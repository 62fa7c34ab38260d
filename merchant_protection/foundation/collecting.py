"""How often Python looks for objects that only hold each other."""

import gc

OFTEN_ENOUGH = 50_000


def rarely() -> None:
    """Let the collector run seldom, and never over what the program loaded: for programs that work in large batches.

    A batch of a thousand rows makes a hundred thousand objects that all live until its end; looked through again
    and again while it grows, they cost a third of its CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN_ENOUGH, 10, 10)
