"""Standard Webhooks signatures: ours on what we send, theirs on what we receive."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE = 300  # seconds


class BadSignature(ValueError):
    """The message was not signed by the holder of one of these secrets, or not lately."""


def new_secret() -> str:
    """Return a new secret to sign with, as people paste it."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def headers(*secrets: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of a signed message; during a rotation it is signed with each secret."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join("v1," + _signature(each, message_id, timestamp, body) for each in secrets),
    }


def verify(received: Mapping[str, str], *, body: bytes, secrets: Sequence[str], now: datetime) -> str:
    """Return the message's id, or raise BadSignature; never another error, whatever the headers hold."""
    lower = {name.lower(): value for name, value in received.items()}
    message_id, timestamp = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("webhook-timestamp is missing or no number")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        raise BadSignature("webhook-timestamp is too far from now")
    if not message_id or not message_id.isascii():
        raise BadSignature("webhook-id is missing")
    given = [part[3:] for part in lower.get("webhook-signature", "").split(" ") if part.startswith("v1,")]
    expected = [_signature(secret, message_id, timestamp, body) for secret in secrets]
    fits = [hmac.compare_digest(ours.encode(), theirs.encode()) for ours in expected for theirs in given]
    if not any(fits):
        raise BadSignature("no signature fits")
    return message_id


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    bare = secret.removeprefix(PREFIX)
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("a secret is whsec_ followed by base64") from error
