"""Standard Webhooks signatures, written from the specification.

The signed content is `id.timestamp.body`, the secret is `whsec_` and base64, the
signature is `v1,` and the base64 of the HMAC-SHA256. Several signatures may stand
in one header, parted by spaces; one that fits is enough.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300


class BadSignature(Exception):
    """The message was not signed by the holder of this secret, or not lately."""


def key_of(secret: str) -> bytes:
    """Return the bytes behind a `whsec_…` secret."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("A secret is whsec_ followed by base64.") from error


def secret_of(key: bytes) -> str:
    """Return the `whsec_…` form of a key."""
    return PREFIX + base64.b64encode(key).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `v1,…` signature of one message."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a signed message."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id, timestamp, body),
    }


def verify(secret: str, received: Mapping[str, str], body: bytes, *, now: float) -> str:
    """Return the message id of a well-signed, recent message, or raise BadSignature."""
    message_id = received.get("webhook-id") or ""
    given = received.get("webhook-signature") or ""
    try:
        timestamp = int(received.get("webhook-timestamp") or "")
    except ValueError as error:
        raise BadSignature("webhook-timestamp is missing or no number") from error
    if not message_id or not given:
        raise BadSignature("webhook-id or webhook-signature is missing")
    if abs(now - timestamp) > TOLERANCE_SECONDS:
        raise BadSignature("webhook-timestamp is too far from now")
    expected = signature(secret, message_id, timestamp, body).encode()
    if not any(hmac.compare_digest(expected, one.encode()) for one in given.split()):
        raise BadSignature("no signature fits")
    return message_id
