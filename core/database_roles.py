"""What the application's own database role may do: everything but rewrite what must stay as it was written.

Tables are owned by another role, which only migrations use. After each migrate the rights are set again, so that a
new table is usable and an append-only one stays append-only.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

_append_only: set[str] = {"core_ledgerline", "core_ledgerseal", "core_takennumber"}


def keep_append_only(table: str) -> None:
    """Say that the application may add rows to ``table`` and never change or remove them."""
    _append_only.add(table)


def _history_tables() -> set[str]:
    """Field history is written once as well, with the lists that belong to it."""
    tables = set()
    for model in apps.get_models():
        if hasattr(model, "kept_history"):
            tables.add(model.history.model._meta.db_table)
            tables |= {kept._meta.db_table for kept in model.kept_history.m2m_models.values()}
    return tables


def grant_rights(sender: Any = None, *, using: str = "default", **kwargs: Any) -> None:
    """Give the application role its rights; called after migrate, when run as the owner."""
    role = settings.PORTAL_APP_ROLE
    if not role or (sender is not None and sender.name != "core"):
        return  # the signal comes once for each app, always after all of them have migrated
    connection = connections[using]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
        current, exists = cursor.fetchone()
        if current == role or not exists:
            return
        name = quote(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        present = set(connection.introspection.table_names(cursor))
        for table in sorted((_append_only | _history_tables()) & present):
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(table)} FROM {name}")
