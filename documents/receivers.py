"""What document control does when a version moves or its route goes on: tasks, audience, index, notices."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core import catalog
from core.lifecycle import Move, moved
from core.models import CatalogEntry
from core.notices import tell
from core.permissions import sees
from core.safe.words import Said, gettext_noop
from core.saying import in_their_way
from documents.lifecycle import OPEN
from documents.models import Document, Route, Version
from documents.signals import route_changed
from people.models import Person

REPLACED = gettext_noop("%(by)s asked %(to)s to decide on %(code)s in your place: %(reason)s")
WITHDRAWN = gettext_noop("%(by)s withdrew %(code)s from review: %(reason)s")
ASKED = gettext_noop("%(by)s asks you to decide on %(code)s by %(day)s: %(title)s")
REVISE_DAYS = 14  # for what was sent back for changes


@receiver(moved, sender=Version)
def versions_moved(records: list[Version], move: Move, by: Any, comment: str = "", **kwargs: Any) -> None:
    """Who may see a document and what is found of it may be different after any move. A submitted version's route
    opens next, and brings both up to date (``ask_the_next``)."""
    if move.name in ("submit", "discard"):
        Task.objects.open().filter(key__in=[_revise_key(version) for version in records]).finish()
    if move.name == "submit":
        return
    Document.refresh_audiences([version.document for version in records])
    for version in records:
        document = version.document
        if version.is_released and document.title != version.title and version.shown_state == "effective":
            document.title = version.title
            document.save(by=by, reason=f"title of {version.number}")
    Document.schedule_reviews(
        [(v.document, v.effective_on) for v in records if v.state == "approved" and not v.document.is_retired]
    )
    for version, entry in zip(records, _entries(records, move), strict=True):
        _ask_for_changes(version, move, entry, by)
        _tell_author(version, move, by=by, comment=comment, entry=entry)
        if move.name == "withdraw":
            _tell_who_was_asked(version, by=by, reason=comment, entry=entry)


def _entries(versions: list[Version], move: Move) -> list[CatalogEntry]:
    """The entries of their documents as they are now. The words of a first version that is taken over stand in the
    index since it was brought in."""
    first = [version.document for version in versions if move.name == "adopt" and version.sequence == 1]
    known = dict(zip((document.pk for document in first), catalog.refresh_together(first), strict=True))
    # The text of what goes on being worked on is what was saved last, and was stored then.
    is_over = move.target not in OPEN
    return [known.get(version.document_id) or catalog.refresh(version.document, words=is_over) for version in versions]


def _about(pattern: str, version: Version, **values: Any) -> Said:
    """A sentence about a version, by number and title: few people know the numbers by heart."""
    return gettext_noop(pattern, code=version.code, number=version.number, title=version.title, **values)


def _revise_key(version: Version) -> str:
    return f"revise:{version.pk}"


def _ask_for_changes(version: Version, move: Move, entry: CatalogEntry, by: Any) -> None:
    """What was sent back waits for its author until it is submitted again or given up."""
    if move.name == "request_changes" and version.author:
        Task.ask(
            key=_revise_key(version),
            kind="revise",
            title=_about(gettext_noop("Change %(code)s as asked: %(title)s"), version, by=by),
            url=reverse("documents:edit", args=[version.document.code, version.sequence]),
            entry=entry,
            person=version.author,
            due_at=timezone.now() + timedelta(days=REVISE_DAYS),
        )


def _tell_author(version: Version, move: Move, *, by: Any, comment: str, entry: Any) -> None:
    texts = {
        "approve": gettext_noop("%(code)s was approved: %(title)s"),
        "request_changes": gettext_noop("%(by)s asks for changes in %(code)s: %(title)s"),
        "withdraw": WITHDRAWN,
        "retire": gettext_noop("%(by)s retired %(code)s: %(title)s"),
    }
    if move.name in texts:
        told = {version.author_id, version.submitted_by_id, version.document.owner_id} - {getattr(by, "pk", None)}
        tell(
            Person.objects.filter(pk__in=told),
            "my_documents",
            _about(texts[move.name], version, by=by, reason=comment),
            occasion=f"{move.name}:{version.pk}:{version.row_version}",
            url=version.get_absolute_url(),
            entry=entry,
        )


def _tell_who_was_asked(version: Version, *, by: Any, reason: str, entry: CatalogEntry) -> None:
    """Who had been asked to decide hears that it is over, and why."""
    told = {getattr(one, "pk", None) for one in (by, version.author, version.submitted_by, version.document.owner)}
    asked = {
        person.pk: person
        for step in version.route().steps_in_order()
        for seat in step.seats.all()
        for person in seat.people_asked()
        if person.pk not in told
    }
    text = gettext_noop(WITHDRAWN, code=version.code, by=by, reason=reason)
    _tell_that_it_is_over(
        asked.values(), text, occasion=f"withdraw:{version.pk}:{version.row_version}", version=version, entry=entry
    )


def _tell_that_it_is_over(
    people: Iterable[Any], text: str, *, occasion: str, version: Version, entry: CatalogEntry
) -> None:
    """To who was asked and is not any more; without a link where the draft is hidden from them again."""
    for person in people:
        may_look = sees(person, entry)
        url = version.document.get_absolute_url() if may_look else ""
        tell([person], "asked", text, occasion=occasion, url=url, entry=entry if may_look else None)


@receiver(route_changed)
def ask_the_next(route: Route, **kwargs: Any) -> None:
    """One open task per open seat of the current step, none elsewhere; who decides may see the draft."""
    if route.closed_at:
        # A route is closed by a move of its version, and that brings audience and index up to date.
        Task.objects.open().filter(key__startswith=f"decide:{route.pk}:").finish()
        return
    version = route.version
    document = version.document
    document.refresh_audience()
    entry = catalog.refresh(document, words=False)
    step = route.current_step()
    url = reverse("documents:version-decide", args=[document.code, version.sequence])
    seats = step.open_seats() if step else []
    asked = {f"decide:{route.pk}:{seat.pk}:{version.manifest_hash[:16]}:{seat.key}": seat for seat in seats}
    known = set(Task.objects.open().filter(key__in=asked).values_list("key", flat=True))
    for key, seat in asked.items():
        Task.ask(
            key=key,
            kind="decide",
            title=_about(gettext_noop("Decide on %(code)s: %(title)s"), version, by=version.submitted_by),
            url=url,
            entry=entry,
            person=seat.person,
            role=seat.role,
            due_at=step.due_at,
        )
        if key not in known:
            people = [seat.person] if seat.person else seat.role.people.active()
            tell(
                [p for p in people if not version.wrote(p)],
                "asked",
                _about(ASKED, version, by=version.submitted_by, day=in_their_way(timezone.localdate(step.due_at))),
                occasion=f"{key}:{step.opened_at:%Y%m%d%H%M%S}",
                url=url,
                entry=entry,
            )
    Task.objects.open().filter(key__startswith=f"decide:{route.pk}:").exclude(key__in=asked).finish()


@receiver(route_changed)  # after the audience was brought up to date above
def tell_who_is_replaced(
    route: Route, replaced: Iterable[Any] = (), to: Any = None, by: Any = None, reason: str = "", **kwargs: Any
) -> None:
    """Who was asked to decide hears that somebody else does, and why: else only their task would be gone."""
    people = [person for person in replaced if person != by]
    if people:
        version = route.version
        _tell_that_it_is_over(
            people,
            gettext_noop(REPLACED, code=version.code, to=to, by=by, reason=reason),
            occasion=f"reassign:{route.pk}:{timezone.now():%Y%m%d%H%M%S}",
            version=version,
            entry=catalog.entry_of(version.document),
        )
