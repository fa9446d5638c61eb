"""A database of its own, beside the portal's, made once and used again."""

import os
import time
from typing import Any

import django
import psycopg2
from psycopg2 import sql

from processportal.services import start
from processportal.services.command_line import data_folder

NAME = "portal_bench"
PATIENCE = 60  # seconds


def prepare(name: str = NAME, *, anew: bool = False) -> None:
    """Start what is embedded, make the database when it is not there (or ``anew``), migrate it, and point Django at
    it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "processportal.settings")
    if not os.environ.get("DATABASE_URL"):
        start(data_folder())
    from django.conf import settings  # noqa: PLC0415 - the settings read what the services wrote

    for database in (settings.PORTAL_OWNER_DATABASE, settings.PORTAL_APP_DATABASE, settings.DATABASES["default"]):
        database["MAINTENANCE"] = database["NAME"]
        database["NAME"] = name
    settings.DATABASES["default"] = dict(settings.PORTAL_OWNER_DATABASE)
    settings.LOGGING["root"]["level"] = "ERROR"
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    os.environ["LOG_LEVEL"] = "CRITICAL"
    os.environ["PORTAL_DATABASE_NAME"] = name  # for the processes that a benchmark starts
    _create(settings.PORTAL_OWNER_DATABASE, anew=anew)
    django.setup()
    _migrate()


def _migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def begin_again() -> None:
    """Drop what is in the database and migrate it: its rows are of an older making."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    connection.close()
    _create(settings.PORTAL_OWNER_DATABASE, anew=True)
    _migrate()


def _create(owner: dict[str, Any], *, anew: bool) -> None:
    connection = psycopg2.connect(
        host=owner["HOST"],
        port=owner["PORT"] or None,
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname=owner["MAINTENANCE"],
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        name = sql.Identifier(owner["NAME"])
        if anew:
            _drop(cursor, name)
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [owner["NAME"]])
        if not cursor.fetchone():
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
    connection.close()


def _drop(cursor: Any, name: sql.Identifier) -> None:
    """Remove it with whoever is connected. What cleans its tables may not be stopped, and is soon done."""
    for _second in range(PATIENCE):
        try:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        except psycopg2.errors.InsufficientPrivilege:
            time.sleep(1)
        else:
            return
    raise SystemExit(f"The database {name.string} is in use and could not be made anew.")


def work_as_the_application() -> None:
    """From here on nothing is done as the owner: figures are those of the role that serves pages."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    connection.close()
    connection.settings_dict["USER"] = settings.PORTAL_APP_DATABASE["USER"]
    connection.settings_dict["PASSWORD"] = settings.PORTAL_APP_DATABASE["PASSWORD"]
