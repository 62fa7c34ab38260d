"""Lines kept on this machine's disk while the database is away, taken up again when it is back."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

TAKEN = ".taken"


def append(folder: Path, line: str) -> None:
    """Keep a line in this process's file; written whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{os.getpid()}.lines"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def is_empty(folder: Path) -> bool:
    """Whether nothing waits to be taken up."""
    return not folder.is_dir() or not any(folder.iterdir())


def take_up(folder: Path, handle: Callable[[str], object]) -> int:
    """Hand over every line; a file goes away once all its lines were handled. Return how many there were.

    A file is renamed before it is read, so that two who take up at once do not read the same; one left behind by
    a process that died is read again, which the handler must bear.
    """
    done = 0
    for path in list(_files(folder)):
        taken = path.with_suffix(f".{os.getpid()}{TAKEN}") if path.suffix != TAKEN else path
        try:
            path.rename(taken)
            lines = taken.read_text().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            handle(line)
            done += 1
        taken.unlink(missing_ok=True)
    return done


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.iterdir())) if folder.is_dir() else iter(())
