"""A course's folder, read as a whole: either everything in it is right, or each fault is told with file and line."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from training.rules import folder_files, markdown, question_bank
from training.rules.course_parts import CourseParts, LessonPart, ModulePart, QuizPart
from training.rules.languages import LANGUAGES
from training.rules.yaml_reading import Faults, Part, each_code, top

COURSE, QUESTIONS = "course.yaml", "questions.yaml"
AREAS = ("price_guard", "claims", "scalpers", "compliance", "quality", "general")
LEVELS = ("basic", "intermediate", "advanced")
ROLES = ("owner", "operator", "read_only")
FEATURES = ("warnings", "claims", "price_guard", "scalper_policies", "orders", "listings", "settings")
ICONS = ("shield", "tag", "gavel", "user-shield", "alert-triangle", "scale", "lock", "school")
KINDS = ("article", "video", "download", "quiz", "live")
LONGEST_TEXT = 60_000


def read(content: Mapping[str, bytes], *, kept: Collection[str] = ()) -> CourseParts:
    """Return the course that these files (path → bytes) are; raises `Faulty` with everything that is wrong.

    `kept` names files that were looked at before and are not sent again.
    """
    faults = Faults()
    if COURSE not in content:
        faults.add(COURSE, 1, "no_course_file")
        faults.stop_if_any()
    part = top(content[COURSE], file=COURSE, faults=faults)
    if part is None or faults.found:
        faults.stop_if_any()
        raise AssertionError("a part is missing without a fault")
    return _Folder(content, part, faults, kept).course()


class _Folder:
    def __init__(self, content: Mapping[str, bytes], part: Part, faults: Faults, kept: Collection[str]) -> None:
        self.content, self.top, self.faults = content, part, faults
        self.there = {*content, *kept}
        self.languages: Sequence[str] = LANGUAGES
        self.taken = {COURSE, QUESTIONS}

    def course(self) -> CourseParts:
        self.top.number("format", least=1, most=1)
        code = self.top.code("code")
        facts = self._facts()
        change_note = self.top.words("change_note", needed=False)
        modules = [self._module(part, code) for part, code in each_code(self.top.parts("modules"))]
        self.top.end()
        questions = question_bank.read(self.content.get(QUESTIONS), self.languages, self.faults)
        files = folder_files.read(self.content, self.faults)
        course = CourseParts(code, facts, change_note, modules, questions, files)
        self._judge(course)
        self.faults.stop_if_any()
        return course

    def _facts(self) -> dict[str, Any]:
        top = self.top
        languages = top.texts("languages")
        if not languages or set(languages) - set(LANGUAGES) or len(set(languages)) < len(languages):
            top.fault("languages", "not_a_choice", value=", ".join(languages), choices=", ".join(LANGUAGES))
        self.languages = top.languages = [each for each in LANGUAGES if each in languages] or list(LANGUAGES)
        audience = top.texts("audience", default=())
        if set(audience) - set(ROLES):
            top.fault("audience", "not_a_choice", value=", ".join(audience), choices=", ".join(ROLES))
        cover = top.text("cover", default="school")
        if cover.startswith(markdown.OWN_FILES):
            self._use(cover, top, "cover")
        elif cover not in ICONS:
            top.fault("cover", "not_a_choice", value=cover, choices=", ".join(ICONS))
        return {
            "title": top.words("title", longest=120),
            "summary": top.words("summary", longest=400),
            "teacher": top.words("teacher", needed=False, longest=80),
            "area": top.choice("area", AREAS).upper(),
            "level": top.choice("level", LEVELS).upper(),
            "audience": [role.upper() for role in audience],
            "languages": list(self.languages),
            "prerequisites": top.texts("prerequisites", default=()),
            "cover": cover,
            "feature": top.choice("feature", FEATURES, default=""),
            "certificate_months": top.number("certificate_months", least=0, most=120, default=None),
        }

    def _module(self, part: Part, code: str) -> ModulePart:
        title = part.words("title", longest=120)
        lessons = [self._lesson(each, lesson_code) for each, lesson_code in each_code(part.parts("lessons"))]
        part.end()
        if not lessons:
            part.fault("lessons", "empty")
        return ModulePart(code, title, lessons)

    def _lesson(self, part: Part, code: str) -> LessonPart:
        kind = part.choice("kind", KINDS)
        common = {"code": code, "kind": kind.upper(), "title": part.words("title", longest=120)}
        minutes = part.number("minutes", least=1, most=600) or 1
        more: dict[str, Any] = {}
        if kind == "video":
            more = self._video(part)
        elif kind == "download":
            more = {"file": self._files(part, "file", needed=True)}
        elif kind == "quiz":
            more = {"quiz": self._quiz(part)}
        body = self._body(part, code, needed=kind == "article")
        part.end()
        return LessonPart(**common, minutes=minutes, body=body, **more)  # type: ignore[arg-type]

    def _video(self, part: Part) -> dict[str, Any]:
        video = part.text("video")
        if video.startswith(markdown.OWN_FILES):
            self._use(video, part, "video", kinds=folder_files.VIDEOS)
        elif not video.startswith("https://") or not video.split("?")[0].endswith(".m3u8"):
            part.fault("video", "not_a_video")
        return {
            "video": video,
            "duration": part.number("duration", least=1, most=86_400),
            "threshold": part.number("threshold", least=1, most=100, default=90) or 90,
            "captions": self._files(part, "captions", needed=False, kinds=(".vtt",)),
        }

    def _files(self, part: Part, key: str, *, needed: bool, kinds: Sequence[str] = ()) -> dict[str, str]:
        if not needed and not part.has(key):
            return {}
        named = part.words(key, longest=160)
        for name in named.values():
            self._use(name, part, key, kinds=kinds)
        return named

    def _use(self, name: str, part: Part, key: str, *, kinds: Sequence[str] = ()) -> None:
        if name not in self.there:
            part.fault(key, "no_such_file", value=name)
        elif kinds and not name.lower().endswith(tuple(kinds)):
            part.fault(key, "wrong_kind_of_file", value=name, choices=", ".join(kinds))

    def _quiz(self, part: Part) -> QuizPart | None:
        quiz = part.part("quiz")
        if quiz is None:
            return None
        made = QuizPart(
            questions=quiz.number("questions", least=1, most=100) or 1,
            pass_mark=quiz.number("pass_mark", least=1, most=100) or 1,
            topics=quiz.texts("topics", default=()),
            attempts=quiz.number("attempts", least=1, most=100, default=None),
            cooldown_minutes=quiz.number("cooldown_minutes", least=0, most=10_080, default=0) or 0,
            time_limit_minutes=quiz.number("time_limit_minutes", least=1, most=600, default=None),
        )
        quiz.end()
        return made

    def _body(self, part: Part, code: str, *, needed: bool) -> dict[str, str]:
        names = {each: f"lessons/{code}.{each}.md" for each in self.languages}
        self.taken.update(names.values())
        if not needed and not any(name in self.content for name in names.values()):
            return {}
        body = {}
        for language, name in names.items():
            if name not in self.content:
                part.fault("code", "no_such_file", value=name)
                continue
            text = self._text(name)
            for line, picture in markdown.pictures(text):
                if picture not in self.there or not picture.startswith(markdown.OWN_FILES):
                    self.faults.add(name, line, "no_such_picture", value=picture)
            body[language] = text
        return body

    def _text(self, name: str) -> str:
        try:
            text = self.content[name].decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as fault:
            self.faults.add(name, self.content[name][: fault.start].count(b"\n") + 1, "not_utf8")
            return ""
        if "\x00" in text:
            self.faults.add(name, 1, "not_utf8")
            return ""
        if len(text) > LONGEST_TEXT:
            self.faults.add(name, 1, "too_large", most=LONGEST_TEXT)
        if not text.strip():
            self.faults.add(name, 1, "empty")
        return text

    def _judge(self, course: CourseParts) -> None:
        """Look at what only the whole can tell."""
        codes = [lesson.code for lesson in course.lessons]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self.faults.add(COURSE, 1, "code_twice", code=code)
        if not course.modules:
            self.faults.add(COURSE, 1, "empty")
        for name in sorted(set(self.content) - self.taken):
            if not name.startswith(markdown.OWN_FILES):
                self.faults.add(name, 1, "unknown_file")
        topics = {question.topic for question in course.questions}
        for lesson in course.lessons:
            if lesson.quiz is None:
                continue
            if unknown := sorted(set(lesson.quiz.topics) - topics):
                self.faults.add(COURSE, 1, "no_such_topic", value=", ".join(unknown), code=lesson.code)
            there = sum(1 for each in course.questions if not lesson.quiz.topics or each.topic in lesson.quiz.topics)
            if there < lesson.quiz.questions:
                self.faults.add(COURSE, 1, "too_few_questions", code=lesson.code, there=there)
