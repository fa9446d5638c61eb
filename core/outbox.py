"""What leaves the database: a row with a unique key, written in the transaction that caused it, delivered later.

The choice made here: a crash between handing a mail to the mail server and marking its row *repeats* the mail and
never loses it. The Message-ID is made from the row's key, so that a mail server or reader can drop the repeat.
"""

import hashlib
import logging
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _t

from core.demo import is_demo
from core.doorbell import ring
from core.ledger import record_line
from core.models import CatalogEntry, OutboxMessage

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 50


@dataclass(frozen=True)
class Attached:
    """A file that goes with a mail. ``url`` is where the same file is found in the portal."""

    name: str
    media_type: str
    data: bytes
    url: str = ""


# Beginning of a mail's key → the files of such a mail, asked for when it is sent.
_attachers: dict[str, Callable[[OutboxMessage], list[Attached]]] = {}


def attaches(prefix: str) -> Callable[..., Any]:
    """Register the decorated function as what finds the files of mails whose key begins with ``prefix``."""

    def register(function: Callable[[OutboxMessage], list[Attached]]) -> Callable[[OutboxMessage], list[Attached]]:
        _attachers[prefix] = function
        return function

    return register


def files_of(message: OutboxMessage) -> list[Attached]:
    """The files of a mail; none where it lost its content because the person no longer sees what it speaks of."""
    find = next((find for prefix, find in _attachers.items() if message.key.startswith(prefix)), None)
    return find(message) if find and message.entry_ids else []


# Minutes between tries. Together a little over three days: a mail server that is down for a weekend loses nothing.
GAPS = (1, 5, 15, 60, 240, 240, 480, 720, 1440, 1440)
NO_SERVER = "mail server not reached: "
NO_SUCH_ADDRESS = {550, 551, 553}  # permanent answers about a recipient (RFC 5321, 4.2.2)


class MailServerDown(Exception):
    """The server could not be reached at all: nothing is wrong with the single mail."""


def post_mail(
    to: Any,
    subject: str,
    text: str,
    html: str = "",
    *,
    key: str,
    headers: dict[str, str] | None = None,
    expires_at: datetime | None = None,
    entries: list[int] | None = None,
) -> bool:
    """Write a mail to a person or an address, in the caller's transaction; the same key twice is a no-op.

    ``entries`` are the catalogue entries the text speaks of: whether the person still sees them is asked again when
    the mail is sent. Returns whether the mail is new.
    """
    if OutboxMessage.objects.filter(key=key).exists():
        return False
    post_new([mail_to(to, subject, text, html, key=key, headers=headers, expires_at=expires_at, entries=entries)])
    return True


def mail_to(
    to: Any,
    subject: str,
    text: str,
    html: str = "",
    *,
    key: str,
    headers: dict[str, str] | None = None,
    expires_at: datetime | None = None,
    entries: list[int] | None = None,
) -> OutboxMessage:
    """The mail as its row, not written yet."""
    person = to if hasattr(to, "pk") else None
    return OutboxMessage(
        key=key,
        person=person,
        recipient=person.email if person else to,
        subject=" ".join(subject.split())[:300],
        text=text,
        html=html,
        headers=headers or {},
        expires_at=expires_at,
        entry_ids=sorted(set(entries or [])),
    )


def post_new(mails: list[OutboxMessage]) -> None:
    """Write mails made by ``mail_to`` together, in the caller's transaction; one whose key is there is a no-op."""
    OutboxMessage.objects.bulk_create(mails, ignore_conflicts=True)
    ring("core.tasks.relay_outbox")


def relay(limit: int = 10_000) -> int:
    """Deliver what is due, batch by batch over one connection each; returns how many were sent."""
    sent = handled = 0
    while handled < limit:
        batch = _claim()
        if not batch:
            break
        handled += len(batch)
        count, reached = _deliver(batch)
        sent += count
        if not reached:
            break
    return sent


def _claim() -> list[OutboxMessage]:
    """Take the lease of messages that are due and that no other relay holds."""
    now = timezone.now()
    with transaction.atomic():
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        due = OutboxMessage.objects.waiting().filter(free, due_at__lte=now).order_by("due_at", "pk")
        batch = list(due.select_for_update(skip_locked=True, of=["self"])[:BATCH])
        OutboxMessage.objects.filter(pk__in=[m.pk for m in batch]).update(lease_until=now + LEASE)
    people = {m.person_id for m in batch if m.person_id}
    found = OutboxMessage._meta.get_field("person").related_model.objects.in_bulk(people)
    for message in batch:
        message.lease_until = now + LEASE
        message.person = found.get(message.person_id)
    return batch


def _deliver(batch: list[OutboxMessage]) -> tuple[int, bool]:
    """Send a claimed batch; returns how many went out and whether the mail server could be reached."""
    to_send = [message for message in batch if not _dropped(message)]
    if not to_send:
        return 0, True
    connection = get_connection(settings.PORTAL_MAIL_BACKEND)
    sent = 0
    try:
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as problem:
            raise MailServerDown(problem) from problem
        for message in _still_ours(to_send):
            sent += _send(message, connection)
    except MailServerDown as problem:
        for message in to_send:
            if message.sent_at is None:
                _put_off(message, f"{NO_SERVER}{problem}")
        return sent, False
    finally:
        _close(connection)
    _hurry_those_that_waited_for_the_server()
    return sent, True


