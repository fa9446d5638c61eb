"""Talking about a record: threads, replies, resolving, and calling a colleague by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.mentions import read_mentions
from core.models import CatalogEntry, Comment
from core.notices import tell, watch
from core.permissions import sees
from core.questions import Question, Slot
from core.safe.words import gettext_noop

LONGEST = 5000


@dataclass(frozen=True)
class PlaceWords:
    """How a place inside a record is called, and where it is."""

    words: str
    url: str = ""


# Kind of an entry → (entry, places) → what those places are called. An app says so for the kinds whose comments it
# pins to something; the place of other comments is shown as it is kept.
PlaceNames = Callable[[CatalogEntry, list[str]], dict[str, PlaceWords]]
_place_names: dict[str, PlaceNames] = {}


def register_places(kind: str, names: PlaceNames) -> None:
    """Say how the places are called to which comments on records of this kind are pinned."""
    _place_names[kind] = names


_SAID = Question(
    lambda _: Comment.objects.filter(entry=Slot("entry")).select_related("author", "resolved_by").order_by("pk")
)
KEEPS = "core.keep_comments"  # answered per record by the app that owns it


@dataclass
class Said:
    """A comment that was written, and who was named in it without being able to see the record."""

    comment: Comment
    without_access: list[Any] = field(default_factory=list)


@dataclass
class Thread:
    """A first comment with its replies, as one person sees it."""

    first: Comment
    replies: list[Comment]
    may_resolve: bool
    place: PlaceWords | None = None

    @property
    def is_resolved(self) -> bool:
        return self.first.resolved_at is not None


def add(entry: CatalogEntry, *, by: Any, text: str, thread: Comment | None = None, place: str = "") -> Said:
    """Write a comment or a reply, and tell who is named and who takes part. The entry must be visible to ``by``."""
    mentions = read_mentions(text.strip())
    if not mentions.text:
        raise Refused(_t("Enter a comment."))
    if len(mentions.text) > LONGEST:
        raise Refused(_t("A comment can have %(n)s characters. Shorten it.") % {"n": LONGEST})
    with transaction.atomic():
        comment = Comment.objects.create(
            entry=entry, thread=thread, author=by, text=mentions.text, place="" if thread else place[:80]
        )
        if thread and thread.resolved_at:
            _open_again(thread)
        watch(by, entry)
        named = [person for person in mentions.people if person.pk != by.pk]
        with_access = [person for person in named if sees(person, entry)]
        _tell_named(comment, with_access)
        _tell_others(comment, skip={by.pk, *(person.pk for person in named)})
    return Said(comment, [person for person in named if person not in with_access])


def address(comment: Comment) -> str:
    """Where a comment stands on its record's page."""
    return f"{comment.entry.url}#comment-{comment.pk}"


def _tell_named(comment: Comment, people: list[Any]) -> None:
    text = gettext_noop("%(by)s names you in a comment on %(record)s", by=comment.author, record=comment.entry)
    tell(people, "mentions", text, occasion=f"comment:{comment.pk}", url=address(comment), entry=comment.entry)


def _tell_others(comment: Comment, *, skip: set[int]) -> None:
    """The record's owner, and who wrote in the thread: as far as they still see the record."""
    people = {comment.entry.owner_id: comment.entry.owner} if comment.entry.owner else {}
    if comment.thread:
        people[comment.thread.author_id] = comment.thread.author
        people |= {reply.author_id: reply.author for reply in comment.thread.replies.select_related("author")}
    listeners = [person for pk, person in people.items() if pk not in skip and sees(person, comment.entry)]
    text = gettext_noop("%(by)s commented on %(record)s", by=comment.author, record=comment.entry)
    tell(listeners, "comments", text, occasion=f"comment:{comment.pk}", url=address(comment), entry=comment.entry)


def _open_again(thread: Comment) -> None:
    Comment.objects.filter(pk=thread.pk).update(resolved_at=None, resolved_by=None)


def may_resolve(person: Any, thread: Comment) -> bool:
    """Who asked, and who keeps the record."""
    return person.pk in (thread.author_id, thread.entry.owner_id) or person.has_perm(KEEPS, thread.entry)


def resolve(thread: Comment, *, by: Any) -> None:
    """Close a thread, or open it again when it was closed."""
    if thread.thread_id:
        raise Refused(_t("Only a whole thread can be resolved."))
    if not may_resolve(by, thread):
        raise NotAllowed(_t("Only who asked, or who keeps the record, can resolve this."))
    with transaction.atomic():
        locked = Comment.objects.select_for_update(no_key=True).get(pk=thread.pk)
        closing = locked.resolved_at is None
        locked.resolved_at, locked.resolved_by = (timezone.now(), by) if closing else (None, None)
        locked.save(update_fields=["resolved_at", "resolved_by"])
        record_line(thread, "comment_resolved" if closing else "comment_reopened", by=by)


def threads_of(entry: CatalogEntry, person: Any) -> list[Thread]:
    """All threads on a record, open ones first, in one query."""
    comments = _SAID.rows(person, entry=entry.pk)
    if not comments:
        return []
    keeps = person.pk == entry.owner_id or person.has_perm(KEEPS, entry)
    replies: dict[int, list[Comment]] = {}
    for comment in comments:
        comment.entry = entry
        if comment.thread_id:
            replies.setdefault(comment.thread_id, []).append(comment)
    threads = [Thread(c, replies.get(c.pk, []), keeps or c.author_id == person.pk) for c in comments if not c.thread_id]
    _name_places(entry, threads)
    return sorted(threads, key=lambda thread: (thread.is_resolved, thread.first.pk))


def _name_places(entry: CatalogEntry, threads: list[Thread]) -> None:
    places = [thread.first.place for thread in threads if thread.first.place]
    known = _place_names[entry.kind](entry, places) if places and entry.kind in _place_names else {}
    for thread in threads:
        thread.place = known.get(thread.first.place) or (PlaceWords(thread.first.place) if thread.first.place else None)
