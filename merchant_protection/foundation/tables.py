"""Tables as CSV that a spreadsheet opens rightly and cannot be made to run."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"
CSV = "text/csv; charset=utf-8"
READ_AT_ONCE = 2_000


@dataclass(frozen=True)
class Table:
    """A list as it is taken away: its rows in their order, the heads of its columns, and what a row says in each."""

    rows: QuerySet[Any]
    heads: Sequence[object]
    cells: Callable[[Any], Iterable[object]]

    def lines(self) -> Iterator[Iterable[object]]:
        """Yield the heads, then every row."""
        yield self.heads
        for row in self.rows.iterator(chunk_size=READ_AT_ONCE):
            yield self.cells(row)


def cell(value: object) -> str:
    """Return a value as a cell's text; what a spreadsheet would take for a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(DANGEROUS) else text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Yield the lines of a CSV file in UTF-8 with the mark that spreadsheets want."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def csv_response(rows: Iterable[Iterable[object]], *, name: str) -> StreamingHttpResponse:
    """Send rows as a CSV file under this name."""
    response = StreamingHttpResponse(csv_lines(rows), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
