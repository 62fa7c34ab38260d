"""Turn personal values into keyed hashes, so that rows can be matched without being read."""

import hashlib
import hmac

KEY_CHARACTERS = 32


def keyed(secret: bytes, kind: str, value: str) -> str:
    """Return the key under which `value` may be matched with others of its kind; nothing for an empty value.

    128 bits of HMAC-SHA256 in hex. The kind is part of what is signed, so a phone number and an
    order reference with the same digits never meet.
    """
    if not value:
        return ""
    message = f"{kind}\x00{value}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:KEY_CHARACTERS]
