"""Order files as rows of text: CSV (plain or gzip; UTF-8 or GB18030) and XLSX."""

import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

LONGEST_CELL = 16 * 1024 * 1024
MOST_BYTES = 2 * 1024**3
SAMPLE = 1 << 20
# What reading a damaged file raises, each from another layer of it.
DAMAGED = (csv.Error, OSError, EOFError, zlib.error)
DAMAGED_BOOK = (*DAMAGED, InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError)


class Unreadable(ValueError):
    """The file is no table we can read; the message is a code."""


@dataclass(frozen=True)
class OrderFile:
    """A file to be read row by row, any number of times."""

    path: Path

    def digest(self) -> str:
        """Return the SHA-256 of the file, in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def header(self) -> list[str]:
        """Return the names of the columns."""
        for _row, cells in self.rows():
            return [cell.strip() for cell in cells]
        raise Unreadable("empty")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row's number, from 1 for the header, and its cells; rows without any text are left out."""
        source = self._xlsx() if self.path.suffix.lower() == ".xlsx" else self._csv()
        for number, cells in source:
            if any(cells):
                yield number, cells

    def _csv(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(LONGEST_CELL)
        is_utf8 = self._is_utf8()
        with self._open() as raw:
            # Bytes that are not of the encoding stay recognisable, so that their row can be named.
            whole = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
            try:
                yield from enumerate(csv.reader(whole if is_utf8 else map(_decoded, raw)), start=1)
            except DAMAGED as error:
                raise Unreadable("damaged") from error

    def _xlsx(self) -> Iterator[tuple[int, list[str]]]:
        try:
            book = openpyxl.load_workbook(self.path, read_only=True, data_only=True)
            try:
                for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
                    yield number, [_text(cell) for cell in cells]
            finally:
                book.close()
        except DAMAGED_BOOK as error:
            raise Unreadable("damaged") from error

    def _open(self) -> IO[bytes]:
        if self.path.suffix.lower() == ".gz":
            return gzip.open(self.path, "rb")  # type: ignore[return-value]
        return self.path.open("rb")

    def _is_utf8(self) -> bool:
        try:
            with self._open() as raw:
                sample = raw.read(SAMPLE)
        except DAMAGED as error:
            raise Unreadable("damaged") from error
        if sample.count(0) * 100 > len(sample):  # a picture or UTF-16; a single NUL is a fault of its row
            raise Unreadable("not_a_table")
        whole = sample[: sample.rfind(b"\n") + 1] or sample
        try:
            whole.decode()
        except UnicodeDecodeError:
            return False
        return True


def _decoded(line: bytes) -> str:
    """Read a line of a file that is not all UTF-8: such files are GB18030, or were put together from both."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    else:
        # Two Chinese letters in GB18030 may look like UTF-8, but never like UTF-8 that is Chinese.
        if all(letter < "\x80" or letter > "\u0800" for letter in text):
            return text
    try:
        return line.decode("gb18030")
    except UnicodeDecodeError:
        return line.decode("utf-8-sig", "surrogateescape")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if hasattr(cell, "isoformat") else str(cell)
