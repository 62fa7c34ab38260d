"""Files that wait to be fetched: whole or not there at all, under names nobody guesses."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NewFile:
    """A file that is being written; it gets its name when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.size = 0
        self._unfinished = path.with_suffix(".part")
        self._file = self._unfinished.open("wb")

    def write(self, content: bytes) -> None:
        """Add to the file."""
        self.size += self._file.write(content)

    def finish(self, *, is_whole: bool) -> None:
        """Give the file its name, or throw it away."""
        self._file.close()
        if is_whole:
            self._unfinished.rename(self.path)
        else:
            self._unfinished.unlink()


@contextmanager
def new(state: str | Path, folder: str, *, suffix: str) -> Iterator[NewFile]:
    """Write a new file in a folder of the program's state."""
    place = Path(state) / folder
    place.mkdir(parents=True, exist_ok=True)
    file, is_whole = NewFile(place / f"{secrets.token_urlsafe(24)}{suffix}"), False
    try:
        yield file
        is_whole = True
    finally:
        file.finish(is_whole=is_whole)


def remove(path: str) -> None:
    """Throw a file away; one that is gone already is no fault."""
    if path:
        Path(path).unlink(missing_ok=True)
