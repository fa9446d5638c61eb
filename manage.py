#!/usr/bin/env python
"""Run a management command; where no DATABASE_URL is set, on the embedded PostgreSQL."""

import os
import signal
import sys
import warnings

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from processportal.services import ServiceError
from processportal.services.command_line import prepare


def main() -> None:
    """Prepare the services, then hand over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "processportal.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave in order, so that the services are let go
    try:
        prepare(sys.argv)
    except ServiceError as error:
        sys.exit(f"{error}")
    # makemigrations compares files; that no database runs for it is meant so.
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - settings need the services first

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")  # a setting, told in words; the traceback would lead nobody to it
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"The database: {error}".rstrip())  # it is away, full or refuses us: nothing to be seen in the code


if __name__ == "__main__":
    main()
