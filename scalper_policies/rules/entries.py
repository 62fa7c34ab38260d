"""What a merchant writes into a list, as the key it is matched by and as it is shown."""

import re
from collections.abc import Callable

from merchant_protection.foundation.masking import masked
from merchant_protection.marketplace.rules import addresses, personal, phones
from merchant_protection.marketplace.rules.keyed import keyed

LONGEST = 1_000
KEY = re.compile(r"key:(?P<key>[0-9a-f]{32}|[0-9a-f]{64})\Z")

Hash = Callable[[str, str], str]


class BadEntry(ValueError):
    """An entry that matches nothing."""


def key_of(dimension: str, text: str, *, secret: bytes, account: Hash) -> str:
    """Return the key an entry is matched by; `account` hashes a buyer's reference as marketplace does.

    `key:` and a key, as a list is exported, stands for itself.
    """
    text = text.strip()
    if found := KEY.match(text):
        return found["key"]
    if not text or len(text) > LONGEST:
        raise BadEntry("empty" if not text else "too long")
    key = _hashed(dimension, text, secret=secret, account=account)
    if not key:
        raise BadEntry("not readable")
    return key


def shown(dimension: str, text: str) -> str:
    """Return enough of an entry to tell two apart, and no more."""
    text = text.strip()
    if found := KEY.match(text):
        return f"{found['key'][:8]}…"
    if dimension in ("ADDRESS", "BUILDING", "ADDRESS_CLUSTER"):
        return f"{text[:6]}***"
    return masked(text)[:80]


def _hashed(dimension: str, text: str, *, secret: bytes, account: Hash) -> str:
    if dimension == "ACCOUNT":
        return account("buyer", text)
    if dimension == "PHONE":
        return phones.phone_key(text, secret)
    if dimension == "IDENTITY":
        return keyed(secret, "identity", text)
    if dimension in ("ADDRESS", "BUILDING", "ADDRESS_CLUSTER"):
        keys = addresses.address_keys(text, secret)
        return {"ADDRESS": keys.exact, "BUILDING": keys.building, "ADDRESS_CLUSTER": keys.fuzzy}[dimension]
    ip = text.removesuffix("/24").removesuffix("/48") if dimension == "IP_NET" else text
    means = personal.means_keys(device=text, ip=ip, payment=text, secret=secret)
    found = {
        "DEVICE": means.device_key,
        "PAYMENT": means.payment_key,
        "IP": means.ip_key,
        "IP_NET": means.ip_net_key,
    }
    return found[dimension]
