"""What leaves the portal: written with its cause, sent once, given up in the open."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import catalog, outbox
from core.mail_backend import OutboxBackend
from core.models import OutboxMessage
from core.outbox import GAPS, post_mail, relay
from documents.models import Document
from tests.cast import new_draft, released

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_mail_server(settings):
    settings.PORTAL_MAIL_BACKEND = LOCMEM
    mail.outbox.clear()


class DownBackend:
    """A mail server that cannot be reached."""

    def __init__(self, *args, **kwargs):
        pass

    def open(self):
        raise ConnectionRefusedError("nobody listens")

    def close(self):
        pass


@pytest.fixture
def server_down(settings):
    settings.PORTAL_MAIL_BACKEND = "tests.core.test_outbox.DownBackend"


def test_a_mail_is_sent_once_however_often_it_is_posted_and_relayed(reader):
    assert post_mail(reader, "Hello", "Text", key="a")
    assert not post_mail(reader, "Hello again", "Text", key="a")
    assert relay() == 1
    assert relay() == 0
    assert [m.subject for m in mail.outbox] == ["Hello"]
    assert mail.outbox[0].to == [reader.email]


@pytest.mark.django_db(transaction=True)
def test_a_mail_of_a_transaction_that_fails_is_never_sent(reader):
    def change_that_fails():
        with transaction.atomic():
            post_mail(reader, "Hello", "Text", key="a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert relay() == 0
    assert not OutboxMessage.objects.exists()


def test_the_message_id_is_made_from_the_key_so_that_a_repeat_can_be_dropped(reader):
    post_mail(reader, "Hello", "Text", key="a")
    relay()
    OutboxMessage.objects.update(sent_at=None)  # as after a crash between sending and marking
    relay()
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"] == outbox.message_id("a")
    assert outbox.message_id("a") != outbox.message_id("b")


def test_a_line_break_in_a_subject_does_not_become_a_header(reader):
    post_mail(reader, "Hello\r\nBcc: everybody@example.org", "Text", key="a")
    relay()
    assert mail.outbox[0].subject == "Hello Bcc: everybody@example.org"
    assert mail.outbox[0].recipients() == [reader.email]


def test_who_left_gets_no_mail_that_was_waiting(reader):
    post_mail(reader, "Hello", "Text", key="a")
    reader.is_active = False
    reader.save()
    assert relay() == 0
    assert not mail.outbox
    assert OutboxMessage.objects.get().drop_reason == "left"


def test_an_expired_mail_is_dropped(reader):
    post_mail(reader, "The meeting is at ten", "Text", key="a", expires_at=timezone.now() - timedelta(minutes=1))
    assert relay() == 0
    assert OutboxMessage.objects.get().drop_reason == "expired"


def test_neg_11_who_lost_access_gets_no_mail_that_was_waiting(author, owner, approver, reader):
    version = released(author, owner, approver, title="Secret recipe")
    entry = _entry(version.document)
    post_mail(reader, "Secret recipe was changed", "Text", key="a", entries=[entry.pk])
    _close(version.document)
    assert relay() == 0
    assert not mail.outbox
    assert OutboxMessage.objects.get().drop_reason == "no_access"


def test_neg_11_a_digest_that_names_a_record_hidden_meanwhile_loses_its_content(author, owner, approver, reader):
    secret = released(author, owner, approver, title="Secret recipe")
    public = released(author, owner, approver, title="Lunch menu")
    entries = [_entry(secret.document).pk, _entry(public.document).pk]
    post_mail(reader, "Secret recipe", "Secret recipe", "<p>Secret recipe</p>", key="a", entries=entries)
    _close(secret.document)
    assert relay() == 1
    sent = mail.outbox[0]
    assert "Secret" not in sent.subject + sent.body
    assert not sent.alternatives
    assert "/notices/" in sent.body


def _entry(document):
    return catalog.entry_of(document)


def _close(document):
    """Make a document confidential, as its facts form does."""
    document = Document.objects.get(pk=document.pk)
    document.audience = "named"
    document.save()
    document.refresh_audience()
    catalog.refresh(document)


def test_one_bad_address_does_not_keep_the_others_back(reader, author, monkeypatch):
    post_mail(reader, "First", "Text", key="a")
    post_mail(author, "Second", "Text", key="b")
    real = outbox.EmailMultiAlternatives.send

    def send(self, *args):
        if self.to == [reader.email]:
            raise ValueError("550 no such mailbox")
        return real(self, *args)

    monkeypatch.setattr(outbox.EmailMultiAlternatives, "send", send)
    assert relay() == 1
    waiting = OutboxMessage.objects.get(key="a")
    assert (waiting.tries, waiting.sent_at) == (1, None)
    assert "no such mailbox" in waiting.last_error


def test_flt_13_while_the_mail_server_is_down_for_six_hours_mails_wait_and_are_sent_once_afterwards(
    reader, settings, server_down
):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        post_mail(reader, "Hello", "Text", key="a")
        tries = 0
        while timezone.now() < start + timedelta(hours=6):
            relay()
            tries = OutboxMessage.objects.get().tries
            clock.shift(timedelta(minutes=1))
        message = OutboxMessage.objects.get()
        assert message.dead_at is None
        assert 4 <= tries <= 6  # growing gaps, not one try a minute
        settings.PORTAL_MAIL_BACKEND = LOCMEM
        clock.shift(timedelta(hours=4))
        assert relay() == 1
        assert relay() == 0
    assert len(mail.outbox) == 1


def test_flt_13_when_the_server_is_back_the_others_do_not_sit_out_their_gap(reader, author, settings, server_down):
    post_mail(reader, "First", "Text", key="a")
    relay()
    assert OutboxMessage.objects.get(key="a").due_at > timezone.now()
    settings.PORTAL_MAIL_BACKEND = LOCMEM
    post_mail(author, "Second", "Text", key="b")
    assert relay() == 2


def test_after_the_last_gap_a_mail_is_given_up_and_the_administrator_sends_it_again(
    reader, administrator, client, settings, server_down
):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        post_mail(reader, "Hello", "Text", key="a")
        for gap in (0, *GAPS):
            clock.shift(timedelta(minutes=gap))
            relay()
        assert OutboxMessage.objects.get().dead_at is not None
    client.force_login(administrator)
    page = client.get(reverse("core:outbox"))
    assert "nobody listens" in page.content.decode()
    settings.PORTAL_MAIL_BACKEND = LOCMEM
    client.post(reverse("core:outbox-again"), {"pick": [OutboxMessage.objects.get().pk]})
    assert relay() == 1


def test_only_an_administrator_sees_what_leaves_the_portal(client, reader):
    client.force_login(reader)
    assert client.get(reverse("core:outbox")).status_code == 403
    assert client.post(reverse("core:outbox-again"), {"all": "1"}).status_code == 403


def test_a_mail_that_a_library_sends_passes_the_outbox_too(reader, settings):
    settings.EMAIL_BACKEND = "core.mail_backend.OutboxBackend"
    message = mail.EmailMultiAlternatives("Reset your password", "Text", to=[reader.email], connection=OutboxBackend())
    message.attach_alternative("<p>Text</p>", "text/html")
    message.send()
    row = OutboxMessage.objects.get()
    assert (row.person, row.recipient, row.html) == (reader, reader.email, "<p>Text</p>")
    assert relay() == 1


def test_private_links_do_not_stay_in_the_database_after_they_were_sent(reader, settings):
    settings.PORTAL_DEMO = False
    mail.EmailMessage("Reset your password", "secret link", to=[reader.email], connection=OutboxBackend()).send()
    relay()
    OutboxMessage.objects.update(sent_at=timezone.now() - timedelta(days=2))
    outbox.forget_private_texts()
    assert OutboxMessage.objects.get().text == ""


def test_a_draft_that_nobody_may_see_is_in_no_ones_mail(author, owner, reader):
    entry = _entry(new_draft(author, owner).document)
    post_mail(reader, "A draft", "Text", key="a", entries=[entry.pk])
    assert relay() == 0
