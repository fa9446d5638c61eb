"""Migrating also makes the cache table, before the rights on all tables are granted."""

from typing import Any

from django.core.management import call_command
from django.core.management.commands import migrate


class Command(migrate.Command):
    """Django's own command with the one table Django keeps outside its migrations."""

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["check_unapplied"] or options["plan"]):
            call_command("createcachetable", database=options["database"], verbosity=options["verbosity"])
        super().handle(*args, **options)
