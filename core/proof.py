"""Does what is stored agree with the audit log and the field history? Checks that `manage.py verify` runs.

Who holds the password of the application's database role can write rows that no page would have written. What they
cannot do is take back a line, or write history anew; so each row must have its line, and each row must be as its last
line of history says.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

from core.lifecycle import LifecycleModel

MOST_NAMED = 20  # records that one finding names


def check_states() -> Iterator[str]:
    """Records whose state is not the one in which the last move of the audit log left them."""
    for model in _concrete(LifecycleModel):
        table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
        found = _rows(
            f"""WITH last AS (
                    SELECT DISTINCT ON (record_id) record_id, to_state FROM core_ledgerline
                    WHERE record_kind = %s AND to_state <> '' AND event = ANY(%s)
                    ORDER BY record_id, id DESC)
                SELECT r.{key}, r.state, last.to_state FROM {table} r JOIN last ON last.record_id = r.{key}
                WHERE r.state <> last.to_state ORDER BY 1""",  # noqa: S608 - the model's own table
            [model._meta.label_lower, [move.name for move in model.MOVES]],
        )
        for pk, state, expected in found:
            yield f"{model._meta.label} {pk} is “{state}”, but its last move led to “{expected}”."


def check_history() -> Iterator[str]:
    """Records that are otherwise than their last line of field history says, or have none. A model says with
    ``NOT_IN_EACH_HISTORY`` which fields are derived and stored without one, and with ``FIRST_ROWS_WITHOUT_HISTORY``
    that a migration made its first rows."""
    for model in apps.get_models():
        if hasattr(model, "kept_history") and not model._meta.proxy and model._meta.managed:
            yield from _differences_from_history(model)


def _differences_from_history(model: type[models.Model]) -> Iterator[str]:
    history = model.history.model
    derived = set(getattr(model, "NOT_IN_EACH_HISTORY", ()))
    columns = [
        _quoted(field.column) for field in history.tracked_fields if not field.primary_key and field.name not in derived
    ]
    table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    last = f"""SELECT DISTINCT ON (h.{key}) h.* FROM {_quoted(history._meta.db_table)} h
               ORDER BY h.{key}, h.history_id DESC"""  # noqa: S608
    missing = "FALSE" if getattr(model, "FIRST_ROWS_WITHOUT_HISTORY", False) else "TRUE"
    here, there = (", ".join(f"{name}.{column}" for column in columns) for name in ("r", "h"))
    changed = _rows(
        f"""WITH h AS ({last}) SELECT r.{key} FROM {table} r LEFT JOIN h ON h.{key} = r.{key}
            WHERE (h.history_id IS NULL AND {missing})
            OR (h.history_id IS NOT NULL AND ({here}) IS DISTINCT FROM ({there})) ORDER BY 1""",  # noqa: S608
    )
    if changed:
        yield _named(model, [pk for (pk,) in changed], "changed without a line of history")
    for field in history._history_m2m_fields:
        lists = _list_differences(model, history, field, last)
        if lists:
            yield _named(model, lists, f"changed in “{field.name}” without a line of history")


def _list_differences(model: type[models.Model], history: Any, field: Any, last: str) -> list[Any]:
    """Keys of records whose many-to-many list is not as their last line of history has it."""
    key = _quoted(model._meta.pk.column)
    through, kept = field.remote_field.through._meta, model.kept_history.m2m_models[field]._meta
    source, target = _quoted(field.m2m_column_name()), _quoted(field.m2m_reverse_name())
    return [
        pk
        for (pk,) in _rows(
            f"""WITH h AS ({last}),
                     now AS (SELECT {source} AS pk, array_agg({target} ORDER BY {target}) AS listed
                             FROM {_quoted(through.db_table)} GROUP BY 1),
                     kept AS (SELECT history_id, array_agg({target} ORDER BY {target}) AS listed
                              FROM {_quoted(kept.db_table)} GROUP BY 1)
                SELECT r.{key} FROM {_quoted(model._meta.db_table)} r JOIN h ON h.{key} = r.{key}
                LEFT JOIN now ON now.pk = r.{key} LEFT JOIN kept ON kept.history_id = h.history_id
                WHERE now.listed IS DISTINCT FROM kept.listed ORDER BY 1"""  # noqa: S608
        )
    ]


def check_moments() -> Iterator[str]:
    """Lines that bear a moment of their own: only the demo's past may, and nothing after the demo was made."""
    found = _rows(
        """SELECT count(*) FROM core_ledgerline WHERE data ? 'demo' AND id > coalesce(
               (SELECT max(id) FROM core_ledgerline WHERE event = 'demo_made'), 0)"""
    )
    if found[0][0]:
        yield f"{found[0][0]} lines of the audit log bear a moment that somebody told, outside the demo."


def _named(model: type[models.Model], keys: list[Any], what: str) -> str:
    shown = ", ".join(str(key) for key in keys[:MOST_NAMED])
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return f"{model._meta.label} {shown}{more}: {what}."


def _concrete(base: type[models.Model]) -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, base) and model._meta.managed]


def _rows(statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
