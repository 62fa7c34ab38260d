"""A course written as its folder: reading it again gives the same course."""

from collections.abc import Mapping
from typing import Any

import yaml

from training.rules.course_parts import CourseParts, LessonPart, ModulePart, QuestionPart


def write(course: CourseParts) -> dict[str, bytes]:
    """Return the texts of a course's folder by their paths; its files are not among them."""
    texts = {"course.yaml": _yaml(_top(course))}
    if course.questions:
        texts["questions.yaml"] = _yaml({"questions": [_question(each) for each in course.questions]})
    for lesson in course.lessons:
        for language, body in lesson.body.items():
            texts[f"lessons/{lesson.code}.{language}.md"] = body.encode()
    return texts


def _top(course: CourseParts) -> dict[str, Any]:
    facts = course.facts
    return _said(
        {
            "format": 1,
            "code": course.code,
            "area": facts["area"].lower(),
            "level": facts["level"].lower(),
            "audience": [role.lower() for role in facts["audience"]],
            "languages": list(facts["languages"]),
            "title": facts["title"],
            "summary": facts["summary"],
            "teacher": facts["teacher"],
            "prerequisites": list(facts["prerequisites"]),
            "cover": facts["cover"],
            "feature": facts["feature"],
            "certificate_months": facts["certificate_months"],
            "change_note": course.change_note,
            "modules": [_module(each) for each in course.modules],
        }
    )


def _module(module: ModulePart) -> dict[str, Any]:
    return {"code": module.code, "title": module.title, "lessons": [_lesson(each) for each in module.lessons]}


def _lesson(lesson: LessonPart) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": lesson.code,
        "kind": lesson.kind.lower(),
        "title": lesson.title,
        "minutes": lesson.minutes,
    }
    if lesson.kind == "VIDEO":
        told |= _said(
            {
                "video": lesson.video,
                "duration": lesson.duration,
                "threshold": lesson.threshold,
                "captions": lesson.captions,
            }
        )
    if lesson.kind == "DOWNLOAD":
        told["file"] = lesson.file
    if lesson.quiz is not None:
        quiz = lesson.quiz
        told["quiz"] = _said(
            {
                "topics": list(quiz.topics),
                "questions": quiz.questions,
                "pass_mark": quiz.pass_mark,
                "attempts": quiz.attempts,
                "cooldown_minutes": quiz.cooldown_minutes,
                "time_limit_minutes": quiz.time_limit_minutes,
            }
        )
    return told


def _question(question: QuestionPart) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": question.code,
        "topic": question.topic,
        "kind": question.kind.lower(),
        "points": question.points,
        "text": question.text,
    }
    if question.options:
        told["options"] = [_option(each) for each in question.options]
    if question.answer is not None:
        told["answer"] = question.answer
    if question.tolerance:
        told["tolerance"] = question.tolerance
    if question.unit:
        told["unit"] = question.unit
    return told | {"explanation": question.explanation}


def _option(option: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": option["text"], "correct": True} if option.get("correct") else {"text": option["text"]}


def _said(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value is not None and value not in ([], {}, "")}


def _yaml(told: Any) -> bytes:
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=110).encode()
