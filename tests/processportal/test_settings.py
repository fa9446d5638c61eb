"""The settings hold what the portal promises."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_portal_works_as_the_application_role_which_owns_nothing(settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, count(*) FROM pg_tables WHERE tableowner = current_user GROUP BY 1")
        assert cursor.fetchall() == []
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.PORTAL_APP_ROLE,)
