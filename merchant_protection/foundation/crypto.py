"""Sealing what must be readable again, hashing what must only match, and making secrets."""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(ValueError):
    """What was sealed cannot be opened with the keys at hand."""


def seal(text: str) -> str:
    """Encrypt `text` with the newest data key."""
    return _box(*_data_keys()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what `seal` was given; raise Unreadable when no key fits or the text was changed."""
    try:
        return _box(*_data_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("sealed with a key that is not at hand, or changed") from error


def keyed_hash(kind: str, value: str) -> str:
    """Return the keyed hash (HMAC-SHA256, hex) by which equal values of a kind are matched; empty stays empty."""
    if not value:
        return ""
    return hmac.new(settings.MATCH_KEY.encode(), f"{kind}\x00{value}".encode(), hashlib.sha256).hexdigest()


def digest(text: str) -> str:
    """Return the SHA-256 of a secret that has enough entropy of its own, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_secret(nbytes: int = 32) -> str:
    """Return a new random secret, safe in addresses."""
    return secrets.token_urlsafe(nbytes)


def same(left: str, right: str) -> bool:
    """Compare two secrets without telling by the time taken where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def _data_keys() -> tuple[str, ...]:
    if settings.DATA_KEYS:
        return tuple(settings.DATA_KEYS)
    made = hashlib.sha256(b"data key\x00" + settings.SECRET_KEY.encode()).digest()
    return (base64.urlsafe_b64encode(made).decode(),)


@lru_cache(maxsize=4)
def _box(*keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
