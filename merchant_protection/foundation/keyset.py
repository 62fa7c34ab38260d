"""Pages of a long list by key: the thousandth costs what the first does, and no row is shown twice."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet


@dataclass(frozen=True)
class Page[M: Model]:
    """One page of rows, with the cursors of its neighbours (empty at the ends)."""

    rows: list[M]
    after: str = ""
    before: str = ""


def page[M: Model](rows: QuerySet[M], *, by: Sequence[str], size: int, after: str = "", before: str = "") -> Page[M]:
    """Return the page behind the cursor `after`, or the one before `before`.

    `by` names the fields of the order, each with "-" when descending; together
    they must be unique, and none may be empty. A name may be an annotation. A
    cursor that cannot be read means the first page.
    """
    backwards = bool(before) and not after
    cursor = _read(before if backwards else after, [_field(rows, name.removeprefix("-")) for name in by])
    order = [_turned(name) for name in by] if backwards else list(by)
    if cursor is not None:
        rows = rows.filter(_beyond(order, cursor))
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = bool(found) and (backwards or more)
    has_previous = bool(found) and (more if backwards else cursor is not None)
    return Page(
        rows=found,
        after=_write(found[-1], by) if has_next else "",
        before=_write(found[0], by) if has_previous else "",
    )


def _field[M: Model](rows: QuerySet[M], name: str) -> Any:
    annotation = rows.query.annotations.get(name)
    return rows.model._meta.get_field(name) if annotation is None else annotation.output_field


def _beyond(order: Sequence[str], cursor: Sequence[Any]) -> Q:
    condition, equal = Q(), Q()
    for name, value in zip(order, cursor, strict=True):
        field = name.removeprefix("-")
        condition |= equal & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{field: value})
    return condition


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _write(row: Model, by: Sequence[str]) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in by]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, default=str).encode()).decode().rstrip("=")


def _read(cursor: str, fields: Sequence[Any]) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(fields):
            return None
        return [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, ValidationError):
        return None
