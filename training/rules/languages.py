"""Texts in pairs of languages: what to show to whom."""

from collections.abc import Mapping

LANGUAGES = ("zh", "en")

type Words = Mapping[str, str]


def short(code: str | None) -> str:
    """Return the language of a course's texts for a language of the site: zh-hans reads zh."""
    return "zh" if (code or "").lower().startswith("zh") else "en"


def in_language(words: Words | None, code: str | None) -> str:
    """Return a text in this language, or in the one there is."""
    words = words or {}
    wanted = short(code)
    return words.get(wanted) or next((words[each] for each in LANGUAGES if words.get(each)), "")


def language_of(words: Words | None, code: str | None) -> str:
    """Return the language in which `in_language` answers, for the page's lang attribute."""
    words = words or {}
    wanted = short(code)
    return wanted if words.get(wanted) else next((each for each in LANGUAGES if words.get(each)), wanted)
