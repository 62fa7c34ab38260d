"""A version as the parts of its folder."""

from training.models import CourseVersion, Lesson, Question, Quiz
from training.queries import courses
from training.rules.course_parts import CourseParts, LessonPart, ModulePart, QuestionPart, QuizPart


def parts_of(version: CourseVersion) -> CourseParts:
    """Return a version as plain parts, without the content of its files."""
    quizzes = {quiz.lesson_id: quiz for quiz in Quiz.objects.filter(version=version)}
    lessons = list(Lesson.objects.filter(version=version).order_by("position"))
    modules = [
        ModulePart(
            module.code,
            module.title,
            [_lesson(lesson, quizzes.get(lesson.pk)) for lesson in lessons if lesson.module_id == module.pk],
        )
        for module in courses.modules_of(version.pk)
    ]
    questions = [_question(each) for each in courses.questions_of(version.pk)]
    facts = {name: value for name, value in courses.facts_of(version).items() if name not in COUNTED}
    return CourseParts(version.course.code, facts, version.change_note, modules, questions)


COUNTED = {"minutes", "lesson_count"}


def _lesson(lesson: Lesson, quiz: Quiz | None) -> LessonPart:
    return LessonPart(
        code=lesson.code,
        kind=lesson.kind,
        title=lesson.title,
        minutes=lesson.minutes,
        body=lesson.body,
        video=lesson.video,
        duration=lesson.duration,
        threshold=lesson.threshold,
        captions=lesson.captions,
        file=lesson.file,
        quiz=_quiz(quiz) if quiz else None,
    )


def _quiz(quiz: Quiz) -> QuizPart:
    return QuizPart(
        questions=quiz.questions,
        pass_mark=quiz.pass_mark,
        topics=quiz.topics,
        attempts=quiz.attempts,
        cooldown_minutes=quiz.cooldown_minutes,
        time_limit_minutes=quiz.time_limit_minutes,
    )


def _question(question: Question) -> QuestionPart:
    return QuestionPart(
        code=question.code,
        topic=question.topic,
        kind=question.kind,
        points=question.points,
        text=question.text,
        options=question.options,
        answer=question.answer,
        tolerance=question.tolerance,
        unit=question.unit,
        explanation=question.explanation,
    )
