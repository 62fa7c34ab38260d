"""A draw anyone can recompute: a seed committed before entries open and revealed after they close.

The commitment is SHA-256 of the seed. Each entry's ticket is HMAC-SHA256 of the draw's name and the entry
under the seed; the lowest tickets win. Nobody can choose a seed after seeing entries, nor entries after
seeing a seed, so the odds are equal.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

SHORTEST_SEED = 32


class Ticket(NamedTuple):
    """An entry's place in the draw."""

    ticket: str
    entry: str


def commitment(seed: bytes) -> str:
    """What is published before entries open."""
    if len(seed) < SHORTEST_SEED:
        raise ValueError(f"a seed has at least {SHORTEST_SEED} bytes, or it could be guessed from its commitment")
    return hashlib.sha256(b"draw-seed\x00" + seed).hexdigest()


def is_seed_of(seed: bytes, committed: str) -> bool:
    """Whether a revealed seed is the one that was committed."""
    return len(seed) >= SHORTEST_SEED and hmac.compare_digest(commitment(seed), committed.lower())


def entries_digest(entries: Iterable[str]) -> str:
    """What is published when entries close, so that none is added once the seed is known."""
    digest = hashlib.sha256(b"draw-entries")
    for entry in sorted(set(entries)):
        digest.update(f"{len(entry.encode())}:".encode())
        digest.update(entry.encode())
    return digest.hexdigest()


def tickets(seed: bytes, draw: str, entries: Iterable[str]) -> list[Ticket]:
    """Every entry once, from the luckiest on; entering twice is entering once."""
    drawn = [Ticket(_ticket(seed, draw, entry), entry) for entry in set(entries)]
    return sorted(drawn)


def winners(seed: bytes, draw: str, entries: Iterable[str], places: int) -> list[str]:
    """The entries that may buy, in the order they were drawn."""
    if places < 0:
        raise ValueError("a draw has no fewer than 0 places")
    return [ticket.entry for ticket in tickets(seed, draw, entries)[:places]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A draw worked out from what was published.

    An entry with a higher ticket than the last place's has not won; the last ticket is empty when nobody entered.
    """

    winners: list[str]
    last_ticket: str
    number: int
    is_sound: bool


def outcome(seed: bytes, draw: str, entries: Iterable[str], places: int, *, committed: str, digest: str) -> Outcome:
    """Work a draw out once more, and say whether seed and entries are the ones that were committed."""
    every = set(entries)
    won = tickets(seed, draw, every)[:places]
    is_sound = is_seed_of(seed, committed) and hmac.compare_digest(entries_digest(every), digest.lower())
    return Outcome([ticket.entry for ticket in won], won[-1].ticket if won else "", len(every), is_sound)


def has_won(seed: bytes, draw: str, entry: str, *, last: str) -> bool:
    """Whether an entry that took part has won, without looking at the others."""
    return _ticket(seed, draw, entry) <= last


def _ticket(seed: bytes, draw: str, entry: str) -> str:
    message = f"{len(draw.encode())}:".encode() + draw.encode() + entry.encode()
    return hmac.new(seed, message, hashlib.sha256).hexdigest()
