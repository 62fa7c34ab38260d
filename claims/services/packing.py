"""All files of a complaint as one archive, written while it is sent."""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence

from claims.models import Claim, Evidence
from merchant_protection.files.outside import store


class _Pipe(io.RawIOBase):
    """Takes what the archive writes, and gives it on piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[bytes] = []
        self.sent = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.sent

    def write(self, body) -> int:  # type: ignore[no-untyped-def]
        self.waiting.append(bytes(body))
        self.sent += len(body)
        return len(body)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self.waiting = b"".join(self.waiting), []
        return taken


def pack(claim: Claim, pieces: Sequence[Evidence]) -> Iterator[bytes]:
    """Yield a ZIP with the sealed originals and a manifest of names, types, times and SHA-256."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for piece in pieces:
            with archive.open(zipfile.ZipInfo(_name(piece)), "w", force_zip64=True) as entry:
                for block in store.blocks(store.path_of(piece.file.place)):
                    entry.write(block)
                    yield pipe.take()
        archive.writestr("manifest.json", manifest(claim, pieces))
        yield pipe.take()
    yield pipe.take()


def manifest(claim: Claim, pieces: Sequence[Evidence]) -> str:
    """Return what is in the archive, so that each file can be checked against its fingerprint."""
    return json.dumps(
        {
            "complaint": claim.number,
            "order": claim.order_number,
            "files": [
                {
                    "name": _name(piece),
                    "type": piece.type,
                    "shows": piece.note,
                    "added_at": piece.added_at.isoformat(),
                    "bytes": piece.file.bytes_received,
                    "sha256": piece.file.digest,
                }
                for piece in pieces
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def _name(piece: Evidence) -> str:
    return f"{piece.pk:06d}-{piece.file.name}"
