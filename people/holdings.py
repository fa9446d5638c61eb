"""What a person holds in the organisation itself: people they manage, and delegations to them."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Refused
from people.changing import change_person
from people.leaving import Held, Holding, in_sight
from people.models import Delegation, Person
from people.standing_in import delegate, end


def _reports(person: Person, seen_by: Any) -> list[Held]:
    reports = in_sight(Person.objects.all(), seen_by).active().filter(manager=person)
    return [Held(str(report), reverse("people:page", args=[report.pk])) for report in reports]


def _give_reports(person: Person, *, to: Person, by: Any) -> int:
    moved = 0
    for report in Person.objects.active().filter(manager=person).prefetch_related("groups", "job_roles"):
        # Nobody is their own manager: the successor reports to whom the leaver reported to.
        manager = person.manager if report.pk == to.pk else to
        if by is None or by.has_perm("people.administer_person", report):
            moved += bool(change_person(report, by=by, values={"manager": manager}, reason=f"{person} left"))
    return moved


def _open_delegations(person: Person) -> Any:
    running = Delegation.objects.filter(delegate=person, ends_on__gte=timezone.localdate())
    return running.filter(person__is_active=True).select_related("person")


def _delegations(person: Person, seen_by: Any) -> list[Held]:
    return [
        Held(
            _t("Stands in for %(name)s until %(day)s") % {"name": one.person, "day": date_format(one.ends_on)},
            reverse("people:delegation", args=[one.person_id]),
        )
        for one in _open_delegations(person)
    ]


def _give_delegations(person: Person, *, to: Person, by: Any) -> int:
    """Ask that the other person stands in, where ``by`` may say who does for this person. Each is an act of its
    own that whoever is away, or a second administrator, confirms; the leaver's delegation ends at once."""
    moved = 0
    for one in _open_delegations(person).exclude(person=to):
        if not by.has_perm("people.administer_person", one.person):
            continue
        first = max(one.starts_on, timezone.localdate())
        try:
            delegate(one.person, to=to, starts_on=first, ends_on=one.ends_on, by=by)
        except Refused:
            continue
        end(one, by=by)
        moved += 1
    return moved


HOLDINGS = (
    Holding("reports", _("People who report to them"), _reports, _give_reports, 60),
    Holding("delegations", _("People they stand in for"), _delegations, _give_delegations, 70),
)
