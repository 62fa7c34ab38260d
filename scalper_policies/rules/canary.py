"""Which buyers a canary concerns: the same ones every time, and more of them as it grows."""

import hashlib


def is_in(policy: str, buyer: str, percent: float) -> bool:
    """Whether this buyer is among the canary's percent; a buyer once in stays in while the share grows."""
    digest = hashlib.sha256(f"canary\x00{policy}\x00{buyer}".encode()).digest()
    return int.from_bytes(digest[:8]) * 100 < percent * 2**64 if percent < 100 else True
