"""Write many rows in one statement: new ones are added, known ones brought forward when a guard says so."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Model

from merchant_protection.foundation import prepared

type Key = tuple[Any, ...]


def upsert(
    model: type[Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Iterable[str] = (),
    guard: str = "",
    adding: str = "",
) -> dict[Key, int]:
    """Insert rows or update the columns `update` of those with the same key; return ids by key of those written.

    Rows name columns (`buyer_id`); columns left out get the model's defaults. `guard` is an SQL
    condition over `known` (the row there is) and `excluded` (the row that is given): where it does
    not hold, the known row stays as it is and its id is not returned. The column `adding` is raised by
    what is given instead, so that two writers at once lose nothing. A key may be given once only.
    Rows are written in order of their keys, so that two writers do not wait for each other in a circle.
    """
    if not rows:
        return {}
    with prepared.cursor() as cursor:
        send(cursor, model, rows, key=key, update=update, guard=guard, adding=adding)
        return {tuple(row[1:]): row[0] for row in cursor.fetchall()}


def send(
    cursor: Any,
    model: type[Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Iterable[str] = (),
    guard: str = "",
    adding: str = "",
) -> None:
    """Do the same by a prepared cursor, whose rows are the ids of those written and their keys."""
    in_order = sorted(rows, key=lambda row: _key(row, key))
    given = [{**_defaults(model), **row} for row in in_order]
    cursor.execute(_statement(model, tuple(key), tuple(update), guard, adding), [msgspec.json.encode(given).decode()])


@functools.cache
def _columns(model: type[Model]) -> dict[str, Any]:
    return {str(field.column): field for field in model._meta.concrete_fields if not field.primary_key}


def _defaults(model: type[Model]) -> dict[str, Any]:
    return {column: field.get_default() for column, field in _columns(model).items()}


@functools.lru_cache(maxsize=200)
def _statement(model: type[Model], key: Sequence[str], update: Sequence[str], guard: str, adding: str) -> str:
    quote, columns = connection.ops.quote_name, _columns(model)
    names = ", ".join(map(quote, columns))
    types = ", ".join(f"{quote(column)} {field.db_type(connection)}" for column, field in columns.items())
    updates = ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in update)
    if adding:
        updates = f"{quote(adding)} = known.{quote(adding)} + excluded.{quote(adding)}"
    then = f"UPDATE SET {updates}" + (f" WHERE {guard}" if guard else "") if updates else "NOTHING"
    returned = ", ".join(f"known.{quote(column)}" for column in key)
    return (
        f"INSERT INTO {quote(model._meta.db_table)} AS known ({names}) "  # noqa: S608  names of columns
        f"SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS given({types}) "
        f"ON CONFLICT ({', '.join(map(quote, key))}) DO {then} RETURNING known.id, {returned}"
    )


def _key(row: Mapping[str, Any], key: Sequence[str]) -> Key:
    return tuple(row[column] for column in key)
