"""Take a Western address apart: number, street, flat, place, postcode (United States and United Kingdom forms)."""

import re
from dataclasses import dataclass

from merchant_protection.marketplace.rules.western_words import (
    BIG_CITIES,
    DIRECTIONS,
    NUMBER_WORDS,
    STATES,
    STREET_WORDS,
    WORD_OF,
)

DOTTED = re.compile(r"\b(?:[a-z][.\-]){2,}[a-z]\b")
STATE = re.compile(r"\b(?:" + "|".join(STATES) + r")\b")
TENS_AND_ONE = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[\s-]+"
    r"(one|two|three|four|five|six|seven|eight|nine)\b"
)
COUNTRY = re.compile(
    r"\b(?:united kingdom|great britain|england|scotland|wales|"
    r"united states(?: of america)?|u\.?k|u\.?s\.?a|gb|usa)\b\.?"
)
ROOM_WORDS = (
    "apartment|apartement|apt|appt|flat|flt|unit|suite|ste|room|rm|studio|penthouse|ph|bsmt|basement|lot|space|door|"
    "building|bldg|block|blk"
)
ROOM = re.compile(
    rf"\b(?:{ROOM_WORDS})\b\.?\s*(?:no\b\.?|number\b|#)?\s*#?\s*((?:[a-z]?\s?-?\d+\s?-?[a-z]?|[a-z])(?:/\d+)?)\b(?!\s*(?:st|rd|nd|th)\b)"
    r"|#\s*([a-z]?-?\d+-?[a-z]?|[a-z])\b"
)
FLOOR = re.compile(r"\b(?:floor|fl|level|lvl)\b\.?\s*(\d+)\b|\b(\d+)(?:st|nd|rd|th)\s+(?:floor|fl)\b|\bground floor\b")
UK_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[abd-hjlnp-uw-z]{2})\b")
ZIP = re.compile(r"\b(\d{5})(?:\s*-\s*\d{4})?\s*$|\b[a-z]{2}\.?,?\s+(\d{5})(?:\s*-\s*\d{4})?\b")
PO_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\s*(?:no\.?)?\s*(\d+)\b")
HOUSE = re.compile(
    r"(?<![a-z0-9])(?:no\.?\s*|nr\.?\s*|number\s+)?(\d{1,6}(?:\s*-\s*\d{1,6})?[a-z]?(?:\s[abcd](?=\s+[a-z]))?(?:\s1/2)?)(?![a-z0-9])"
)
TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class WesternAddress:
    number: str
    street: tuple[str, ...]
    room: str
    postcode: str
    place: tuple[str, ...]

    def exact(self) -> list[str]:
        """The flat."""
        return [*self.building(), self.room]

    def building(self) -> list[str]:
        """The house: flat, floor and suite may be invented."""
        place = [self.postcode] if self.postcode else list(self.place)
        return [self.number, " ".join(self.street), *place]

    def fuzzy(self) -> list[str]:
        """The house by number and postcode, however its street is spelled; by its street's name without one."""
        if self.postcode and self.number and not self.postcode.isdigit():
            return [self.number, self.postcode]
        name = [word for word in self.street if word not in STREET_WORDS]
        place = [self.postcode] if self.postcode else [*self.big_cities()] or list(self.place)
        return [self.number, _once("".join(name or self.street)), *place]

    def big_cities(self) -> list[str]:
        """The large cities it names: districts and states around them are what people leave out."""
        return [word for word in self.place if word in BIG_CITIES]


def parse(text: str) -> WesternAddress:
    """Take an address in cleaned Latin text apart; parts that are not there stay empty."""
    text = COUNTRY.sub(" ", text)
    text, postcode = _postcode(text)
    text, room = _room(text)
    box = PO_BOX.search(text)
    if box:
        return WesternAddress(f"box{box.group(1)}", ("pobox",), "", postcode, _words(PO_BOX.sub(" ", text)))
    text = _numbers_from_words(text)
    house, before, after = _house(text)
    street, place = _street(after)
    if not street:
        # High Street 12, as on the continent: the street stands before its number.
        street, rest = _street(before)
        before = rest if street else ()
        place = (*place, *after) if street else place
    # What stands before the number is a room's, a building's or an invented name; with no street it is all there is.
    if not street:
        street, place = (*before, *after), ()
    place = (*place, *(word for word in before if word in BIG_CITIES))
    return WesternAddress(house, street, room, postcode, tuple(sorted(set(place))) if not postcode else ())


def _postcode(text: str) -> tuple[str, str]:
    if found := UK_POSTCODE.search(text):
        return text[: found.start()] + " , " + text[found.end() :], found.group(1) + found.group(2)
    if found := ZIP.search(text.rstrip(" ,.")):
        return text[: found.start()] + " , " + text[found.end() :], found.group(1) or found.group(2)
    return text, ""


def _room(text: str) -> tuple[str, str]:
    found = ROOM.search(text)
    floor = FLOOR.search(text)
    values = [group for match in (found, floor) if match for group in match.groups() if group]
    room = re.sub(r"[\s/-]+", "", values[0]) if values else ""
    return FLOOR.sub(" , ", ROOM.sub(" , ", text)), room.lstrip("0") or room


def _numbers_from_words(text: str) -> str:
    text = TENS_AND_ONE.sub(lambda found: NUMBER_WORDS[found.group(1)][0] + NUMBER_WORDS[found.group(2)], text)
    return re.sub(r"\b[a-z]{3,9}\b", lambda found: NUMBER_WORDS.get(found.group(), found.group()), text)


def _house(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    best = None
    for found in HOUSE.finditer(text):
        following = _words(text[found.end() :])[:5]
        if following and not following[0].isdigit() and any(word in STREET_WORDS for word in following[1:]):
            best = found
            break
        best = best or found
    if best is None:
        return "", (), _words(text)
    house = re.sub(r"\s", "", best.group(1)).lstrip("0")
    return house, _words(text[: best.start()]), _words(text[best.end() :])


def _street(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split words into a street (up to its Street, Road or Avenue and a direction) and what follows."""
    for index, word in enumerate(words[:7]):
        if index and word in STREET_WORDS:
            end = index + 1
            if end < len(words) and words[end] in DIRECTIONS:
                end += 1
            return words[:end], words[end:]
    return (), words


def _words(text: str) -> tuple[str, ...]:
    text = STATE.sub(lambda found: STATES[found.group()], DOTTED.sub(_undotted, text))
    return tuple(WORD_OF.get(word) or WORD_OF.get(_once(word), word) for word in TOKEN.findall(text))


def _undotted(found: re.Match[str]) -> str:
    return re.sub("[^a-z]", "", found.group())


def _once(word: str) -> str:
    return re.sub(r"([a-z])\1+", r"\1", word)
