"""What is written in a complaint: the demands in it, and how like another it is."""

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

GAP = "…"
WIDEST_GAP = 8
SHORTEST_PHRASE = 2


@dataclass(frozen=True)
class Phrase:
    """Words that demand money or threaten, with their weight; … stands for a few characters of anything."""

    text: str
    points: int = 30


DEMAND_PHRASES: tuple[Phrase, ...] = (
    Phrase("私了", 40),
    Phrase("私下解决", 30),
    Phrase("私下赔", 40),
    Phrase("不赔…投诉", 40),
    Phrase("不退…投诉", 25),
    Phrase("不给…投诉", 35),
    Phrase("不赔…差评", 40),
    Phrase("不退…差评", 35),
    Phrase("给差评", 20),
    Phrase("打差评", 20),
    Phrase("删差评", 25),
    Phrase("转账…撤", 45),
    Phrase("红包…撤", 45),
    Phrase("撤诉费", 50),
    Phrase("打假", 25),
    Phrase("退一赔三", 25),
    Phrase("退一赔十", 25),
    Phrase("十倍赔偿", 25),
    Phrase("曝光你", 25),
    Phrase("职业打假", 40),
    Phrase("pay me", 35),
    Phrase("settle privately", 40),
    Phrase("or i will report", 40),
    Phrase("or i complain", 40),
    Phrase("bad review unless", 45),
    Phrase("or i leave a bad review", 45),
    Phrase("remove the review if", 40),
)


def normalised(text: str) -> str:
    """Return the letters and digits of a text alone, so that spaces, marks and full-width forms hide nothing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def demands_in(text: str, phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    """Return the phrases that occur in a text, the weightiest first."""
    plain = normalised(text)
    found = (phrase for phrase in phrases if _pattern(phrase.text).search(plain))
    return tuple(sorted(found, key=lambda phrase: -phrase.points))


def is_usable(phrase: str) -> bool:
    """Say whether a phrase is long enough to look for: two characters, with a gap three and some on both sides."""
    parts = [normalised(part) for part in phrase.split(GAP)]
    return all(parts) and sum(map(len, parts)) >= SHORTEST_PHRASE + (len(parts) > 1)


def similarity(a: str, b: str) -> float:
    """Return how alike two texts are by the pairs of characters they share: 0.0 nothing, 1.0 all (Jaccard)."""
    pairs_of_a, pairs_of_b = _pairs(normalised(a)), _pairs(normalised(b))
    if not pairs_of_a or not pairs_of_b:
        return 0.0
    return len(pairs_of_a & pairs_of_b) / len(pairs_of_a | pairs_of_b)


@functools.lru_cache(maxsize=1024)
def _pattern(phrase: str) -> re.Pattern[str]:
    if not is_usable(phrase):
        return re.compile(r"(?!)")
    parts = (re.escape(normalised(part)) for part in phrase.split(GAP))
    return re.compile(f".{{0,{WIDEST_GAP}}}".join(parts))


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}
