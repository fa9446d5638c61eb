"""The first account of an empty portal. Its address carries a secret that only who runs the server can know."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from core.ledger import record_line
from core.lifecycle import Refused
from core.organisation import name_organisation
from people.changing import set_groups
from people.models import Person

SETUP_LOCK = 7_310_002  # the advisory lock that lets one first account be the first
GROUPS = ("administrator", "officer", "staff")


def setup_token() -> str:
    """The secret part of the address, the same until SECRET_KEY changes."""
    return salted_hmac("people.first_administrator", "setup", algorithm="sha256").hexdigest()[:32]


def is_token(token: str) -> bool:
    return constant_time_compare(token, setup_token())


def is_empty() -> bool:
    """Whether nobody has an account yet."""
    return not Person.objects.exists()


def setup_address() -> str:
    return settings.PORTAL_BASE_URL + reverse("people:setup-form", args=[setup_token()])


def create_first(*, name: str, email: str, password: str, organisation: str = "", **fields: Any) -> Person:
    """Make the first administrator, while there is nobody, and keep whose portal it is."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SETUP_LOCK])
        if not is_empty():
            raise Refused
        person = Person(name=name, email=email.lower(), is_superuser=True, is_staff=True, **fields)
        person.password = make_password(password)
        person.save()
        set_groups(person, GROUPS)
        record_line(person, "first_administrator", by=person)
        if organisation:
            name_organisation(organisation, by=person)
    return person


def promote(person: Person) -> None:
    """Make an existing person an administrator again, from the server itself."""
    with transaction.atomic():
        person.is_superuser = True
        set_groups(person, {*person.groups.values_list("name", flat=True), "administrator"})
        person.is_active, person.deactivated_at = True, None
        person.save()
        record_line(person, "made_administrator", by=None, reason="from the command line")
