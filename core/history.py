"""The field history of rows that are written together."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.many_rows import update_rows


def create_with_history(rows: list[Any], *, by: Any, reason: str) -> None:
    """Insert new rows of one model, and for each the line of history that ``save(by=by, reason=reason)`` writes."""
    if not rows:
        return
    with transaction.atomic(savepoint=False):
        type(rows[0])._base_manager.bulk_create(rows)
        _write_history("+", rows, by=by, reason=reason)


def save_with_history(rows: list[Any], *, by: Any, reason: str) -> None:
    """Write records that are there already, and for each the line of history: as ``save(by=by, reason=reason)``."""
    if not rows:
        return
    for row in rows:
        row.changed_by = by if by is not None else row.changed_by
        row.row_version += 1
    with transaction.atomic(savepoint=False):
        update_rows(rows)
        _write_history("~", rows, by=by, reason=reason)


def _write_history(sort: str, rows: list[Any], *, by: Any, reason: str) -> None:
    """The database copies its own rows: a model row for each line of history costs more than writing them does."""
    model = type(rows[0])
    history = model.history.model
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in history.tracked_fields)
    key = quote(model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {quote(history._meta.db_table)}
                    ({columns}, history_date, history_type, history_user_id, history_change_reason)
                SELECT {columns}, %s, %s, %s, %s FROM {quote(model._meta.db_table)}
                WHERE {key} = ANY(%s) ORDER BY {key}""",  # noqa: S608 - names of the models' own tables
            [timezone.now(), sort, by.pk if by is not None else None, reason[:100] or None, [row.pk for row in rows]],
        )
