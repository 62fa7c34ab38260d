"""Write an address in one way, at three levels, however a buyer wrote it, and make the keys it is matched by."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from merchant_protection.marketplace.rules import chinese_addresses, keyed, western_addresses

LONGEST_ADDRESS = 400
READ_AT_MOST = 4000
HAN = re.compile(r"[〇\u3400-\u4dbf\u4e00-\u9fff]")
DASHES = re.compile(r"[\u2010-\u2015\u2212\u30fc\uff70~_]+")
SPACES = re.compile(r"[\s\u3000]+")


@dataclass(frozen=True)
class AddressForms:
    """One address in one spelling: the flat, the building, and the building without what people leave out."""

    exact: str
    building: str
    fuzzy: str


@dataclass(frozen=True)
class AddressKeys:
    """The keyed hashes of an address's three forms; empty strings when there is no address, which match nothing."""

    exact: str
    building: str
    fuzzy: str


def address_forms(text: str) -> AddressForms:
    """Return an address in one spelling at three levels; an address that cannot be read stands for itself.

    Reads at most 4,000 characters, so that no text, however long, costs more.
    """
    plain = clean(text)
    if not plain:
        return AddressForms("", "", "")
    chinese = len(HAN.findall(plain)) >= 2
    parsed = chinese_addresses.parse(plain) if chinese else western_addresses.parse(plain)
    if not any(parsed.exact()):
        return AddressForms(plain, plain, plain)
    script = "zh" if chinese else "en"
    return AddressForms(*(_form(script, parts) for parts in (parsed.exact(), parsed.building(), parsed.fuzzy())))


def address_keys(text: str, secret: bytes) -> AddressKeys:
    """Return the keys under which this address may be matched with others, without anyone reading it."""
    forms = address_forms(text)
    return AddressKeys(
        exact=keyed.keyed(secret, "address.exact", forms.exact),
        building=keyed.keyed(secret, "address.building", forms.building),
        fuzzy=keyed.keyed(secret, "address.fuzzy", forms.fuzzy),
    )


def same_place(addresses: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (id, cluster) for (id, address): addresses of one building share a cluster, named by its first id."""
    leaders: dict[str, str] = {}
    rows: list[tuple[str, list[str]]] = []
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    for row, (identifier, text) in enumerate(addresses):
        forms = address_forms(text)
        names = sorted({f"b{forms.building}", f"f{forms.fuzzy}"}) if forms.exact else [f"empty{row}"]
        for name in names:
            parents.setdefault(name, name)
            leaders.setdefault(name, identifier)
        for name in names[1:]:
            parents[root(name)] = root(names[0])
        rows.append((identifier, names))
    first: dict[str, str] = {}
    for identifier, names in rows:
        yield identifier, first.setdefault(root(names[0]), identifier)


def clean(text: str) -> str:
    """Return the text in half-width lower case without control, invisible and decorative characters."""
    plain = unicodedata.normalize("NFKC", text[:READ_AT_MOST])[: READ_AT_MOST * 2].casefold()
    plain = DASHES.sub("-", plain)
    kept = "".join(letter for letter in _visible(plain))
    return SPACES.sub(" ", kept).strip(" ,;.-")[:LONGEST_ADDRESS]


def _visible(text: str) -> Iterator[str]:
    for letter in unicodedata.normalize("NFKD", text):
        kind = unicodedata.category(letter)[0]
        if kind in "LN" or letter in ",;、.-#/()[]{}<>【】《》'&":
            yield letter
        elif kind in "ZPS" or letter in "\t\r\n":
            yield " "


def _form(script: str, parts: list[str]) -> str:
    return f"{script}:" + "|".join(parts)
