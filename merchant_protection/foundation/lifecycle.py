"""A life cycle is a table: which move leads from which statuses to which."""

from collections.abc import Mapping
from dataclasses import dataclass

from merchant_protection.foundation.errors import Conflict


@dataclass(frozen=True)
class Move:
    """One named step of a life cycle."""

    sources: frozenset[str]
    target: str


def move(*sources: str, to: str) -> Move:
    """Say that a step leads from any of `sources` to `to`."""
    return Move(frozenset(sources), to)


def target_of(moves: Mapping[str, Move], name: str, status: str) -> str:
    """Return the status that `name` leads to, or refuse."""
    if status not in moves[name].sources:
        raise Conflict(f"Cannot {name.replace('_', ' ')} while {status.replace('_', ' ').lower()}.")
    return moves[name].target


def moves_from(moves: Mapping[str, Move], status: str) -> list[str]:
    """Return the names of the moves that are legal from `status`."""
    return sorted(name for name, each in moves.items() if status in each.sources)
