"""Where files lie: outside the web root, under random names, never executable."""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

BLOCK = 256 * 1024


class TooLarge(ValueError):
    """More came than was said or is allowed."""


@dataclass(frozen=True)
class Part:
    """A piece of a file as it arrived, on the disk already."""

    place: str
    size: int


def path_of(place: str) -> Path:
    """Return where a place is on the disk."""
    if not place.isalnum():
        raise ValueError(f"no place of ours: {place!r}")
    return _folder() / place[:2] / place


def new_place() -> str:
    """Return a new random name, with its folder made."""
    place = secrets.token_hex(20)
    path_of(place).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def write(stream: BinaryIO, *, at_most: int) -> Part:
    """Write what a stream brings to the disk as it comes; nothing stays of one that brings too much or breaks off."""
    place, size = new_place(), 0
    path = path_of(place)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > at_most:
                    raise TooLarge
                file.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Part(place, size)


def seal(places: Sequence[str]) -> tuple[str, str, int]:
    """Put the pieces together as one file that is only read from now on; return place, SHA-256 and size.

    The pieces stay until they are erased: whoever is killed in between can begin again.
    """
    place, digest, size = new_place(), hashlib.sha256(), 0
    path = path_of(place)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as whole:
        for piece in places:
            for block in blocks(path_of(piece)):
                digest.update(block)
                whole.write(block)
                size += len(block)
    path.chmod(0o400)
    return place, digest.hexdigest(), size


def bench() -> Path:
    """Return the folder in which copies are made before they are adopted."""
    folder = _folder() / "bench"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def adopt(path: Path) -> Part:
    """Take over a file that was made for us."""
    place = new_place()
    os.replace(path, path_of(place))
    path_of(place).chmod(0o400)
    return Part(place, path_of(place).stat().st_size)


def erase(places: Sequence[str]) -> None:
    """Remove files; those that are gone already do no harm."""
    for place in places:
        path_of(place).unlink(missing_ok=True)


def head(place: str, size: int) -> bytes:
    """Return the first bytes of a file."""
    with path_of(place).open("rb") as file:
        return file.read(size)


def blocks(path: Path, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Read a file, or a stretch of it, block by block."""
    with path.open("rb") as file:
        file.seek(start)
        left = path.stat().st_size - start if length is None else length
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _folder() -> Path:
    return Path(settings.STATE_DIR) / "uploads"
