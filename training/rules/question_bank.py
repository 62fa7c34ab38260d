"""The question bank of a course's folder."""

from collections.abc import Sequence
from typing import Any

from training.rules.course_parts import QuestionPart
from training.rules.yaml_reading import Faults, Part, each_code, top

FILE = "questions.yaml"
KINDS = ("single", "multiple", "true_false", "numeric", "ordering")
MOST_OPTIONS = 8


def read(content: bytes | None, languages: Sequence[str], faults: Faults) -> list[QuestionPart]:
    """Return the questions of a bank, noting what is wrong with it."""
    if content is None:
        return []
    part = top(content, file=FILE, faults=faults, languages=languages)
    if part is None:
        return []
    questions = [_question(each, code) for each, code in each_code(part.parts("questions"))]
    part.end()
    return questions


def _question(part: Part, code: str) -> QuestionPart:
    kind = part.choice("kind", KINDS)
    common: dict[str, Any] = {
        "topic": part.code("topic"),
        "points": part.number("points", least=1, most=100, default=1) or 1,
        "text": part.words("text"),
        "explanation": part.words("explanation"),
    }
    readers = {"true_false": _true_false, "numeric": _numeric, "ordering": _ordering}
    more = readers.get(kind, _choices)(part, kind) if kind in KINDS else {}
    part.end()
    return QuestionPart(code=code, kind=kind.upper(), **common, **more)


def _choices(part: Part, kind: str) -> dict[str, Any]:
    options = []
    for each in part.parts("options"):
        options.append({"text": each.words("text"), "correct": bool(each.flag("correct", default=False))})
        each.end()
    right = sum(1 for option in options if option["correct"])
    if not 2 <= len(options) <= MOST_OPTIONS:
        part.fault("options", "options_count", least=2, most=MOST_OPTIONS)
    elif right < 1 or (kind == "single" and right > 1):
        part.fault("options", "one_correct" if kind == "single" else "some_correct")
    return {"options": options}


def _true_false(part: Part, kind: str) -> dict[str, Any]:
    return {"answer": part.flag("answer")}


def _numeric(part: Part, kind: str) -> dict[str, Any]:
    tolerance = part.decimal("tolerance", default=0) or 0
    if tolerance < 0:
        part.fault("tolerance", "not_a_number", least=0, most="")
    return {"answer": part.decimal("answer"), "tolerance": tolerance, "unit": part.words("unit", needed=False)}


def _ordering(part: Part, kind: str) -> dict[str, Any]:
    options = []
    for each in part.parts("options"):
        options.append({"text": each.words("text")})
        each.end()
    if not 2 <= len(options) <= MOST_OPTIONS:
        part.fault("options", "options_count", least=2, most=MOST_OPTIONS)
    return {"options": options}
