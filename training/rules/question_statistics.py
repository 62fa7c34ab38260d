"""How good a question is, from the answers it got."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

FEW = 20  # below this many answers the figures say little


@dataclass(frozen=True)
class QuestionFigures:
    """How often it was answered, the share of right answers, and how well it tells the strong from the weak."""

    answers: int
    difficulty: float | None
    discrimination: float | None

    @property
    def is_few(self) -> bool:
        """Whether there are too few answers to judge by."""
        return self.answers < FEW


def figures(answers: Sequence[tuple[bool, float]]) -> QuestionFigures:
    """Return a question's figures from (right, share of the rest of the paper that was right) of each answer.

    Difficulty is the share of right answers (1 is easy). Discrimination is the point-biserial
    correlation between this answer and the rest of the paper: below 0.1 the question does not
    tell who knows, below 0 it misleads those who do.
    """
    count = len(answers)
    if not count:
        return QuestionFigures(0, None, None)
    right = [rest for is_right, rest in answers if is_right]
    wrong = [rest for is_right, rest in answers if not is_right]
    share = len(right) / count
    rests = [rest for _right, rest in answers]
    mean = sum(rests) / count
    spread = sqrt(sum((rest - mean) ** 2 for rest in rests) / count)
    if not right or not wrong or spread == 0:
        return QuestionFigures(count, share, None)
    apart = sum(right) / len(right) - sum(wrong) / len(wrong)
    return QuestionFigures(count, share, apart / spread * sqrt(share * (1 - share)))
