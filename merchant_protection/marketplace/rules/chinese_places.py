"""Find province, city and district in a Chinese address, wherever they stand, and take them out of it."""

import re
from dataclasses import dataclass

from merchant_protection.marketplace.rules import gazetteer

HAN = "〇\u3400-\u4dbf\u4e00-\u9fff"
BOUNDARY = "|"


def _any(names: list[str]) -> str:
    return "|".join(sorted(names, key=lambda name: (-len(name), name)))


PROVINCE_NAMES = _any(list(gazetteer.PROVINCES))
CITY_NAMES = _any([*gazetteer.CITY_PROVINCE, "吉林", "朝阳", "海南"])
DISTRICT_NAMES = _any(list(gazetteer.DISTRICT_CITIES))
# 南京西路 is a road in Shanghai and 河北区 a district of Tianjin: neither names its city.
NOT_A_ROAD = (
    r"(?!\|?[东南西北中外内环前后]{0,2}(?:[0-9一二三四五六七八九十]{0,2}(?:路|街(?!道)|大街|大道|道|巷|弄|横)"
    r"|里|胡同|村|桥|寺|门|大厦|广场|花园|公寓|小区|大学|酒店|公馆|商城|中心|新村|区|县|镇|乡))"
)
PROVINCE_SUFFIX = "省|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区"
PROVINCE = re.compile(rf"({PROVINCE_NAMES})(?:{PROVINCE_SUFFIX})")
CITY = re.compile(rf"({CITY_NAMES})(?:市(?!场|北区|南区|中区)|地区|盟|(?:[{HAN}]{{1,7}}族)?自治州)")
SHORT_PLACE = re.compile(rf"({_any(list(gazetteer.CITY_PROVINCE))}|{PROVINCE_NAMES}){NOT_A_ROAD}")
DISTRICT = re.compile(rf"({DISTRICT_NAMES})(?:新区|区|县|市(?!场)|自治县)")
SHORT_DISTRICT = re.compile(rf"({DISTRICT_NAMES}){NOT_A_ROAD}")
# A district we do not list counts only where one is expected: first, or right after a city.
OTHER_DISTRICT = re.compile(
    rf"(?:^|(?<=\|))\|*([{HAN}]{{1,5}}?)(?:(?<![小园社业校厂发景税新城库])区|自治县|县(?!道)|旗|市(?!场))"
)
TOWN = re.compile(
    rf"(?:^|(?<=\|))\|*[{HAN}]{{1,5}}?(?:街道(?!路)(?:办事处)?|(?<=[{HAN}]{{2}})(?:镇|乡)(?!政府)"
    r"(?![东南西北中]?(?:路|街|大道|巷)))"
)
ZONE = re.compile(r"(?:国家级?)?(?:经济技术|高新技术产业|高新技术|经济|工业)?(?:开发|高新)区(?:管委会)?")


@dataclass(frozen=True)
class Place:
    city: str
    district: str
    detail: str


def take_place(text: str) -> Place:
    """Return the city and the district an address lies in, filled in where one implies the other, and the rest.

    Parts may be missing, doubled or out of order; a place taken out leaves a boundary, so that
    noise before it never grows into the name of a road.
    """
    provinces, text = _take(PROVINCE, text)
    cities, text = _take(CITY, text)
    shorts, text = ([], text) if cities else _short_places(text)
    cities = cities or [name for name in (*shorts, *provinces) if name in gazetteer.CITY_PROVINCE]
    districts, text = _take(DISTRICT, text)
    if not districts:
        districts, text = _short_district([*cities, *provinces, *shorts], text)
    text = ZONE.sub(BOUNDARY, text)
    if not districts:
        found = OTHER_DISTRICT.search(text)
        if found:
            districts = [found.group(1)]
            text = text[: found.start()] + BOUNDARY + text[found.end() :]
    district = next((name for name in districts if name not in cities), "")
    city = _city(cities, district)
    return Place(city=city, district=district, detail=_without_town(text))


def _take(pattern: re.Pattern[str], text: str) -> tuple[list[str], str]:
    names = [found.group(pattern.groups) for found in pattern.finditer(text)]
    return names, pattern.sub(BOUNDARY, text) if names else text


def _short_places(text: str) -> tuple[list[str], str]:
    names: list[str] = []
    while len(names) < 4 and (found := SHORT_PLACE.search(text)):
        name, before, after = found.group(1), text[: found.start()], text[found.end() :]
        expected = not before.strip(BOUNDARY) or before.endswith(BOUNDARY)
        if not (expected or name in gazetteer.DISTRICTS or DISTRICT.match(after)):
            break
        text = before + BOUNDARY + after
        names.append(name)
    return names, text


def _short_district(within: list[str], text: str) -> tuple[list[str], str]:
    """A district without its 区 counts only right after a place it lies in, or first where only one city has it."""
    for found in SHORT_DISTRICT.finditer(text):
        follows_place = not found.start() or text[found.start() - 1] == BOUNDARY
        cities = gazetteer.DISTRICT_CITIES[found.group(1)]
        lies_in = {*cities, *(gazetteer.CITY_PROVINCE[city] for city in cities)}
        leads = not within and not found.start() and len(cities) == 1
        if leads or (follows_place and lies_in.intersection(within)):
            return [found.group(1)], text[: found.start()] + BOUNDARY + text[found.end() :]
    return [], text


def _city(cities: list[str], district: str) -> str:
    belongs = gazetteer.DISTRICT_CITIES.get(district, ())
    for city in cities:
        if city in belongs:
            return city
    if len(belongs) == 1 and (not cities or cities[0] not in gazetteer.DISTRICTS):
        return belongs[0]
    return cities[0] if cities else ""


def _without_town(text: str) -> str:
    without = TOWN.sub(BOUNDARY, text, count=2)
    return without if re.search("[0-9]", without) else text
