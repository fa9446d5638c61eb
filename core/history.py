"""Field history: a line for each save, which the database copies from the row itself."""

from functools import cache
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from core.many_rows import update_rows

NEW, CHANGED, DELETED = "+", "~", "-"


class FieldHistory(HistoricalRecords):
    """``history = FieldHistory()`` keeps what every save of a model left behind, as ``HistoricalRecords`` does.

    The library makes a model row for each line, and one for each row of its lists; copying them costs a third. Nobody
    listens to the library's signals, so they are not sent.
    """

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        super().contribute_to_class(cls, name)
        cls.kept_history = self

    def post_save(self, instance: Any, created: bool, using: str | None = None, **kwargs: Any) -> None:
        """A save of fields that history leaves out (the moment somebody signed in) leaves no line."""
        saved = kwargs.get("update_fields")
        if created or saved is None or set(saved) - set(self.excluded_fields):
            super().post_save(instance, created, using, **kwargs)

    def create_historical_record(self, instance: Any, history_type: str, using: str | None = None) -> None:
        if history_type == DELETED:  # there is no row to copy any more
            super().create_historical_record(instance, history_type, using)
            return
        reason = self.get_change_reason_for_object(instance, history_type, using)
        self.write(history_type, [instance], by=self.get_history_user(instance), reason=reason or "")

    def write(
        self, history_type: str, rows: list[Any], *, by: Any, reason: str, with_lists: bool | None = None
    ) -> None:
        """Write a line for each row as it stands in the database, and copy its lists; those of a new row are taken for
        empty, unless ``with_lists`` says that they are filled already."""
        model = type(rows[0])
        history, key = _lines_of(model), _quote(model._meta.pk.column)
        columns = ", ".join(_quote(field.column) for field in history.tracked_fields)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO {_quote(history._meta.db_table)}
                        ({columns}, history_date, history_type, history_user_id, history_change_reason)
                    SELECT {columns}, %s, %s, %s, %s FROM {_quote(model._meta.db_table)}
                    WHERE {key} = ANY(%s) ORDER BY {key} RETURNING history_id""",  # noqa: S608 - models' own tables
                [timezone.now(), history_type, by and by.pk, reason[:100] or None, [row.pk for row in rows]],
            )
            lines = [line for (line,) in cursor.fetchall()]
        if history_type != NEW if with_lists is None else with_lists:
            for field in history._history_m2m_fields:
                _copy_list(field, self.m2m_models[field], history, lines)


@cache
def _lines_of(model: type[models.Model]) -> type[models.Model]:
    """The model of the lines that a model's history consists of; the library makes a class each time it is asked."""
    return model.history.model


def _copy_list(field: Any, kept: type[models.Model], history: type[models.Model], lines: list[int]) -> None:
    """Copy what stands in a many-to-many field of the rows that these lines of history are about."""
    listed = field.remote_field.through._meta
    columns = [_quote(column.column) for column in listed.fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {_quote(kept._meta.db_table)} (history_id, {", ".join(columns)})
                SELECT line.history_id, {", ".join(f"listed.{column}" for column in columns)}
                FROM {_quote(listed.db_table)} listed JOIN {_quote(history._meta.db_table)} line
                ON line.{_quote(field.model._meta.pk.column)} = listed.{_quote(field.m2m_column_name())}
                WHERE line.history_id = ANY(%s)""",  # noqa: S608 - models' own tables
            [lines],
        )


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def create_with_history(rows: list[Any], *, by: Any, reason: str) -> None:
    """Insert new rows of one model, and for each the line of history that ``save(by=by, reason=reason)`` writes."""
    if not rows:
        return
    with transaction.atomic(savepoint=False):
        type(rows[0])._base_manager.bulk_create(rows)
        type(rows[0]).kept_history.write(NEW, rows, by=by, reason=reason)


def save_with_history(rows: list[Any], *, by: Any, reason: str) -> None:
    """Write records that are there already, and for each the line of history: as ``save(by=by, reason=reason)``."""
    if not rows:
        return
    for row in rows:
        row.changed_by = by if by is not None else row.changed_by
        row.row_version += 1
    with transaction.atomic(savepoint=False):
        update_rows(rows)
        type(rows[0]).kept_history.write(CHANGED, rows, by=by, reason=reason)
