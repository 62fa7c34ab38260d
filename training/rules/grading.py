"""Papers of a quiz: drawn at random, answered once, judged exactly."""

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

type Paper = list[dict[str, Any]]


def draw(questions: Sequence[tuple[int, int]], *, count: int, seed: int) -> Paper:
    """Return a paper: `count` of the questions (id, number of options) in random order, each with shuffled options."""
    chance = random.Random(seed)  # noqa: S311  a shuffle, not a secret: what is right is judged by the server
    chosen = chance.sample(list(questions), min(count, len(questions)))
    return [{"question": pk, "order": chance.sample(range(options), options)} for pk, options in chosen]


def is_right(kind: str, *, options: Sequence[Mapping[str, Any]], answer: Any, tolerance: float, given: Any) -> bool:
    """Whether an answer is right; options are named by their place in the bank."""
    if kind == "TRUE_FALSE":
        return isinstance(given, bool) and given == answer
    if kind == "NUMERIC":
        value = number(given)
        return value is not None and abs(value - float(answer)) <= tolerance + 1e-9
    if not isinstance(given, list) or any(not isinstance(each, int) or isinstance(each, bool) for each in given):
        return False
    if kind == "ORDERING":
        return given == list(range(len(options)))
    right = [at for at, option in enumerate(options) if option.get("correct")]
    return sorted(given) == right


def is_an_answer(kind: str, *, options: int, given: Any) -> bool:
    """Whether what was sent is an answer to this kind of question at all."""
    if kind == "TRUE_FALSE":
        return isinstance(given, bool)
    if kind == "NUMERIC":
        return number(given) is not None
    if not isinstance(given, list) or any(not isinstance(each, int) or isinstance(each, bool) for each in given):
        return False
    if any(not 0 <= each < options for each in given) or len(set(given)) < len(given):
        return False
    if kind == "ORDERING":
        return len(given) == options
    return len(given) == 1 if kind == "SINGLE" else len(given) >= 1


def number(given: Any) -> float | None:
    """Return the number that was written, if it is one; a comma or a full-width digit is taken as meant."""
    if isinstance(given, bool) or given is None:
        return None
    try:
        value = float(str(given).strip().replace("，", ",").replace(",", "").replace("％", "").replace("%", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def passes(points: int, *, out_of: int, mark: int) -> bool:
    """Whether these points reach the pass mark."""
    return out_of > 0 and points * 100 >= mark * out_of
