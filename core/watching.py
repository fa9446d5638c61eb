"""Telling those who watch a record, or subscribed to its kind or department, what happened to it."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.jobs import Work, runs
from core.models import CatalogEntry, Subscription, Watch
from core.notices import tell
from core.permissions import sees
from core.saying import say_again, to_keep

TOPIC = "watched"
AT_A_TIME = 200


def announce(entry: CatalogEntry, text: str, *, occasion: str, url: str = "", by: Any = None) -> None:
    """Tell everybody who follows the record, later and by the worker: they may be thousands. ``by`` knows already."""
    if followers(entry).exists():
        jobs.ask(
            "core.tell_followers",
            entry=entry.pk,
            text=text,
            said=to_keep(text),
            occasion=occasion,
            url=url or entry.url,
            skip=getattr(by, "pk", None),
        )


def followers(entry: CatalogEntry) -> QuerySet:
    """Who watches the record or subscribed to its kind, its department, or both."""
    watching = Watch.objects.filter(entry=entry, is_watching=True)
    department = Q(department_id=None) | Q(department_id=entry.department_id)
    subscribed = Subscription.objects.filter(Q(kind="") | Q(kind=entry.kind), department).exclude(
        kind="", department_id=None
    )
    return get_user_model().objects.filter(
        Q(pk__in=watching.values("person")) | Q(pk__in=subscribed.values("person")), is_active=True
    )


@runs("core.tell_followers", label=_("Tell those who watch a record"))
def tell_followers(work: Work) -> dict[str, Any]:
    """Write the notices, a few hundred people at a time; whoever may not see the record hears nothing."""
    given = work.arguments
    entry = CatalogEntry.objects.filter(pk=given["entry"]).first()
    if entry is None:
        return {"told": 0}
    people = followers(entry).exclude(pk=given["skip"]).order_by("pk")
    total = people.count()
    text = say_again(given.get("said", {}), given["text"])
    told, done = work.cursor.get("told", 0), work.cursor.get("done", 0)
    while page := list(people.filter(pk__gt=work.cursor.get("after", 0))[:AT_A_TIME]):
        seeing = [person for person in page if sees(person, entry)]
        told += tell(seeing, TOPIC, text, occasion=given["occasion"], url=given["url"], entry=entry)
        done += len(page)
        work.step(done, total, after=page[-1].pk, told=told, done=done)
    return {"told": told}
