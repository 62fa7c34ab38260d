"""Take a Chinese address apart: road, lane, number, building, unit, room."""

import re
from dataclasses import dataclass, field

from merchant_protection.marketplace.rules import chinese_places, numerals

HAN = chinese_places.HAN
TRADITIONAL = str.maketrans(
    "號樓棟區縣鎮鄉單層東國廣臺灣門園廈莊橋龍華馬輛衖陽陳鐵蘇閔寶楊濱蕭溫鄭濟漢瀋貴灘興寧學術機場車發達長鳳開關無錫張",
    "号楼栋区县镇乡单层东国广台湾门园厦庄桥龙华马辆弄阳陈铁苏闵宝杨滨萧温郑济汉沈贵滩兴宁学术机场车发达长凤开关无锡张",
)
COMPOUND_END = "花园|小区|大厦|公寓|家园|新村|工业园|产业园|科技园|大学|学院|学校|宿舍|广场|花苑|佳苑|名苑|社区|苑"
ENDS_COMPOUND = re.compile(rf"(?:{COMPOUND_END}|村|里|坊|园)$")
ROAD = re.compile(
    rf"([{HAN}]{{1,9}}?[0-9]{{0,2}})(大道|大街|公路|马路|胡同|路|街|巷(?![0-9]+弄)|道(?=[0-9|]|$)|环(?=[0-9]))"
    r"([东南西北中上下前后]段|[0-9]{1,2}段|[东南西北中](?=[0-9|]|$))?"
)
VILLAGE = re.compile(rf"([{HAN}]{{1,6}}?)(新村|村|屯|庄|里|坊)(?=[0-9|]|$)()")
NAME = re.compile(rf"[{HAN}][{HAN}0-9]*?[{HAN}](?=[|0-9a-z-]|$)|[{HAN}]")
MARKS = (
    "号楼|号院|号房|号室|号铺|号|支弄|弄|栋|幢|座|#楼|#|单元|门(?!口|卫|面)|层|楼|f(?![a-z])"
    "|房间|房|室|户|铺|组|队|期|区"
)
NUMBER = re.compile(
    rf"([甲乙丙丁戊]?[a-z]?[0-9]{{1,5}}(?:[a-z甲乙丙丁](?![a-z0-9]))?(?:[-之][a-z]?[0-9]{{1,5}}[a-z]?){{0,3}}"
    rf"|[a-z](?=座|栋|幢|楼|区|单元))({MARKS})?"
)
SLOT_OF_MARK = {
    **dict.fromkeys(("号", "号院"), "number"),
    **dict.fromkeys(("号楼", "栋", "幢", "座", "#楼", "#"), "building"),
    **dict.fromkeys(("弄", "支弄"), "lane"),
    **dict.fromkeys(("单元", "门"), "unit"),
    **dict.fromkeys(("层", "楼", "f"), "floor"),
    **dict.fromkeys(("号房", "号室", "号铺", "房间", "房", "室", "户", "铺"), "room"),
    **dict.fromkeys(("组", "队"), "group"),
    **dict.fromkeys(("期", "区"), "zone"),
}
# What a bare number or a chain such as 5-2-301 means depends on what stands before it.
AFTER = {
    "": ("number", "building", "unit", "room"),
    "road": ("number", "building", "unit", "room"),
    "compound": ("building", "unit", "room"),
    "lane": ("number", "room"),
    "number": ("building", "unit", "room"),
    "zone": ("building", "unit", "room"),
    "group": ("number", "room"),
    "building": ("unit", "room"),
    "unit": ("room",),
    "floor": ("room",),
    "room": ("room",),
}
STRONG_NOISE = re.compile(r"[0-9]{7,}|[a-z0-9]*[a-z]{2,}[a-z0-9]*|[a-z]+[0-9]+[a-z]+[0-9]*")
LETTER_BEFORE_NAME = re.compile(rf"[a-z]+(?=[{HAN}])(?![a-z]*(?:座|栋|幢|楼|区|单元|号|室|房))")
LEADING_DIGITS = re.compile(rf"(^|\|)[0-9]+(?=[{HAN}]{{2,}}.*[0-9])(?!(?:{MARKS}))")
SPELLED_OUT = re.compile(r"(?<![0-9])[0-9](?: [0-9](?![0-9]))+")
NUMBERED = re.compile(r"\|*[a-z]?[0-9]")
ROAD_HERE = "@"
REMARK = re.compile(r"[(\[{<【《][^)\]}>】》0-9]{0,40}[)\]}>】》]")


@dataclass(frozen=True)
class ChineseAddress:
    city: str
    district: str
    road: str
    compound: str
    parts: dict[str, str] = field(default_factory=dict)

    def exact(self) -> list[str]:
        """The flat: everything that tells one door from the next."""
        door = self.parts.get("room") or self.parts.get("floor", "")
        return [*self.building(), self.parts.get("unit", ""), door]

    def building(self) -> list[str]:
        """The building: what is left when unit, floor and room may be invented."""
        return [self.city, self.district, *self._site(), self.parts.get("zone", "")]

    def fuzzy(self) -> list[str]:
        """The building without the parts people leave out: the district when the city is known, the phase."""
        return [self.city or self.district, *self._site()]

    def _site(self) -> list[str]:
        numbered = bool(self.road and (self.parts.get("number") or self.parts.get("lane")))
        # 解放路新村12号 is not 解放路12号; a remark between road and number says nothing.
        between = ENDS_COMPOUND.search(self.compound)
        name = self.road if numbered and not between else self.road + self.compound
        return [_once(name), *(self.parts.get(slot, "") for slot in ("lane", "group", "number", "building"))]


