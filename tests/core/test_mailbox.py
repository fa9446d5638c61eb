"""The demo's mailbox: every mail for everybody who tries the portal out, and nothing at all outside the demo."""

import pytest
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core import catalog
from core.models import OutboxMessage
from core.outbox import post_mail
from tests.cast import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(owner):
    post_mail(
        owner, "Hello", "Look: http://localhost:8000/x/", "<p><a href='/x/'>Look</a><script>1</script></p>", key="a"
    )
    return OutboxMessage.objects.get()


@pytest.fixture
def demo(settings):
    settings.PORTAL_DEMO = True


def pages(letter):
    return [reverse("core:mailbox"), *(reverse(f"core:{name}", args=[letter.pk]) for name in ("mail", "mail-html"))]


def test_in_the_demo_everybody_reads_every_mail(demo, letter, reader, client):
    client.force_login(reader)
    for address in pages(letter):
        assert client.get(address).status_code == 200
    assert "Hello" in client.get(pages(letter)[0]).content.decode()
    assert 'href="http://localhost:8000/x/"' in client.get(pages(letter)[1]).content.decode()


def test_outside_the_demo_there_is_no_mailbox(letter, owner, administrator, client):
    for person in (owner, administrator):
        client.force_login(person)
        for address in pages(letter):
            assert client.get(address).status_code == 404


def test_the_html_of_a_mail_can_do_nothing(demo, letter, reader, client):
    client.force_login(reader)
    policy = client.get(pages(letter)[2]).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


def test_what_is_due_today_is_listed_as_far_as_it_may_be_seen(demo, author, owner, approver, reader, client):
    for audience, title in (("everyone", "Open task"), ("named", "Secret task")):
        entry = catalog.entry_of(released(author, owner, approver, audience=audience).document)
        Task.ask(key=title, kind="do", title=title, url="/do-it/", entry=entry, person=owner, due_at=timezone.now())
    client.force_login(reader)
    page = client.get(reverse("core:mailbox")).content.decode()
    assert "Open task" in page
    assert "Secret task" not in page
    assert "/do-it/" not in page, "the task's own page is for who is asked"
    client.force_login(owner)
    assert "/do-it/" in client.get(reverse("core:mailbox")).content.decode()


def test_a_choice_that_finds_no_mail_says_so_and_not_that_there_is_none(demo, letter, reader, client):
    client.force_login(reader)
    page = client.get(reverse("core:mailbox"), {"to": "nobody-like-this"}).content.decode()
    assert "No such mail" in page
    assert "No mail yet" not in page
