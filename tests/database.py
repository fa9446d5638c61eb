"""The database of the tests: migrated once for all processes and runs, cloned for each, put back after each test.

Migrating takes a third of a minute and a clone half a second, so a migrated database is kept under the fingerprint
of its migrations; `python -m tests.database` makes it beforehand. A test that commits leaves rows behind; only the
tables it wrote to are emptied, and only what migrating had put there and is gone or different is written again.
"""

import hashlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg2
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections
from psycopg2 import sql
from psycopg2.extensions import connection as Line

from processportal.services import credentials, start

ROOT = Path(__file__).resolve().parent.parent
MADE_FROM = (
    "*/migrations/*.py",
    "core/append_only.py",
    "constraints.txt",
    "tests/trial/models.py",
    "*/models/owned.py",
)
FEW = 150  # so many rows are deleted more cheaply than a hundred tables are truncated
LOCK_PATIENCE = "60s"  # what still holds a lock then is a fault of the test, better told than waited for


def start_services() -> None:
    """PostgreSQL answers; nothing happens where DATABASE_URL points at a real one."""
    if settings.PORTAL_EMBEDDED_DATABASE:
        start(settings.PORTAL_DATA)
        stored = credentials.read(settings.PORTAL_DATA)
        settings.PORTAL_OWNER_DATABASE["PASSWORD"] = stored["owner"]
        settings.PORTAL_APP_DATABASE["PASSWORD"] = stored["app"]


def connect_as(database: dict) -> None:
    """From now on the default connection speaks as the owner or as the application."""
    connection = connections["default"]
    connection.close()
    connection.settings_dict["USER"] = database["USER"]
    connection.settings_dict["PASSWORD"] = database["PASSWORD"]


def owner_line(name: str) -> Line:
    """A connection of its own as the owner of the database."""
    owner = settings.PORTAL_OWNER_DATABASE
    return psycopg2.connect(
        dbname=name, user=owner["USER"], password=owner["PASSWORD"], host=owner["HOST"], port=owner["PORT"] or None
    )


def make_database(name: str, *, anew: bool = False) -> None:
    """A database as it is after migrating; connections["default"] must speak as its owner and then works on it."""
    with _alone() as line:
        pristine = _pristine(line, anew=anew)
        _run(line, "DROP DATABASE IF EXISTS {}", name)
        _run(line, "CREATE DATABASE {} TEMPLATE {}", name, pristine)
        _run(line, "ALTER DATABASE {} SET synchronous_commit = off", name)  # nobody needs it after a power cut
    _use(name)
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")  # groups and rights as the code has them now


def drop_database(name: str) -> None:
    """Remove the database of a process that is done, with the lines that threads of its web server keep open."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
    connections["default"].close()
    with _alone() as line:
        _run(line, "DROP DATABASE IF EXISTS {}", name)


def _pristine(line: Line, *, anew: bool) -> str:
    """The name of the migrated database, made now where it is not there; others that grew old are dropped."""
    family = f"test_{settings.PORTAL_OWNER_DATABASE['NAME']}_pristine_"
    wanted = family + _fingerprint()
    with line.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [family])
        present = {row[0] for row in cursor.fetchall()}
    keep = set() if anew else {wanted}
    for old in present - keep:
        _run(line, "DROP DATABASE {}", old)
    if wanted not in present & keep:
        half = f"{family}half"  # only a finished one gets the name
        _run(line, "CREATE DATABASE {}", half)
        _use(half)
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
        connections["default"].close()
        _run(line, "ALTER DATABASE {} RENAME TO {}", half, wanted)
    return wanted


def _fingerprint() -> str:
    found = hashlib.sha256()
    for path in sorted(path for pattern in MADE_FROM for path in ROOT.glob(pattern)):
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:12]


def _use(name: str) -> None:
    connection = connections["default"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _run(line: Line, statement: str, *names: str) -> None:
    with line.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def _alone() -> Iterator[Line]:
    """Outside every database of the tests, one process at a time."""
    line = owner_line("postgres")
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('test databases'))")
        yield line
    finally:
        line.close()


class Rows:
    """The rows as migrating left them, and the way back to them."""

    def __init__(self, name: str) -> None:
        self._line = owner_line(name)
        with self._line, self._line.cursor() as cursor:
            cursor.execute("SET SESSION lock_timeout = %s", [LOCK_PATIENCE])
            cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
            self._tables = sorted(row[0] for row in cursor.fetchall())
            cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
            self._guarded = {row[0] for row in cursor.fetchall()}
            self._pristine: dict[str, tuple[str, str]] = {}
            for table in self._written():
                copied = io.StringIO()
                cursor.copy_expert(_about("COPY {} TO STDOUT", table), copied)
                self._pristine[table] = self._digest(table), copied.getvalue()

    def put_back(self) -> None:
        """Empty the tables that were written to; what migrating had put into them is there again afterwards."""
        with self._line, self._unguarded():
            touched = self._touched()
            if sum(touched.values()) > FEW:
                names = sql.SQL(", ").join(map(sql.Identifier, touched))
                self._execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
                touched = self._touched()  # others were emptied along
            for table in touched:
                self._execute(_about("DELETE FROM {}", table))
            gone = [table for table in self._pristine if self._is_other(table)]
            for table in gone:
                with self._line.cursor() as cursor:
                    cursor.copy_expert(_about("COPY {} FROM STDIN", table), io.StringIO(self._pristine[table][1]))
        if gone:
            apps.get_model("contenttypes", "ContentType").objects.clear_cache()

    def close(self) -> None:
        """Let go of the database."""
        self._line.close()

    @contextmanager
    def _unguarded(self) -> Iterator[None]:
        """Rows may go although triggers keep what was written; foreign keys are looked at when all are gone."""
        for table in self._guarded:
            self._execute(_about("ALTER TABLE {} DISABLE TRIGGER USER", table))
        yield
        self._execute(sql.SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        for table in self._guarded:
            self._execute(_about("ALTER TABLE {} ENABLE TRIGGER USER", table))

    def _touched(self) -> dict[str, int]:
        """Table that is not as migrating left it → its rows, as far as it matters; emptied ones are not among them."""
        return {table: rows for table, rows in self._written().items() if self._is_other(table)}

    def _is_other(self, table: str) -> bool:
        return table not in self._pristine or self._digest(table) != self._pristine[table][0]

    def _written(self) -> dict[str, int]:
        """Table with rows → how many, as far as it matters."""
        counts = [
            sql.SQL("SELECT {}, (SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS rows_there)").format(
                sql.Literal(table), sql.Identifier(table), sql.Literal(FEW + 1)
            )
            for table in self._tables
        ]
        with self._line.cursor() as cursor:
            cursor.execute(sql.SQL(" UNION ALL ").join(counts))
            return {table: count for table, count in cursor.fetchall() if count}

    def _execute(self, statement: sql.Composable) -> None:
        with self._line.cursor() as cursor:
            cursor.execute(statement)

    def _digest(self, table: str) -> str:
        with self._line.cursor() as cursor:
            cursor.execute(_about("SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} AS t", table))
            return cursor.fetchone()[0]


def _about(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(table))


def main() -> int:
    """Migrate before the processes that test ask for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    start_services()
    connect_as(settings.PORTAL_OWNER_DATABASE)
    with _alone() as line:
        _pristine(line, anew=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
