"""Theme on the account, rail on the device, and never a redirect to somewhere else."""

import pytest
from django.test import Client

from people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Person:
    return Person.objects.create_user("ann@example.org", "correct horse battery", name="Ann Lindqvist")


def test_the_theme_is_kept_on_the_account(client: Client, ann: Person) -> None:
    client.force_login(ann)
    answer = client.post("/look/", {"theme": "dark", "next": "/styleguide/?page=2"})
    assert answer.headers["Location"] == "/styleguide/?page=2"
    ann.refresh_from_db()
    assert ann.theme == "dark"
    elsewhere = Client()
    elsewhere.force_login(ann)
    assert b'data-theme="dark"' in elsewhere.get("/styleguide/").content


def test_before_sign_in_the_device_remembers(client: Client) -> None:
    client.post("/look/", {"theme": "light"})
    assert b'data-theme="light"' in client.get("/styleguide/").content
    client.post("/look/", {"theme": "auto"})
    assert b"data-theme" not in client.get("/styleguide/").content


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere(client: Client, away: str) -> None:
    assert client.post("/look/", {"rail": "small", "next": away}).headers["Location"] == "/"


def test_nonsense_changes_nothing(client: Client, ann: Person) -> None:
    client.force_login(ann)
    client.post("/look/", {"theme": "pink", "rail": "<b>"})
    ann.refresh_from_db()
    assert ann.theme == "auto"
    assert "rail" not in client.cookies
    assert client.get("/look/").status_code == 405
