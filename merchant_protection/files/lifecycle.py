"""The life of a file: it arrives, waits in quarantine, and is then clean or rejected."""

from merchant_protection.foundation.lifecycle import Move, move

UPLOADING = "UPLOADING"
QUARANTINED = "QUARANTINED"
CLEAN = "CLEAN"
REJECTED = "REJECTED"
DISCARDED = "DISCARDED"

ON_ITS_WAY = frozenset({UPLOADING, QUARANTINED})
GONE = frozenset({REJECTED, DISCARDED})

MOVES: dict[str, Move] = {
    "receive": move(UPLOADING, to=QUARANTINED),
    "accept": move(QUARANTINED, to=CLEAN),
    # A scanner that learned something new may turn against a file that was clean.
    "reject": move(QUARANTINED, CLEAN, to=REJECTED),
    "discard": move(UPLOADING, QUARANTINED, CLEAN, to=DISCARDED),
}