def _still_ours(messages: list[OutboxMessage]) -> Iterator[OutboxMessage]:
    """Extend the lease while working; what another relay took over meanwhile is left to it."""
    for message in messages:
        now = timezone.now()
        if message.lease_until - now < LEASE / 2:
            mine = OutboxMessage.objects.waiting().filter(pk=message.pk, lease_until=message.lease_until)
            if message.lease_until <= now or not mine.update(lease_until=now + LEASE):
                continue
            message.lease_until = now + LEASE
        yield message


def _send(message: OutboxMessage, connection: Any) -> bool:
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.recipient],
        headers={"Message-ID": message_id(message.key), "Auto-Submitted": "auto-generated", **message.headers},
        connection=connection,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for file in files_of(message):
        mail.attach(file.name, file.data, file.media_type)
    try:
        mail.send()
    except (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError) as problem:
        raise MailServerDown(problem) from problem
    except smtplib.SMTPRecipientsRefused as problem:
        codes = {code for code, _said in problem.recipients.values()}
        if codes <= NO_SUCH_ADDRESS:
            _give_up_address(message, f"{type(problem).__name__}: {problem}")
        else:
            _put_off(message, f"{type(problem).__name__}: {problem}")
        return False
    except Exception as problem:  # one bad mail must not keep the others back
        _put_off(message, f"{type(problem).__name__}: {problem}")
        return False
    message.sent_at = timezone.now()
    OutboxMessage.objects.filter(pk=message.pk).update(
        sent_at=message.sent_at, lease_until=None, tries=message.tries + 1, last_error=""
    )
    return True


def _give_up_address(message: OutboxMessage, error: str) -> None:
    """The mail server says for good that there is no such address: trying again only annoys it."""
    log.error("Gave up mail %s: %s", message.key, error)
    with transaction.atomic():
        given_up = {"tries": message.tries + 1, "last_error": error[:2000], "lease_until": None}
        OutboxMessage.objects.filter(pk=message.pk, sent_at=None).update(dead_at=timezone.now(), **given_up)
        if message.person is not None:
            record_line(message.person, "mail_address_refused", by=None, data={"email": message.recipient})


def _put_off(message: OutboxMessage, error: str) -> None:
    """Try again after the next gap, or give up and let the administrator decide."""
    now = timezone.now()
    tries = message.tries + 1
    changes: dict[str, Any] = {"tries": tries, "last_error": error[:2000], "lease_until": None}
    if tries > len(GAPS):
        changes["dead_at"] = now
        log.error("Gave up mail %s after %s tries: %s", message.key, tries, error)
    else:
        changes["due_at"] = now + timedelta(minutes=GAPS[tries - 1])
        log.warning("Mail %s waits until %s: %s", message.key, changes["due_at"], error)
    OutboxMessage.objects.filter(pk=message.pk, sent_at=None).update(**changes)


def _hurry_those_that_waited_for_the_server() -> None:
    """The server answers again: what waited only for it need not sit out its gap."""
    waited = OutboxMessage.objects.waiting().filter(last_error__startswith=NO_SERVER, due_at__gt=timezone.now())
    waited.update(due_at=timezone.now(), last_error="")


def _dropped(message: OutboxMessage) -> bool:
    """Whether the mail must not leave any more; a digest that speaks of what is hidden now loses its content."""
    reason = ""
    if message.expires_at and message.expires_at <= timezone.now():
        reason = "expired"
    elif message.person and not message.person.is_active:
        reason = "left"
    elif message.person and message.entry_ids:
        seen = CatalogEntry.objects.visible_to(message.person).filter(pk__in=message.entry_ids).count()
        if not seen:
            reason = "no_access"
        elif seen < len(message.entry_ids):
            _empty(message)
    if reason:
        log.info("Dropped mail %s: %s", message.key, reason)
        OutboxMessage.objects.filter(pk=message.pk).update(dead_at=timezone.now(), drop_reason=reason, lease_until=None)
    return bool(reason)


def _empty(message: OutboxMessage) -> None:
    with translation.override(message.person.language):
        message.subject = _t("News in the portal")
        message.text = _t("There is news for you: %(url)s") % {"url": f"{settings.PORTAL_BASE_URL}/notices/"}
    message.html, message.entry_ids = "", []
    message.save(update_fields=["subject", "text", "html", "entry_ids"])


def message_id(key: str) -> str:
    """The same for every repeat of one message."""
    host = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def send_again(messages: Any) -> int:
    """Give messages that were given up a new row of tries; returns how many."""
    count = messages.dead().update(dead_at=None, tries=0, due_at=timezone.now(), lease_until=None, last_error="")
    if count:
        ring("core.tasks.relay_outbox")
    return count


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as problem:
        log.info("The mail connection did not close cleanly: %s", problem)


def forget_private_texts() -> int:
    """Links that open an account do not stay readable in the database once they are sent; the demo shows them."""
    if is_demo():
        return 0
    old = OutboxMessage.objects.filter(key__startswith="direct:", sent_at__lt=timezone.now() - timedelta(days=1))
    return old.exclude(text="").update(text="", html="")
