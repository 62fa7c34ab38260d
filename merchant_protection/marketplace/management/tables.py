"""What the commands that try a rule on a file share: reading its columns, and writing whole files only."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from django.core.management.base import CommandError

from merchant_protection.marketplace.outside.order_files import OrderFile, Unreadable

LONGEST_FIELD = 4000
REASONS = {
    "empty": "the file is empty",
    "damaged": "the file is damaged or cut off",
    "not_a_table": "the file is no table of text",
}


def header(file: OrderFile) -> list[str]:
    """Return the names of the file's columns."""
    if not file.path.is_file():
        raise CommandError(f"There is no file {file.path}.")
    try:
        return file.header()
    except Unreadable as error:
        raise _unreadable(file, error) from error


def rows(file: OrderFile) -> Iterator[tuple[int, list[str]]]:
    """Yield each row below the header with its number; the header is row 1."""
    try:
        for number, cells in file.rows():
            if number > 1:
                yield number, cells
    except Unreadable as error:
        raise _unreadable(file, error) from error


def columns(file: OrderFile, names: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the named columns of each row, with its number; small and capital letters of a name are the same."""
    there = header(file)
    if len(set(folded := [name.casefold() for name in there])) == len(there):
        there = folded
    missing = [name for name in names if name not in there]
    if missing:
        raise CommandError(f"{file.path}: no column {', '.join(missing)}; the file has {', '.join(there)}.")
    places = [there.index(name) for name in names]
    for number, cells in rows(file):
        values = [cells[place].strip() if place < len(cells) else "" for place in places]
        for name, value in zip(names, values, strict=True):
            if len(value) > LONGEST_FIELD:
                raise CommandError(f"Row {number}, {name}: longer than {LONGEST_FIELD} characters.")
            if any("\ud800" <= letter <= "\udfff" for letter in value):
                raise CommandError(f"Row {number}, {name}: not readable as UTF-8 or GB18030.")
        yield number, values


def write(path: Path, names: Sequence[str], lines: Iterable[Sequence[object]]) -> int:
    """Write a CSV file and return its number of rows; after a fault the old file stands as it was."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    count = 0
    try:
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(names)
            for line in lines:
                out.writerow(line)
                count += 1
        unfinished.replace(path)
    except OSError as error:
        raise CommandError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _unreadable(file: OrderFile, error: Unreadable) -> CommandError:
    return CommandError(f"{file.path}: {REASONS.get(str(error), str(error))}.")
