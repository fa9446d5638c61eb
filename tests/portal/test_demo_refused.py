"""Where the demo may not be made, nothing is made."""

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from people.models import Department, Person


def test_outside_the_demo_the_command_refuses(db: None) -> None:
    with override_settings(PORTAL_DEMO=False), pytest.raises(CommandError):
        call_command("demo")
    assert not Person.objects.exists()
    assert not Department.objects.exists()


def test_a_portal_in_use_is_left_alone(reader: Person) -> None:
    with override_settings(PORTAL_DEMO=True, PORTAL_DEMO_PASSWORD="demo-of-the-tests"):
        call_command("demo", verbosity=0)
    assert list(Person.objects.all()) == [reader]
