"""What an empty portal needs before people can work in it: a few steps, each done when its records are there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.kinds import all_kinds
from documents.models import Document, RouteTemplate
from people.models import Department, Person


@dataclass(frozen=True)
class FirstStep:
    """One thing to set up: where it is done, for whom, and what shows that it was."""

    key: str
    title: str | Promise
    hint: str | Promise
    links: tuple[tuple[str | Promise, str], ...]  # words and name of the address, the usual one first
    is_for: Callable[[Any], bool]
    shown_by: Callable[[Any], Any]  # the records that show it, given who asks


def _keeps_people(person: Any) -> bool:
    return person.has_perm("people.change_person")


def _keeps_routes(person: Any) -> bool:
    return person.has_perm("documents.change_routetemplate")


def _writes(person: Any) -> bool:
    return any(person.has_perm(kind.write_permission) for kind in all_kinds())


STEPS = (
    FirstStep(
        "departments",
        _("Say which departments there are"),
        _("Who reads and approves what follows the tree of departments."),
        ((_("Add departments"), "people:departments"),),
        _keeps_people,
        lambda person: Department.objects.filter(is_active=True),
    ),
    FirstStep(
        "people",
        _("Let people in"),
        _("Invite one after the other, or import a table: departments, managers and job roles come with it."),
        ((_("Import people"), "people:import"), (_("Invite somebody"), "people:invite")),
        _keeps_people,
        lambda person: Person.objects.exclude(pk=person.pk),
    ),
    FirstStep(
        "routes",
        _("Say who approves"),
        _("A route for everything is enough to begin with. How strict each kind of document is stands beside it."),
        ((_("Approval routes"), "documents:routes"), (_("Kinds of documents"), "documents:kinds")),
        _keeps_routes,
        lambda person: RouteTemplate.objects.filter(is_active=True),
    ),
    FirstStep(
        "procedures",
        _("Bring in the procedures"),
        _("Import what you have with its numbers, versions and dates, or write the first one here."),
        ((_("Import procedures"), "sops:import"), (_("New document"), "documents:new")),
        _writes,
        Document.objects.visible_to,
    ),
)


@dataclass
class Shown:
    """A step as one person sees it."""

    step: FirstStep
    is_done: bool

    @property
    def links(self) -> list[tuple[str | Promise, str]]:
        return [(words, reverse(name)) for words, name in self.step.links]


def steps_for(person: Any) -> list[Shown]:
    """The steps that are this person's, with what is done; none where all are, or where they closed the panel."""
    mine = [] if person.hides_first_steps else [step for step in STEPS if step.is_for(person)]
    if not mine:
        return []
    asked = {step.key: Exists(step.shown_by(person)) for step in mine}
    found = Person.objects.filter(pk=person.pk).values(**asked).get()
    shown = [Shown(step, found[step.key]) for step in mine]
    return [] if all(one.is_done for one in shown) else shown


def close(person: Any) -> None:
    """The person does not want to see them again."""
    Person.objects.filter(pk=person.pk).update(hides_first_steps=True)
