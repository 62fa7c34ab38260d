"""Words cut into single letters and pairs, so that an index finds two Chinese characters inside a title."""

import re
import unicodedata
from collections.abc import Iterable

_RUN = re.compile(r"\w+")
LONGEST_QUERY = 60


def plain(text: str) -> str:
    """Return a text as it is compared: one width, small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def of(*texts: str) -> list[str]:
    """Return the letters and pairs of letters of these texts, each once, for the index."""
    return sorted({gram for text in texts for run in _RUN.findall(plain(text)) for gram in _cut(run)})


def terms(query: str) -> list[str]:
    """Return the words of a query, each of which must be found."""
    return _RUN.findall(plain(query[:LONGEST_QUERY]))


def needed(query: str) -> list[str]:
    """Return the pairs that a text must hold to match a query; single letters where a word is only one."""
    wanted = {gram for term in terms(query) for gram in (_pairs(term) if len(term) > 1 else [term])}
    return sorted(wanted)


def _cut(run: str) -> Iterable[str]:
    yield from run
    yield from _pairs(run)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]
