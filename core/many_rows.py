"""Changing many rows of one model in one statement: what ``save`` writes to each, without a statement for each."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, models
from django.utils.duration import duration_string


def update_rows(rows: Sequence[models.Model], fields: Sequence[str] = ()) -> None:
    """Write these fields (all) of rows that are there already. The database reads them as rows of its own table, so
    that a column is as it would be after a save; bytes are not for this."""
    if not rows:
        return
    meta = type(rows[0])._meta
    written = [
        field for field in meta.concrete_fields if not field.primary_key and (not fields or field.name in fields)
    ]
    columns = [connection.ops.quote_name(field.column) for field in written]
    key = connection.ops.quote_name(meta.pk.column)
    said = [
        {meta.pk.column: row.pk} | {field.column: field.pre_save(row, add=False) for field in written} for row in rows
    ]
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET {", ".join(f"{column} = said.{column}" for column in columns)}
                FROM jsonb_populate_recordset(NULL::{table}, %s) said
                WHERE {table}.{key} = said.{key}""",  # noqa: S608 - names of the models' own tables
            [json.dumps(said, default=_in_words)],
        )
        if cursor.rowcount != len(rows):
            raise DatabaseError(f"{len(rows) - cursor.rowcount} rows of {table} that were to be changed are gone")


def _in_words(value: Any) -> str:
    """What PostgreSQL reads back as exactly this value of the column."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_string(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{value!r} cannot be written for many rows at once")
