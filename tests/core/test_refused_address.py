"""An address that the mail server refuses for good is not tried again and again."""

import smtplib

import pytest
from django.core.mail import EmailMultiAlternatives

from core import outbox
from core.models import LedgerLine, OutboxMessage
from core.outbox import post_mail


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "is_final"), [(550, True), (450, False)])
def test_refused_address_is_not_tried_again(reader, monkeypatch, code, is_final):
    def refuse(self, fail_silently=False):
        raise smtplib.SMTPRecipientsRefused({reader.email: (code, b"no such user")})

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    post_mail(reader, "Subject", "Text", key="one")
    outbox.relay()
    message = OutboxMessage.objects.get()
    assert (message.dead_at is not None) is is_final
    assert LedgerLine.objects.filter(event="mail_address_refused", record_id=reader.pk).exists() is is_final