def parse(text: str) -> ChineseAddress:
    """Take an address in cleaned Chinese text apart; parts that are not there stay empty."""
    place = chinese_places.take_place(_joined(REMARK.sub("", text.translate(TRADITIONAL))))
    detail = numerals.in_digits(place.detail)
    detail = LETTER_BEFORE_NAME.sub("", STRONG_NOISE.sub("", detail))
    detail = LEADING_DIGITS.sub(r"\1", detail)
    road, detail = _take_road(detail)
    compound = "" if road and NUMBERED.match(detail.split(ROAD_HERE, 1)[-1]) else _compound(detail)
    return ChineseAddress(
        city=place.city, district=place.district, road=road, compound=compound, parts=_numbers(detail)
    )


def _joined(text: str) -> str:
    """Drop what separates; a comma between long parts stays a boundary, between digits a dash stays a dash."""
    text = re.sub(rf"(?<=[{HAN}0-9a-z]{{3}})\s*[,;、]\s*(?=[{HAN}0-9a-z]{{3}})", chinese_places.BOUNDARY, text)
    text = SPELLED_OUT.sub(lambda found: found.group().replace(" ", ""), text)
    text = re.sub(r"(?<=[0-9])[^0-9a-z〇\u3400-\u9fff|#]+(?=[a-z]?[0-9])", "-", text)
    return re.sub(rf"[^{HAN}0-9a-z|#-]+", "", re.sub(rf"(?<![0-9])-|-(?![0-9a-z])|#(?=[{HAN}])(?!楼)", "", text))


def _take_road(detail: str) -> tuple[str, str]:
    found = list(ROAD.finditer(detail)) or list(VILLAGE.finditer(detail))
    if not found:
        return "", detail
    numbered = [road for road in found if NUMBERED.match(detail[road.end() :])]
    road = (numbered or found)[0]
    stem = _without_compound(road.group(1))
    return stem + road.group(2) + (road.group(3) or ""), detail[
        : road.start()
    ] + chinese_places.BOUNDARY + ROAD_HERE + detail[road.end() :]


def _without_compound(stem: str) -> str:
    cut = re.sub(rf"^.*(?:{COMPOUND_END})(?=..)", "", stem)
    return cut or stem


def _compound(detail: str) -> str:
    names = [name for name in NAME.findall(re.sub(NUMBER, "|", detail)) if len(name) > 1]
    ended = [name for name in names if re.search(rf"(?:{COMPOUND_END})$", name)]
    return max(ended or names, key=len, default="")


def _numbers(detail: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    start = detail.find(ROAD_HERE) + 1
    previous = "road" if start else "compound"
    # A road written after its number (5栋301室张江路88号) still owns the number that follows it.
    for section, before in ((detail[start:], previous), (detail[: max(start - 1, 0)], "number")):
        for found in NUMBER.finditer(section):
            before = _fill(parts, before, found.group(1), found.group(2) or "")
    return parts


def _fill(parts: dict[str, str], before: str, chain: str, mark: str) -> str:
    numbers = [_plain(number) for number in re.split("[-之]", chain)]
    slot = SLOT_OF_MARK.get(mark, "")
    if slot in ("number", "lane"):
        numbers[0] = numbers[0].lstrip("abcdefghijklmnopqrstuvwxyz") or numbers[0]
    if slot == "number":
        if "number" in parts and "building" not in parts:
            slot = "building"
        values = {slot: "-".join(numbers)}
    elif slot:
        values = dict(zip(_slots(before, len(numbers) - 1), numbers, strict=False)) | {slot: numbers[-1]}
    else:
        names = AFTER[before]
        values = dict(zip(_ending(names, len(numbers)), numbers, strict=False))
    if mark == "支弄" and "lane" in parts:
        values["lane"] = f"{parts.pop('lane')}-{values['lane']}"
    for name, value in values.items():
        parts.setdefault(name, value)
    return next(reversed(values), before)


def _slots(before: str, count: int) -> tuple[str, ...]:
    return tuple(name for name in AFTER[before] if name != "room")[:count]


def _ending(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    """The slots a bare chain fills: it begins with the next level and ends with the room (88-5-301, 88号301)."""
    if names[0] == "number" or count >= len(names):
        return (*names[: count - 1], "room") if 1 < count < len(names) else names[:count]
    return (*names[: count - 1], names[-1])


def _plain(number: str) -> str:
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", number)


def _once(name: str) -> str:
    """A name whose characters or whole words were doubled (张江路张江路) reads as once."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"^(.{2,8})\1+", r"\1", name))
