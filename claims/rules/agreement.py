"""How far two reviewers agree beyond chance."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

NORMAL_95 = 1.96


@dataclass(frozen=True)
class Agreement:
    """Cohen's kappa over cases that two people decided apart: 1 always agree, 0 as chance would, below 0 worse.

    `kappa` is None where it has no meaning: no case, or both always gave one and
    the same answer. `low` and `high` bound it with 95 % certainty.
    """

    cases: int
    agreed: int
    observed: float
    by_chance: float
    kappa: float | None
    low: float | None
    high: float | None


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Return how far the first and the second review of the same cases agree (Cohen 1960)."""
    answers = list(pairs)
    cases = len(answers)
    if not cases:
        return Agreement(0, 0, 0.0, 0.0, None, None, None)
    agreed = sum(first == second for first, second in answers)
    firsts, seconds = Counter(first for first, _ in answers), Counter(second for _, second in answers)
    chance_hits = sum(count * seconds[answer] for answer, count in firsts.items())
    observed, by_chance = agreed / cases, chance_hits / cases**2
    if chance_hits == cases**2:
        return Agreement(cases, agreed, observed, by_chance, None, None, None)
    kappa = (observed - by_chance) / (1 - by_chance)
    margin = NORMAL_95 * math.sqrt(observed * (1 - observed) / cases) / (1 - by_chance)
    return Agreement(cases, agreed, observed, by_chance, kappa, max(kappa - margin, -1.0), min(kappa + margin, 1.0))
