"""Migrating while people work: no lock is waited for longer than others can bear. Also makes the cache table, before
the rights on all tables are granted."""

import time
from typing import Any

from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg2.errors import LockNotAvailable

# Whoever waits for a table's lock makes everybody behind them wait too: give up soon, let them pass, try again.
LOCK_PATIENCE = "2s"
TRIES = 30
GAP = 3  # seconds


class Command(migrate.Command):
    """Django's own command with a short patience, and with the one table Django keeps outside its migrations."""

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check_unapplied"] or options["plan"]:
            return super().handle(*args, **options)
        call_command("createcachetable", database=options["database"], verbosity=options["verbosity"])
        connection = connections[options["database"]]
        for tries_left in reversed(range(TRIES)):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_PATIENCE])
            try:
                return super().handle(*args, **options)
            except OperationalError as problem:
                if not tries_left or not isinstance(problem.__cause__, LockNotAvailable):
                    raise
                self.stderr.write(f"Somebody uses the table that is to be changed; trying again in {GAP} s …")
                time.sleep(GAP)
            finally:
                if connection.connection is not None and connection.is_usable():
                    with connection.cursor() as cursor:
                        cursor.execute("RESET lock_timeout")
        return None
