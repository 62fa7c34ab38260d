"""A course as plain values: what a folder says, and what the database holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

type Pair = dict[str, str]


@dataclass(frozen=True)
class QuizPart:
    """How a quiz examines."""

    questions: int
    pass_mark: int
    topics: Sequence[str] = ()
    attempts: int | None = None
    cooldown_minutes: int = 0
    time_limit_minutes: int | None = None


@dataclass(frozen=True)
class LessonPart:
    """One lesson."""

    code: str
    kind: str
    title: Pair
    minutes: int
    body: Pair = field(default_factory=dict)
    video: str = ""
    duration: int | None = None
    threshold: int = 90
    captions: Pair = field(default_factory=dict)
    file: Pair = field(default_factory=dict)
    quiz: QuizPart | None = None


@dataclass(frozen=True)
class ModulePart:
    """A chapter with its lessons."""

    code: str
    title: Pair
    lessons: Sequence[LessonPart]


@dataclass(frozen=True)
class QuestionPart:
    """A question of the bank."""

    code: str
    topic: str
    kind: str
    points: int
    text: Pair
    options: Sequence[Mapping[str, Any]] = ()
    answer: Any = None
    tolerance: float = 0
    unit: Pair = field(default_factory=dict)
    explanation: Pair = field(default_factory=dict)


@dataclass(frozen=True)
class CourseParts:
    """A whole course; `facts` are the columns of a version."""

    code: str
    facts: Mapping[str, Any]
    change_note: Pair
    modules: Sequence[ModulePart]
    questions: Sequence[QuestionPart] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def lessons(self) -> list[LessonPart]:
        """The lessons in order."""
        return [lesson for module in self.modules for lesson in module.lessons]
