"""Figures for trainers: what a course changed, how its questions were answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import require
from training import policies
from training.models import Course
from training.queries import assignments, learning
from training.rules import effect, question_statistics

# What the incidents of an area are called in the ledger of outcomes; other areas look at all of them.
FEATURES = {
    "PRICE_GUARD": ("pricing_guard",),
    "CLAIMS": ("claims",),
    "SCALPERS": ("scalper_policies",),
}


@dataclass(frozen=True)
class QuestionRow:
    """A question with its figures, the same through all versions."""

    code: str
    text: dict[str, str]
    figures: question_statistics.QuestionFigures


def effect_of(course: Course, *, actor: Actor, days: int, now: datetime) -> effect.Effect:
    """Compare incidents and losses before and after a course with shops that did not take it."""
    require(policies.can_look(actor))
    completions = assignments.completions_of(course.pk)
    since = min(completions.values(), default=now) - timedelta(days=days)
    events = assignments.losses(FEATURES.get(course.area, ()), since=since)
    return effect.compare(completions, assignments.shops(), events, days=days, now=now)


def questions_of(course: Course, *, actor: Actor) -> list[QuestionRow]:
    """Return each question of a course with how often and how well it was answered."""
    require(policies.can_look(actor))
    papers: dict[int, list[Any]] = {}
    for row in learning.answers_to(course.pk):
        papers.setdefault(row["attempt_id"], []).append(row)
    told: dict[str, list[tuple[bool, float]]] = {}
    texts: dict[str, dict[str, str]] = {}
    for rows in papers.values():
        for row in rows:
            code = row["question__code"]
            told.setdefault(code, []).append((row["is_right"], _rest(rows, row)))
            texts[code] = row["question__text"]
    figures = {code: question_statistics.figures(answers) for code, answers in sorted(told.items())}
    return [QuestionRow(code, texts[code], each) for code, each in figures.items()]


def _rest(rows: Sequence[Any], row: Any) -> float:
    """The share of the other answers of a paper that were right."""
    others = [each["is_right"] for each in rows if each is not row]
    return sum(others) / len(others) if others else 0.0
