"""Are the rules that the database itself keeps still there and in force?"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection


def check_constraints() -> Iterator[str]:
    """Constraints that the code declares and the database lacks or never validated; append-only triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname, convalidated FROM pg_constraint")
        in_force = dict(cursor.fetchall())
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
        indexes = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'")
        for (name,) in cursor.fetchall():
            yield f"The trigger {name} is switched off."
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%\\_no\\_change'")
        triggers = {row[0] for row in cursor.fetchall()}
    for table in ("core_ledgerline", "core_ledgerseal"):
        if f"{table}_no_change" not in triggers:
            yield f"The table {table} may be rewritten: its trigger is missing."
    for model in apps.get_models():
        if not model._meta.managed or model._meta.proxy:
            continue
        for constraint in model._meta.constraints:
            if constraint.name not in in_force and constraint.name not in indexes:
                yield f"The rule {constraint.name} is missing in the database."
            elif in_force.get(constraint.name) is False:
                yield f"The rule {constraint.name} was never checked against the rows that were there."
