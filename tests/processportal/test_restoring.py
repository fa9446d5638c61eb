"""A dump is carried out statement by statement, whatever version of PostgreSQL wrote it down and reads it."""

import pytest
from django.db import connection

from processportal.restoring import _rows, _statements

SCRIPT = r"""--
\restrict wVd3mYh0

SET statement_timeout = 0;
SET transaction_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

COPY pg_temp.kept (number, words) FROM stdin;
1	first\nline
2	\\.
3	SET transaction_timeout = 0;
\.

COPY pg_temp.others (number) FROM stdin;
\.

SELECT pg_catalog.setval('pg_temp.counter', 42, true);

--
\unrestrict wVd3mYh0
"""


@pytest.fixture
def cursor(db):
    """An open place for temporary tables."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        path = cursor.fetchone()[0]
        yield cursor
        cursor.execute(f"SET search_path = {path}")


def test_rows_and_counters_come_back_and_unknown_settings_stop_nothing(cursor, tmp_path):
    script = tmp_path / "data.sql"
    script.write_text(SCRIPT)
    cursor.execute("CREATE TEMP TABLE kept (number int, words text)")
    cursor.execute("CREATE TEMP TABLE others (number int)")
    cursor.execute("CREATE TEMP SEQUENCE counter")
    _rows(cursor, script)
    cursor.execute("SELECT number, words FROM pg_temp.kept ORDER BY number")
    assert cursor.fetchall() == [(1, "first\nline"), (2, "\\."), (3, "SET transaction_timeout = 0;")]
    cursor.execute("SELECT count(*), nextval('pg_temp.counter') FROM pg_temp.others")
    assert cursor.fetchone() == (0, 43)


def test_what_only_newer_servers_know_is_left_out(tmp_path):
    script, told = tmp_path / "pre.sql", []
    script.write_text("\\restrict x\nSET transaction_timeout = 0;\nCREATE TABLE a ();\n\\unrestrict x\n")
    _statements(type("Cursor", (), {"execute": staticmethod(told.append)}), script)
    assert told == ["CREATE TABLE a ();"]
