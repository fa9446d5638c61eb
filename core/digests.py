"""From notices to mail: what is due for one person goes out in one mail, once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from core.models import Notice
from core.notices import Topic, all_topics
from core.organisation import organisation_name
from core.outbox import post_mail
from core.rhythm import AT_ONCE, next_mail, zone_named
from core.unsubscribing import unsubscribe_url

PEOPLE_AT_A_TIME = 500
LONGEST_WAIT = timedelta(minutes=30)  # for a sweep that does not come to its end
SHOWN = 200  # lines of one mail; the rest is on the page


# Topic → function that gives the ids of people for whom a sweep is still writing notices of it.
_still_written: dict[str, Callable[[], set[int]]] = {}


def still_written(topic: str) -> Callable[[Callable[[], set[int]]], Callable[[], set[int]]]:
    """Register the decorated function as what says whose notices of a topic are not complete: they wait, so that many
    due at once are one mail for each person, also where the sweep is killed and goes on with the next worker."""

    def register(function: Callable[[], set[int]]) -> Callable[[], set[int]]:
        _still_written[topic] = function
        return function

    return register


@dataclass
class Round:
    """What one round may mail: notices written before it began, without those of people who are still written to."""

    began: datetime = field(default_factory=timezone.now)
    waiting: dict[str, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.waiting = {topic: ids for topic, ask in _still_written.items() if (ids := ask())}

    def due(self) -> Any:
        """Notices to mail now."""
        due = Notice.objects.to_mail(timezone.now())
        for topic in _still_written:
            # What was written after we asked may be the first of many.
            due = due.exclude(topic=topic, created_at__gt=self.began)
        for topic, ids in self.waiting.items():
            due = due.exclude(topic=topic, created_at__gt=self.began - LONGEST_WAIT, person__in=ids)
        return due


def mail_notices() -> int:
    """Put every notice whose time has come into a mail; returns how many mails. Each person is a transaction of
    their own, so that a killed worker's rest is done by the next."""
    mails, this = 0, Round()
    while people := _people_with_due_notices(this):
        for person in people:
            mails += _mail(person, this)
    return mails


def _people_with_due_notices(this: Round) -> list[Any]:
    due = this.due().values("person_id").distinct()[:PEOPLE_AT_A_TIME]
    return list(get_user_model().objects.filter(pk__in=[row["person_id"] for row in due]))


def _mail(person: Any, this: Round) -> int:
    """Mail what is due for one person. A second worker waits for the rows and then finds them mailed."""
    with transaction.atomic():
        now = timezone.now()
        due = this.due().filter(person=person).order_by("pk")
        notices = list(due.select_for_update(no_key=True))
        visible = set(
            Notice.objects.visible_to(person).filter(pk__in=[n.pk for n in notices]).values_list("pk", flat=True)
        )
        shown = [n for n in notices if n.pk in visible and n.read_at is None]
        mails = sum(_compose(person, rhythm, group, now) for rhythm, group in _by_rhythm(shown))
        Notice.objects.filter(pk__in=[n.pk for n in notices], mail_due_at__lte=now).update(mailed_at=now)
    return mails


def _by_rhythm(notices: Iterable[Notice]) -> list[tuple[str, list[Notice]]]:
    groups: dict[str, list[Notice]] = {}
    for notice in notices:
        groups.setdefault(AT_ONCE if notice.rhythm == AT_ONCE else "digest", []).append(notice)
    return list(groups.items())


def _compose(person: Any, rhythm: str, notices: list[Notice], now: Any) -> bool:
    with translation.override(person.language), timezone.override(zone_named(person.time_zone)):
        if rhythm == AT_ONCE:
            return _post(person, notices, key=f"notice:{notices[0].pk}")
        period = timezone.localtime(max(n.mail_due_at for n in notices)).date()
        if _post(person, notices, key=f"digest:{person.pk}:{period}"):
            return True
        # This period's mail has left already: what was written while it was made goes into the next.
        for notice in notices:
            notice.mail_due_at = next_mail(notice.rhythm, now, person.time_zone)
        Notice.objects.bulk_update(notices, ["mail_due_at"])
        return False


def _post(person: Any, notices: list[Notice], *, key: str) -> bool:
    single = notices[0] if len(notices) == 1 else None
    topics = _topics_of(notices)
    scope = _unsubscribe_scope(notices, topics)
    leave = unsubscribe_url(person, scope) if scope else ""
    context = {
        "person": person,
        "notices": notices[:SHOWN],
        "single": single,
        "more": max(0, len(notices) - SHOWN),
        "topics": [(topic, [n for n in notices[:SHOWN] if n.topic == topic.key]) for topic in topics],
        "base": settings.PORTAL_BASE_URL,
        "organisation": organisation_name(),
        "unsubscribe_url": leave,
        "scope": scope,
    }
    count = len(notices)
    subject = single.text if single else ngettext("%(n)s notice", "%(n)s notices", count) % {"n": count}
    headers = {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if leave else {}
    return post_mail(
        person,
        subject if single else _t("%(notices)s from %(portal)s") % {"notices": subject, "portal": "Process Portal"},
        render_to_string("mail/notices.txt", context),
        render_to_string("mail/notices.html", context),
        key=key,
        headers=headers,
        entries=[n.entry_id for n in notices if n.entry_id],
    )


def _topics_of(notices: list[Notice]) -> list[Topic]:
    present = {notice.topic for notice in notices}
    known = [topic for topic in all_topics() if topic.key in present]
    return known + [Topic(key, key) for key in sorted(present - {topic.key for topic in known})]


def _unsubscribe_scope(notices: list[Notice], topics: list[Topic]) -> str:
    """What the link in the mail switches off: this topic, or all news; nothing where the mail cannot be declined."""
    if all(topic.always_at_once for topic in topics):
        return ""
    return topics[0].key if len(topics) == 1 else "all"
