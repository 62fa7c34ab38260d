"""Chinese delivery addresses, and the ways in which scalpers dress one address as many."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

from benchmarks.simulator import reading

FULL_WIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + digit) for digit in range(10)))
NUMERALS = "零一二三四五六七八九"


@dataclasses.dataclass(frozen=True)
class Address:
    """One door: province, city, district, road and number, estate, building, unit, room."""

    province: str
    city: str
    district: str
    road: str
    number: int
    estate: str
    building: int
    unit: int
    room: int

    @property
    def region(self) -> str:
        """Return province, city and district; a municipality is its own province."""
        return f"{'' if self.province == self.city else self.province}{self.city}{self.district}"

    @property
    def door(self) -> str:
        """Return building, unit and room."""
        return f"{self.building}幢{self.unit}单元{self.room}室"

    def text(self) -> str:
        """Write the address the usual way."""
        return f"{self.region}{self.road}{self.number}号{self.estate}{self.door}"

    def neighbour(self, rng: random.Random) -> Address:
        """Return another door of the same building: a real neighbour, not a disguise."""
        floor = rng.randint(1, 17)
        return dataclasses.replace(self, unit=rng.randint(1, 3), room=floor * 100 + rng.randint(1, 4))


def somewhere(rng: random.Random) -> Address:
    """Return a door in one of the towns that buyers live in."""
    places = reading.places()
    town = rng.choices(places, weights=[place["weight"] for place in places])[0]
    district = rng.choice(sorted(town["districts"]))
    return Address(
        province=town["province"],
        city=town["city"],
        district=district,
        road=rng.choice(town["districts"][district]),
        number=rng.randint(1, 699),
        estate=rng.choice(reading.words()["estates"]),
        building=rng.randint(1, 28),
        unit=rng.randint(1, 3),
        room=rng.randint(1, 24) * 100 + rng.randint(1, 4),
    )


def numeral(number: int) -> str:
    """Write a number below 100 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else NUMERALS[tens] + "十")
    return head + (NUMERALS[ones] if ones or not tens else "")


def _full_width(address: Address, rng: random.Random) -> str:
    return address.text().translate(FULL_WIDTH)


def _chinese_numerals(address: Address, rng: random.Random) -> str:
    return address.text().replace(
        address.door, f"{numeral(address.building)}幢{numeral(address.unit)}单元{address.room}"
    )


def _other_words(address: Address, rng: random.Random) -> str:
    door = (
        f"{address.building}{rng.choice(['栋', '号楼', '座'])}{address.unit}单元{address.room}{rng.choice(['', '房'])}"
    )
    return address.text().replace(address.door, door)


def _dashes(address: Address, rng: random.Random) -> str:
    return address.text().replace(address.door, f"{address.building}-{address.unit}-{address.room}")


def _letters_before(address: Address, rng: random.Random) -> str:
    return "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=rng.randint(2, 4))) + address.text()


def _words_after(address: Address, rng: random.Random) -> str:
    return f"{address.text()}{rng.choice(reading.words()['fake_tails'])}"


def _fake_room(address: Address, rng: random.Random) -> str:
    return address.text().replace(f"{address.room}室", f"{address.room}{rng.choice('ABCDEF')}室")


def _estate_first(address: Address, rng: random.Random) -> str:
    return f"{address.region}{address.estate}{address.door}{address.road}{address.number}号"


def _region_twice(address: Address, rng: random.Random) -> str:
    return f"{address.region} {address.district}{address.road}{address.number}号{address.estate}{address.door}"


def _spaces(address: Address, rng: random.Random) -> str:
    parts = [address.region, f"{address.road}{address.number}号", address.estate, address.door]
    return rng.choice([" ", "  ", ",", "."]).join(parts)


def _no_province(address: Address, rng: random.Random) -> str:
    return address.text().removeprefix(address.province).removeprefix(address.city)


JIGS: dict[str, Callable[[Address, random.Random], str]] = {
    "full_width": _full_width,
    "chinese_numerals": _chinese_numerals,
    "other_words": _other_words,
    "dashes": _dashes,
    "letters_before": _letters_before,
    "words_after": _words_after,
    "fake_room": _fake_room,
    "estate_first": _estate_first,
    "region_twice": _region_twice,
    "spaces": _spaces,
    "no_province": _no_province,
}


def jigged(address: Address, rng: random.Random) -> tuple[str, str]:
    """Return the name of one disguise and the address written in it: still the same door."""
    name = rng.choice(sorted(JIGS))
    return name, JIGS[name](address, rng)
