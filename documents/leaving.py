"""What somebody who leaves holds of documents: those they own, decisions that wait for them, routes that name them."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import catalog
from core.ledger import record_line
from core.lifecycle import Refused
from core.notices import tell
from core.safe.words import gettext_noop
from documents.keeping import pending, write_facts
from documents.models import Document, DocumentGrant, Route, RouteTemplateStep, Version
from people.leaving import Held, Holding, in_sight, person_left
from people.models import Person


def _owned(person: Person, seen_by: Any) -> QuerySet[Document]:
    return in_sight(Document.objects.all(), seen_by).filter(owner=person, retired_at=None)


def _owned_documents(person: Person, seen_by: Any) -> list[Held]:
    return [Held(document.title, document.get_absolute_url(), document.code) for document in _owned(person, seen_by)]


def _give_documents(person: Person, *, to: Person, by: Any) -> int:
    """Change the owner of each, as an act of its own in the history and the ledger of the document."""
    ids = list(_owned(person, None).order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            document = Document.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
            write_facts(document, pending(document, {"owner": to}), by=by, reason=f"handed over by {person}")
    return len(ids)


def _open_routes(person: Person, seen_by: Any) -> list[tuple[Route, Any]]:
    """Open routes with the seats that are this person's and not decided."""
    versions = in_sight(Version.objects.all(), seen_by)
    routes = Route.objects.filter(closed_at=None, steps__seats__person=person, version__in=versions).distinct()
    found = []
    for route in routes.select_related("version__document"):
        for step in route.steps_in_order():
            found += [
                (route, seat) for seat in step.seats.all() if seat.person_id == person.pk and not seat.is_decided()
            ]
    return found


def _decisions(person: Person, seen_by: Any) -> list[Held]:
    return [
        Held(route.version.title, route.version.get_absolute_url(), route.version.document.code)
        for route, _seat in _open_routes(person, seen_by)
    ]


def _give_decisions(person: Person, *, to: Person, by: Any) -> int:
    """Let the other person decide, by the rules of reassigning. What these refuse waits for a process officer."""
    moved = 0
    for route, seat in _open_routes(person, None):
        try:
            route.reassign(
                seat,
                to=to,
                by=by,
                reason=f"handed over from {person}",
                permission="documents.hand_over_approval",
            )
        except Refused:
            continue
        moved += 1
    return moved


def _template_steps(person: Person) -> QuerySet[RouteTemplateStep]:
    return RouteTemplateStep.objects.filter(people=person, template__is_active=True).select_related("template")


def _routes_naming(person: Person, seen_by: Any) -> list[Held]:
    return [Held(f"{step.template}: {step.meaning}") for step in _template_steps(person)]


def _give_routes(person: Person, *, to: Person, by: Any) -> int:
    steps = list(_template_steps(person))
    for step in steps:
        step.people.add(to)
        step.people.remove(person)
        record_line(step.template, "route_changed", by=by, data={"from": str(person), "to": str(to)})
    return len(steps)


def _drafts_of(person: Person, seen_by: Any) -> QuerySet[Version]:
    return in_sight(Version.objects.open(), seen_by).filter(author=person).select_related("document")


def _drafts(person: Person, seen_by: Any) -> list[Held]:
    return [
        Held(version.title, version.get_absolute_url(), version.document.code)
        for version in _drafts_of(person, seen_by)
    ]


def _give_drafts(person: Person, *, to: Person, by: Any) -> int:
    """Let the other go on writing. Who wrote so far stays known, and decides on none of it."""
    ids = list(_drafts_of(person, None).order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            version = Version.objects.get(pk=pk).locked()
            version.note_writer(person)
            version.author = to
            version.save(by=by, reason=f"handed over from {person}")
            record_line(version, "draft_handed_over", by=by, data={"from": str(person), "to": str(to)})
            version.document.refresh_audience()
            catalog.refresh(version.document, words=False)
    return len(ids)


def _named_in(person: Person, seen_by: Any) -> QuerySet[Document]:
    return in_sight(Document.objects.all(), seen_by).filter(readers=person, retired_at=None)


def _readerships(person: Person, seen_by: Any) -> list[Held]:
    return [Held(document.title, document.get_absolute_url(), document.code) for document in _named_in(person, seen_by)]


def _give_readerships(person: Person, *, to: Person, by: Any) -> int:
    """Name the other among the readers instead."""
    ids = list(_named_in(person, None).order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            document = Document.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
            readers = [one for one in document.readers.all() if one.pk not in (person.pk, to.pk)]
            write_facts(
                document, pending(document, {"readers": [*readers, to]}), by=by, reason=f"handed over by {person}"
            )
    return len(ids)


HOLDINGS = (
    Holding("drafts", _("Drafts they write"), _drafts, _give_drafts, 12),
    Holding("readerships", _("Documents that name them as reader"), _readerships, _give_readerships, 14),
    Holding("documents", _("Documents they own"), _owned_documents, _give_documents, 10),
    Holding("decisions", _("Decisions that wait for them"), _decisions, _give_decisions, 45),
    Holding("routes", _("Approval routes that name them"), _routes_naming, _give_routes, 40),
)


@receiver(person_left)
def tell_who_keeps_the_rest(person: Person, by: Any, **kwargs: Any) -> None:
    """Documents that the administrator may not see are not in the list; who works with them hears of it instead."""
    seen = _owned(person, by).values("pk") if by is not None else []
    rest = Document.objects.filter(owner=person, retired_at=None).exclude(pk__in=seen)
    for document in rest:
        tell(
            _who_can_say(document, but=person),
            "asked",
            gettext_noop("%(name)s left and owns %(code)s. Say who owns it now.", name=person, code=document.code),
            occasion=f"ownerless:{document.pk}:{person.pk}:{person.session_round}",
            url=reverse("documents:facts", args=[document.code]),
            entry=catalog.entry_of(document),
        )


def _who_can_say(document: Document, *, but: Person) -> list[Person]:
    """Who may name the next owner; where nobody may, everybody who works with it: better known than forgotten."""
    workers = list(_workers(document).exclude(pk=but.pk))
    return [one for one in workers if one.has_perm("documents.keep_document", document)] or workers


def _workers(document: Document) -> QuerySet[Person]:
    """The people whose keys open unreleased versions."""
    people = [int(key.removeprefix("person:")) for key in document.working_keys if key.startswith("person:")]
    groups = [key.removeprefix("group:") for key in document.working_keys if key.startswith("group:")]
    return Person.objects.active().filter(Q(pk__in=people) | Q(groups__name__in=groups)).distinct()


@receiver(person_left)
def end_their_shares(person: Person, by: Any, **kwargs: Any) -> None:
    """What was shown to somebody is over when they leave, and stays over when they come back."""
    for grant in DocumentGrant.objects.filter(user=person).select_related("content_object"):
        document = grant.content_object
        grant.delete()
        record_line(document, "unshared", by=by, reason=f"{person} left", data={"with": str(person)})
        document.refresh_audience()
        catalog.refresh(document, words=False)
