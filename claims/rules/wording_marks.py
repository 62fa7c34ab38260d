"""Marks of a text by which others in nearly the same words are found without comparing all with all (MinHash)."""

import hashlib
from collections.abc import Iterator

from claims.rules.wording import normalised

COUNT = 12
LARGEST = 2**63


def marks(text: str, *, count: int = COUNT) -> tuple[int, ...]:
    """Return so many marks of a text; two texts share about as many of them as they share pairs of characters.

    None for a text too short to be told from others.
    """
    plain = normalised(text)
    pairs = {plain[index : index + 2] for index in range(len(plain) - 1)}
    if not pairs:
        return ()
    return tuple(min(_values(pairs, place)) for place in range(count))


def _values(pairs: set[str], place: int) -> Iterator[int]:
    for pair in pairs:
        digest = hashlib.blake2b(pair.encode(), digest_size=8, salt=place.to_bytes(2)).digest()
        yield int.from_bytes(digest) % LARGEST
