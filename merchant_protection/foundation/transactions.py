"""Where a transaction begins: a command opens the one transaction, a step needs it open.

`transaction` refuses to run inside another, so that one use case is one commit;
`transaction_required` never opens one.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import overload

from django_subatomic import db
from django_subatomic.db import savepoint, transaction_required

__all__ = ["before_commit", "savepoint", "transaction", "transaction_required"]

_last_word: ContextVar[Callable[[], None] | None] = ContextVar("last_word", default=None)


@overload
def transaction() -> AbstractContextManager[None]: ...
@overload
def transaction[**P, R](command: Callable[P, R]) -> Callable[P, R]: ...
def transaction[**P, R](command: Callable[P, R] | None = None) -> AbstractContextManager[None] | Callable[P, R]:
    """Open the one transaction of a command, as a decorator or a block."""
    if command is None:
        return _opened()

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with _opened():
            return command(*args, **kwargs)

    return run


@contextmanager
def before_commit(step: Callable[[], None]) -> Iterator[None]:
    """Let every command in this block do `step` as the last thing in its own transaction."""
    token = _last_word.set(step)
    try:
        yield
    finally:
        _last_word.reset(token)


@contextmanager
def _opened() -> Iterator[None]:
    with db.transaction():
        yield
        if step := _last_word.get():
            step()
