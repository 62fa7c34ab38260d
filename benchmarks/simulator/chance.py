"""Chance under one seed: every part of the marketplace draws from its own named stream.

A part that draws more often (a story told, an action received) therefore never
shifts what another part draws, and two runs of one seed stay the same.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping


def stream(seed: int, *names: object) -> random.Random:
    """Return the stream of draws that belongs to this seed and name."""
    return random.Random(":".join(map(str, (seed, *names))))


def share(seed: int, *names: object) -> float:
    """Return one number in [0, 1) that depends on the names alone, not on the order of asking."""
    digest = hashlib.sha256(":".join(map(str, (seed, *names))).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def weighted[Name](rng: random.Random, weights: Mapping[Name, float]) -> Name:
    """Pick one name by its weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]
