"""The settings hold what the portal promises."""

import os
import subprocess
import sys

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_portal_works_as_the_application_role_which_owns_nothing(settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, count(*) FROM pg_tables WHERE tableowner = current_user GROUP BY 1")
        assert cursor.fetchall() == []
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.PORTAL_APP_ROLE,)


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC"])
def test_the_server_says_where_the_organisation_is(name):
    code = "from django.conf import settings; print(settings.TIME_ZONE)"
    environment = os.environ | {"PORTAL_TIME_ZONE": name, "DJANGO_SETTINGS_MODULE": "processportal.settings"}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == name
