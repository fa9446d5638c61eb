"""Leaving a topic from the mail itself, without signing in: the link is signed, and dies with the account."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse

from core.notices import all_topics, choose_again
from core.rhythm import NEVER

SALT = "core.unsubscribe"
ALL = "all"


def unsubscribe_url(person: Any, scope: str) -> str:
    """The address in a mail that ends the mails of one topic, or all that can be ended."""
    token = signing.dumps([person.pk, scope], salt=SALT)
    return settings.PORTAL_BASE_URL + reverse("core:unsubscribe", args=[token])


def read_token(token: str) -> tuple[Any, str] | None:
    """The person and the topic of a link, or None: forged, or the person has left."""
    try:
        pk, scope = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = get_user_model().objects.filter(pk=pk, is_active=True).first()
    return (person, scope) if person else None


def unsubscribe(person: Any, scope: str) -> None:
    """No more mails of this topic; the notices in the page stay."""
    if scope == ALL:
        person.digest = NEVER
        person.topic_digests = {}
    else:
        person.topic_digests = {**person.topic_digests, scope: NEVER}
    type(person).objects.filter(pk=person.pk).update(digest=person.digest, topic_digests=person.topic_digests)
    choose_again(person)


def label_of(scope: str) -> Any:
    """What the person is about to leave, in words; empty for everything."""
    return next((topic.label for topic in all_topics() if topic.key == scope), "")
