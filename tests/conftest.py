"""What every test can ask for: the embedded services and a database that is used as the application role."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from psycopg2 import sql

from processportal.services import credentials, start
from tests.cast import *  # noqa: F403 - the fixtures everybody knows


@pytest.fixture(scope="session")
def embedded_services() -> None:
    """PostgreSQL answers; nothing happens where DATABASE_URL points at a real one."""
    if settings.PORTAL_EMBEDDED_DATABASE:
        start(settings.PORTAL_DATA)
        stored = credentials.read(settings.PORTAL_DATA)
        settings.PORTAL_OWNER_DATABASE["PASSWORD"] = stored["owner"]
        settings.PORTAL_APP_DATABASE["PASSWORD"] = stored["app"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, embedded_services: None) -> None:
    """Create and migrate the test database as its owner."""
    _connect_as(settings.PORTAL_OWNER_DATABASE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Everything after the migrations happens as the application role, as in the running portal."""
    if settings.PORTAL_APP_ROLE:
        with django_db_blocker.unblock():
            _let_tests_truncate()
            _connect_as(settings.PORTAL_APP_DATABASE)
    yield
    if settings.PORTAL_APP_ROLE:
        with django_db_blocker.unblock():
            _connect_as(settings.PORTAL_OWNER_DATABASE)  # who made the database also drops it


def _connect_as(database: dict) -> None:
    connection = connections["default"]
    connection.close()
    connection.settings_dict["USER"] = database["USER"]
    connection.settings_dict["PASSWORD"] = database["PASSWORD"]


def _let_tests_truncate() -> None:
    """Tests that commit are cleaned up by TRUNCATE, which the application role may not do in the portal."""
    role = sql.Identifier(settings.PORTAL_APP_ROLE)
    with connections["default"].cursor() as cursor:
        cursor.execute(sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(role))
        cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_no\\_truncate'")
        for trigger, table in cursor.fetchall():
            cursor.execute(sql.SQL("DROP TRIGGER {} ON {}").format(sql.Identifier(trigger), sql.Identifier(table)))
        cursor.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON portal_cache TO {}").format(role))
