"""Every mail that a library sends through Django (sign-in, password reset) passes the outbox like our own."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from core.outbox import post_mail


class OutboxBackend(BaseEmailBackend):
    """Set as EMAIL_BACKEND; what really delivers is PORTAL_MAIL_BACKEND."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write a row for each recipient; returns how many mails were taken."""
        for mail in email_messages:
            html = next((part[0] for part in getattr(mail, "alternatives", []) if part[1] == "text/html"), "")
            for address in mail.recipients():
                post_mail(
                    _person_at(address) or address,
                    mail.subject,
                    str(mail.body),
                    str(html),
                    key=f"direct:{uuid.uuid4()}",
                )
        return len(email_messages)


def _person_at(address: str) -> Any:
    return get_user_model().objects.filter(email__iexact=address).first()
