"""Jigged addresses fall together, neighbours do not, and no text however hostile costs more than a moment."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchant_protection.marketplace.rules import address_tags, addresses, gazetteer, keyed, numerals, phones

SECRET = b"a secret of the tests"
JIGGED = [
    [
        "上海市浦东新区张江路88号5栋301室",
        "上海市上海市浦东新区浦东新区张江路88号5栋301室",
        "浦东新区张江路88号5栋301室",
        "上海浦东张江路88号5栋301",
        "上海市浦东新区张江路８８号５栋３０１室",
        "上海市浦东新区张江路八十八号五幢三〇一室",
        "上海市浦东新区张江路捌拾捌号伍座",
        "上海市浦东新区张江路088号5号楼0301室",
        "上海市浦东新区张江镇张江路88号5#楼301",
        "上海市浦东新区张江路88-5-301",
        "上海市浦东新区张江路88号5栋999室",
        "上海市浦东新区张江路88号5栋2单元18楼1801",
        "张江路88号5栋301室，上海市浦东新区",
        "5栋301室，张江路88号，上海市浦东新区",
        "XQ7 上海市浦东新区张江路88号5栋301室",
        "阿凡达上海市浦东新区张江路88号5栋301室",
        "8899上海市浦东新区张江路88号5栋",
        "上海市浦东新区q张江路w88号5栋301室zz9",
        "上海市·浦东新区★张.江.路.88.号.5.栋",
        "上海市浦东新区 张 江 路 8 8 号 5 栋",
        "上海市浦东新区张江路88号5栋（请放门卫）",
        "上\u200b海市浦东新区张江\u200d路88号5栋",
        "上海市浦東新區張江路88號5棟",
        "上海市浦东新区张江路张江路88号5栋",
        "上海市张江路88号5栋",
        "13800138000 上海市浦东新区张江路88号5栋",
        "中国上海市浦东新区张江路88号5栋",
    ],
    [
        "江苏省苏州市昆山市人民路12号",
        "江苏省昆山市人民路12号",
        "昆山市人民路十二号",
        "江苏昆山人民路12号2楼",
    ],
    [
        "上海市徐汇区漕溪北路88弄5号301室",
        "徐汇区漕溪北路八十八弄五号三〇一",
        "上海漕溪北路88弄5号",
        "上海市徐汇区漕溪北路88弄5-302",
    ],
    [
        "广东省深圳市南山区阳光花园5栋2单元301",
        "深圳市南山区阳光花园5-2-301",
        "深圳南山阳光花园五栋",
        "深圳市南山区阳光花园5号楼3单元",
    ],
    ["北京市朝阳区三里屯路19号院5号楼1001", "北京朝阳三里屯路19号院5号楼"],
    ["浙江省义乌市稠州北路699号", "义乌稠州北路699号", "金华义乌稠州北路六百九十九号"],
    ["上海市静安区延安中路88弄3支弄5号", "上海延安中路88弄3支弄5号2室"],
    ["成都市武侯区天府大道中段500号", "四川省成都市天府大道中段500号"],
    ["浦东新区张江路丽江会所12号", "浦东张江路丽江会所12号"],
    ["香港弥敦道100号", "香港特别行政区弥敦道100号3楼"],
    ["上海市张江路杨浦大厦12号", "上海张江路杨浦大厦12号"],
    ["成都市武侯区人民南路四段27号", "四川成都武侯人民南路4段27号101"],
    ["延边朝鲜族自治州延吉市光明街3号", "吉林省延边朝鲜族自治州延吉市光明街3号1室"],
    [
        "Flat 3, 12 High St, London SW1A 1AA",
        "12 High Street Apt #3, London, SW1A1AA",
        "12 HIGH STREET, London SW1A 1AA, United Kingdom",
        "Suite 99, 12 High Street, London SW1A 1AA",
        "XKQ 12 High St. London SW1A 1AA",
        "No. 12 Hiigh Street, London, sw1a 1aa",
        "Twelve High Street, SW1A 1AA",
        "１２ High Street, London SW1A 1AA",
        "12 High Street, 3rd Floor, London SW1A 1AA",
        "London SW1A 1AA, 12 High Street",
    ],
    [
        "123 North Main Street, Springfield, Illinois 62704",
        "123 N. Main St Apt 4B, Springfield, IL 62704",
        "123 N Main St #9, Springfield IL 62704-1234",
        "ABCD 123 N Main St Unit 7, Springfield, IL 62704",
    ],
    ["12 High Street, London", "London, 12 High Street", "XKQ 12 High St, Flat 9, Camden, London"],
    ["100 Church Lane, Bath", "100 Church Ln. Bath, England"],
    ["1600 Grand Avenue NW, Denver, CO 80202", "Apt 9, 1600 Grand Ave NW Denver CO 80202"],
    ["PO Box 123, Reno, NV 89501", "P.O. Box 123 Reno NV 89501"],
]
NEIGHBOURS = [
    "上海市浦东新区张江路88号5栋",
    "上海市浦东新区张江路90号5栋",
    "上海市浦东新区张江路88号6栋",
    "上海市浦东新区祖冲之路88号5栋",
    "上海市徐汇区漕溪北路88弄5号",
    "上海市徐汇区漕溪北路88弄7号",
    "上海市徐汇区漕溪北路90弄5号",
    "上海市黄浦区南京东路100号",
    "上海市静安区南京西路100号",
    "上海市静安区北京西路100号",
    "南京市鼓楼区中山路100号",
    "福州市鼓楼区中山路100号",
    "天津市河北区中山路100号",
    "深圳市南山区阳光花园5栋",
    "深圳市南山区阳光花园6栋",
    "深圳市福田区月光花园5栋",
    "上海市黄浦区山东中路100号",
    "上海市黄浦区中山东一路100号",
    "上海市黄浦区中山东二路100号",
    "成都市武侯区天府大道中段500号",
    "成都市武侯区天府大道北段500号",
    "上海市黄浦区解放路12号",
    "上海市黄浦区解放路新村12号",
    "成都市武侯区人民南路三段27号",
    "成都市武侯区人民南路四段27号",
    "河北省石家庄市正定县李家村三组12号",
    "河北省石家庄市正定县李家村四组12号",
    "12 High Street, London SW1A 1AA",
    "14 High Street, London SW1A 1AA",
    "12a High Street, London SW1A 1AA",
    "12 High Street, Leeds LS1 4AB",
    "12 Church Street, Leeds LS1 4AC",
    "123 North Main Street, Springfield, IL 62704",
    "123 South Main Street, Springfield, IL 62704",
    "125 North Main Street, Springfield, IL 62704",
    "PO Box 123, Reno, NV 89501",
    "PO Box 124, Reno, NV 89501",
]
KEEPERS = st.sampled_from(["上海市浦东新区", "浦东新区", "上海市上海市浦东新区", "上海浦东", "上海市浦东新区张江镇"])
PREFIXES = st.sampled_from(["", "XQ7 ", "ABKD", "99217 ", "★★", "【加急】", "\u200b", "zz-"])
ROOMS = st.sampled_from(["", "301室", "9楼", "2单元902", "-1204", " 77", "７７号房", "三〇二室"])
NOISE = st.sampled_from(["", " ", ".", "·", "\u200b", "*", "~", "\u0007"])
SOUP = "上海市 浦东新区 路 街道 号 弄 栋 - 1 22 自治州 族 县 high st flat # ( ) , a1 p.o. box"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def clusters(texts: list[str]) -> dict[str, str]:
    return dict(addresses.same_place((text, text) for text in texts))


@pytest.mark.parametrize("texts", JIGGED, ids=lambda texts: texts[0])
def test_jigged_addresses_fall_into_one_cluster(texts: list[str]) -> None:
    found = clusters(texts)

    assert {text: cluster for text, cluster in found.items() if cluster != texts[0]} == {}


@pytest.mark.case("SC-01")
def test_all_jigged_addresses_cluster_and_real_neighbours_do_not() -> None:
    jigged = clusters([text for texts in JIGGED for text in texts])
    neighbours = clusters(NEIGHBOURS)

    assert {text: jigged[text] for texts in JIGGED for text in texts} == {
        t: texts[0] for texts in JIGGED for t in texts
    }
    assert [text for text, cluster in neighbours.items() if cluster != text] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海市浦东新区张江路88号5栋301室", "上海市浦东新区张江路88号5栋302室"),
        ("Flat 3, 12 High Street, London SW1A 1AA", "Flat 4, 12 High Street, London SW1A 1AA"),
    ],
)
def test_two_flats_of_one_building_differ_at_the_flat_alone(one: str, other: str) -> None:
    left, right = addresses.address_forms(one), addresses.address_forms(other)

    assert left.exact != right.exact
    assert left.building == right.building
    assert left.fuzzy == right.fuzzy


@given(
    place=KEEPERS, prefix=PREFIXES, room=ROOMS, noise=st.lists(NOISE, min_size=4, max_size=4), wide=st.booleans(),
    building=st.integers(1, 60), number=st.integers(1, 3000), backwards=st.booleans(),
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_any_mix_of_jigs_stays_in_the_cluster(
    place: str, prefix: str, room: str, noise: list[str], wide: bool, building: int, number: int, backwards: bool
) -> None:
    plain = f"上海市浦东新区张江路{number}号{building}栋"
    street = f"张{noise[0]}江{noise[1]}路{noise[2]}{number}号{building}栋{noise[3]}{room}"
    jigged = f"{street}，{place}" if backwards else f"{prefix}{place}{street}"
    jigged = jigged.translate(FULL_WIDTH) if wide else jigged

    found = clusters([plain, jigged])

    assert found[jigged] == plain


@given(
    number=st.integers(1, 9999), other=st.integers(1, 9999), street=st.sampled_from(["High", "Church", "St John's"]),
    word=st.sampled_from(["Street", "St", "st.", "STREET"]), flat=st.sampled_from(["", "Flat 3, ", "Apt #9 ", "QXZ "]),
)  # fmt: skip
def test_western_jigs_stay_and_other_numbers_leave(number: int, other: int, street: str, word: str, flat: str) -> None:
    plain = f"{number} {street} Street, London SW1A 1AA"
    jigged = f"{flat}{number}  {street} {word},, LONDON SW1A1AA UK"
    neighbour = f"{other} {street} Street, London SW1A 1AA"

    found = clusters([plain, jigged, neighbour])

    assert found[jigged] == plain
    assert (found[neighbour] == plain) == (number == other)


@given(st.text(max_size=300))
def test_any_text_has_forms_that_are_empty_together(text: str) -> None:
    forms = addresses.address_forms(text)

    assert bool(forms.exact) == bool(forms.building) == bool(forms.fuzzy)
    assert forms == addresses.address_forms(text)


@given(st.text(alphabet="上海市浦东新区路号栋室弄楼一二三0123456789abc-#,. ()", max_size=200))
def test_any_soup_of_address_characters_is_read_the_same_in_half_and_full_width(text: str) -> None:
    forms = addresses.address_forms(text)

    assert addresses.address_forms(text.translate(FULL_WIDTH)) == forms


@pytest.mark.parametrize(
    "unit",
    [
        "上",
        "1",
        "路1",
        "号-",
        "1-",
        "st ",
        "12 high st ",
        "\x00",
        "\u200b",
        "ﷺ",
        "(",
        "a.",
        "三〇",
        "市",
        "🙂",
        "\ud800",
        "区县",
        "#",
    ],
)
@pytest.mark.timeout(5)
def test_a_million_characters_cost_no_more_than_a_moment(unit: str) -> None:
    hostile = unit * (1_000_000 // len(unit))

    keys = addresses.address_keys(hostile, SECRET)

    assert len(keys.exact) in (0, keyed.KEY_CHARACTERS)


@pytest.mark.timeout(30)
def test_random_soup_of_address_words_is_bounded_too() -> None:
    words = [
        "上海市",
        "浦东新区",
        "路",
        "街道",
        "号",
        "弄",
        "栋",
        "-",
        "1",
        "22",
        "自治州",
        "族",
        "县",
        "high",
        "st",
        "flat",
        "#",
        "(",
        ")",
        ",",
        "a1",
        "p.o.",
        "box",
    ]
    source = random.Random(7)

    for _ in range(200):
        forms = addresses.address_forms("".join(source.choice(words) for _ in range(400)))

        assert len(forms.exact) <= addresses.LONGEST_ADDRESS * 2


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", "\u200b", "，，，"])
def test_no_address_has_no_keys_and_clusters_with_none(text: str) -> None:
    assert addresses.address_keys(text, SECRET) == addresses.AddressKeys("", "", "")
    assert dict(addresses.same_place([("a", text), ("b", text)])) == {"a": "a", "b": "b"}


def test_an_address_without_any_part_we_know_stands_for_itself() -> None:
    forms = addresses.address_forms("??? 88888888888")

    assert forms.exact.rstrip("|") == forms.building == forms.fuzzy


def test_keys_depend_on_the_secret_the_kind_and_the_value() -> None:
    key = keyed.keyed(SECRET, "device", "d-1")

    assert len(key) == keyed.KEY_CHARACTERS
    assert key == keyed.keyed(SECRET, "device", "d-1")
    assert len({key, keyed.keyed(b"other", "device", "d-1"), keyed.keyed(SECRET, "ip", "d-1")}) == 3
    assert keyed.keyed(SECRET, "device", "") == ""


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "+86 138-0013-8000",
        "008613800138000",
        "８６１３８００１３８０００",
        "138 0013 8000",
        "013800138000",
    ],
)
def test_one_mobile_number_has_one_spelling(text: str) -> None:
    assert phones.normalise_phone(text) == "+8613800138000"
    assert phones.phone_key(text, SECRET) == phones.phone_key("13800138000", SECRET)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("no phone", ""),
        ("021-1234 5678", "02112345678"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("17012345678转1234", "+8617012345678x1234"),
        ("17012345678-1234", "+8617012345678x1234"),
        ("+1 212 555 0100 ext. 9", "+12125550100x9"),
        ("1" * 1_000_000, "1" * 64),
    ],
)
def test_other_numbers_keep_what_tells_them_apart(text: str, expected: str) -> None:
    assert phones.normalise_phone(text) == expected


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("八十八", "88"),
        ("十", "10"),
        ("二〇一", "201"),
        ("一百零八", "108"),
        ("廿三", "23"),
        ("捌拾捌", "88"),
        ("两千", "2000"),
    ],
)
def test_numbers_in_words_are_read(words: str, number: str) -> None:
    assert numerals.value_of(words) == number
    assert numerals.in_digits(f"{words}号") == f"{number}号"


def test_a_district_two_cities_share_fills_in_nothing() -> None:
    assert gazetteer.city_of("徐汇") == "上海"
    assert gazetteer.city_of("鼓楼") == ""
    assert gazetteer.city_of("无此区") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("上海市浦东新区张江路88号丰.巢 柜", ("PARCEL_LOCKER",)),
        ("广州市白云区某某集运仓A区", ("FREIGHT_FORWARDER",)),
        ("东莞市物流园3号仓库", ("LOGISTICS_PARK",)),
        ("Unit 5, Acme Freight Forwarding, Logistics Park", ("FREIGHT_FORWARDER", "LOGISTICS_PARK")),
        ("P.O. Box 7, Reno", ("POST_BOX",)),
        ("12 Blocker Street, London", ()),
        ("上海市浦东新区张江路88号", ()),
    ],
)
def test_an_address_that_is_no_home_is_tagged(text: str, expected: tuple[str, ...]) -> None:
    assert address_tags.tags(text) == expected


def test_a_list_of_words_has_its_version_and_bounds() -> None:
    own = address_tags.AddressWords(version=7, words={"SHOP": ("便利店",)})

    assert address_tags.tags("路口便利店", own) == ("SHOP",)
    for words in (["x" * 61], ["x"], ["ab"] * 2_001):
        with pytest.raises(ValueError, match="a list holds at most"):
            address_tags.AddressWords(version=8, words={"BAD": tuple(words)})
