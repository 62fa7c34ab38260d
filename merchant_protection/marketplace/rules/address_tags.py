"""Say when an address is no home: a freight forwarder, a parcel locker, a logistics park, a post box."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from merchant_protection.marketplace.rules import addresses

NOT_WORD = re.compile(r"[^0-9a-z\u3400-\u4dbf\u4e00-\u9fff]+")
MOST_WORDS = 2_000
LONGEST_WORD = 60
BUILT_IN_VERSIONS = 100


@dataclass(frozen=True)
class AddressWords:
    """One version of the words that tag an address, by tag."""

    version: int
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        listed = [word for words in self.words.values() for word in words]
        if len(listed) > MOST_WORDS or any(not 2 <= len(_plain(word)) <= LONGEST_WORD for word in listed):
            raise ValueError(f"a list holds at most {MOST_WORDS} words of 2 to {LONGEST_WORD} characters")


def tags(text: str, listed: "AddressWords | None" = None) -> tuple[str, ...]:
    """Return the tags whose words stand in the address, in order of the list.

    A Latin word counts as a whole word, so that a Blocker Street is no locker.
    """
    listed = listed or BUILT_IN
    plain = f" {_plain(addresses.clean(text))} "
    joined = plain.replace(" ", "")
    return tuple(
        tag
        for tag, words in listed.words.items()
        if any(_stands_in(_plain_word(word), plain, joined) for word in words)
    )


def version_with(list_id: int) -> int:
    """Return the number of the built-in words together with the newest list that was added to them."""
    return list_id * BUILT_IN_VERSIONS + BUILT_IN.version


def _stands_in(word: str, plain: str, joined: str) -> bool:
    return f" {word} " in plain if word.isascii() else word in joined


@lru_cache(maxsize=4096)
def _plain_word(word: str) -> str:
    """The same few words are looked for in every address."""
    return _plain(word)


def _plain(text: str) -> str:
    return NOT_WORD.sub(" ", text.casefold()).strip()


BUILT_IN = AddressWords(
    version=1,
    words={
        "FREIGHT_FORWARDER": (
            *("转运仓", "转运公司", "集运仓", "集运", "货代", "货运代理", "国际转运", "国际物流", "海外仓", "保税仓"),
            *("跨境仓", "代收转寄", "freight forwarder", "freight forwarding", "parcel forwarding", "forwarding"),
            *("reship", "reshipping", "consolidation warehouse", "export services"),
        ),
        "PARCEL_LOCKER": (
            *("丰巢", "菜鸟驿站", "菜鸟", "快递柜", "自提柜", "自提点", "快递驿站", "驿站", "代收点", "快递超市"),
            *("智能柜", "妈妈驿站", "locker", "parcel locker", "amazon locker", "inpost", "packstation", "parcel shop"),
            *("collection point", "pick up point", "pickup point"),
        ),
        "LOGISTICS_PARK": (
            *("物流园", "物流中心", "物流基地", "仓储中心", "仓储园", "云仓", "仓库", "货运站", "货运市场", "分拨中心"),
            *("电商产业园", "logistics park", "logistics centre", "logistics center", "distribution centre"),
            *("distribution center", "fulfilment centre", "fulfillment center", "warehouse"),
        ),
        "POST_BOX": ("邮政信箱", "信箱", "po box", "p o box", "post office box"),
    },
)


def difference(
    before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str, str]]:
    """What a version of a list took away and added, tag by tag: the tag, "−" or "+", the word."""
    for tag in sorted({*before, *after}):
        old, new = before.get(tag, ()), after.get(tag, ())
        yield from ((tag, "−", word) for word in old if word not in new)
        yield from ((tag, "+", word) for word in new if word not in old)
