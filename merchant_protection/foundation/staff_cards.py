"""A figure on the first page of the staff admin: what waits for somebody of this role, and where it is worked off."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """How many of something wait; `is_bad` when even one is too many."""

    title: str
    figure: int
    link: str
    is_bad: bool = False
