"""Files of list entries, kept until they are read."""

import secrets
from collections.abc import Iterable
from pathlib import Path


def keep(chunks: Iterable[bytes], *, folder: Path) -> Path:
    """Write a file piece by piece under a name nobody can guess, and return where it lies."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(12)}.csv"
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    return path
