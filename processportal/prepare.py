"""Bring the database up to date and look after the demo organisation; `make run` does it when something changed."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "processportal.settings")
os.environ["PORTAL_DATABASE_ROLE"] = "owner"

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection

from processportal.services.beforehand import DEMO_NOTE
from processportal.services.children import say


def main() -> None:
    """Migrations as the owner; the demo, like everything else, as the application role."""
    django.setup()
    say("Bringing the database up to date …")
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    connection.settings_dict.update(settings.PORTAL_APP_DATABASE)
    if settings.PORTAL_DEMO:
        say("Looking after the demo organisation …")
        call_command("demo", verbosity=0, note=settings.PORTAL_DATA / DEMO_NOTE)
    connection.close()


if __name__ == "__main__":
    try:
        main()
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")
    except OperationalError as error:
        sys.exit(f"The database: {error}".rstrip())
