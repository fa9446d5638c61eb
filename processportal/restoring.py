"""Putting a dump in the place of what a database holds: all of it or nothing, on any PostgreSQL from 15 on.

`pg_restore` alone would do, were it always as old as the server: that of PostgreSQL 17 and newer begins with a setting
which 15 and 16 do not know, and stops there, after the old tables were dropped. So it only writes the statements
down, and they are carried out here, in one transaction that also drops what was there before.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

# Newer than the oldest server, and no loss: the setting's usual value, and marks that only psql understands.
_LEFT_OUT = re.compile(r"^(SET transaction_timeout = 0;|\\(un)?restrict .*)$", re.MULTILINE)
_END_OF_ROWS = b"\\.\n"


def replace_all(dump: Path, pg_restore: Callable[..., None]) -> None:
    """Drop everything and put the dump in its place. ``pg_restore(*arguments)`` runs that program."""
    script = dump.with_suffix(".sql")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
        for section, carry_out in (("pre-data", _statements), ("data", _rows), ("post-data", _statements)):
            pg_restore("--no-owner", "--no-privileges", "--no-comments", f"--section={section}", "-f", script, dump)
            carry_out(cursor, script)
            script.unlink()
    connection.close()  # the script has changed its settings


def _statements(cursor: Any, script: Path) -> None:
    if text := _LEFT_OUT.sub("", script.read_text()).strip():
        cursor.execute(text)


def _rows(cursor: Any, script: Path) -> None:
    """Between the rows of the tables every statement stands on one line."""
    with script.open("rb") as lines:
        for line in lines:
            if line.startswith(b"COPY "):
                cursor.copy_expert(line.decode(), Rows(lines))
            elif not line.startswith(b"--") and (statement := _LEFT_OUT.sub("", line.decode()).strip()):
                cursor.execute(statement)


class Rows:
    """The rows of one table, as a file that ends where they end."""

    def __init__(self, lines: IO[bytes]) -> None:
        self.lines: Iterator[bytes] = iter(lines.readline, _END_OF_ROWS)

    def read(self, size: int = -1) -> bytes:
        """Whole lines, about as many bytes as asked for; nothing after the last row."""
        found: list[bytes] = []
        room = size
        while room > 0 and (line := next(self.lines, b"")):
            found.append(line)
            room -= len(line)
        return b"".join(found)
