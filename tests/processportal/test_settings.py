"""The settings hold what the portal promises."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


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


def test_what_the_address_of_the_database_says_about_encryption_is_kept(tmp_path):
    code = "from django.conf import settings as s; print(s.PORTAL_OWNER_DATABASE, s.DATABASES['default'])"
    given = {name: f"postgres://{name}:secret@database/portal?sslmode=verify-full" for name in ("owner", "app")}
    environment = os.environ | {
        "DATABASE_URL": given["owner"],
        "APP_DATABASE_URL": given["app"],
        "SECRET_KEY": "k" * 50,
        "PORTAL_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "processportal.settings",
    }
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.count("'sslmode': 'verify-full'") == 2
    assert said.stdout.count("'connect_timeout': 5") == 2


@pytest.mark.parametrize(
    ("address", "name"), [("https://portal.example.org", "__Host-sessionid"), ("http://localhost:8000", "sessionid")]
)
def test_over_https_no_neighbour_of_the_host_sets_our_cookies(address, name):
    code = (
        "from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    )
    environment = os.environ | {"PORTAL_BASE_URL": address, "DJANGO_SETTINGS_MODULE": "processportal.settings"}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    *names, is_secure = said.stdout.split()
    assert names[0] == name
    assert is_secure == str(address.startswith("https"))
    assert all(one.startswith("__Host-") == address.startswith("https") for one in names)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PORTAL_TRUSTED_PROXIES": "one"}, "PORTAL_TRUSTED_PROXIES=one is not a number"),
        ({"PORTAL_TIME_ZONE": "Nowhere"}, "PORTAL_TIME_ZONE=Nowhere is no time zone"),
        ({"PORTAL_BASE_URL": "portal.example.org"}, "PORTAL_BASE_URL=portal.example.org is no address"),
        ({"PORTAL_BASE_URL": "https://example.org/portal"}, "without a path"),
        ({"OIDC_SERVER_URL": "login"}, "OIDC_SERVER_URL=login is no address"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must begin with postgres://"),
        ({"PORTAL_TRUSTED_PROXIES": "", "PORTAL_TIME_ZONE": "", "PORTAL_BASE_URL": "", "PORTAL_UPLOAD_LIMIT": ""}, ""),
        ({"DATABASE_URL": "postgres://a:b@127.0.0.1:1/c", "SECRET_KEY": "k" * 50}, "The database: "),
    ],
)
def test_a_setting_that_cannot_be_is_told_in_words(given, said, tmp_path):
    environment = os.environ | {"PORTAL_DATA": str(tmp_path)} | given
    command = "reindex" if "SECRET_KEY" in given else "check"
    done = subprocess.run(
        [sys.executable, "manage.py", command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert bool(done.returncode) == bool(said)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
