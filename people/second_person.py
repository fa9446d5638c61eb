"""The acts of an administrator that take effect only when a second person confirms them (``people.confirming``)."""

from datetime import date
from typing import Any

from django.contrib.auth.models import Group

from core.safe.words import Said, gettext_noop
from core.saying import in_their_way
from people import changing, leaving, standing_in
from people.confirming import Act, opened_by
from people.models import Confirmation, JobRole, Person


def _delegation_words(asked: Confirmation) -> Said:
    return gettext_noop(
        "%(to)s is delegate of %(name)s from %(first)s to %(last)s",
        to=Person.objects.get(pk=asked.data["to"]),
        name=asked.subject,
        first=in_their_way(date.fromisoformat(asked.data["starts_on"])),
        last=in_their_way(date.fromisoformat(asked.data["ends_on"])),
    )


def _perform_delegation(asked: Confirmation) -> dict[str, Any]:
    to = Person.objects.get(pk=asked.data["to"])
    opens = opened_by([f"person:{asked.subject_id}"], to) if to.has_perm("people.change_person") else {}
    standing_in.start(
        asked.subject,
        to=to,
        starts_on=date.fromisoformat(asked.data["starts_on"]),
        ends_on=date.fromisoformat(asked.data["ends_on"]),
        by=asked.asked_by,
    )
    return opens


def _groups_words(asked: Confirmation) -> Said:
    return gettext_noop("%(name)s joins %(groups)s", name=asked.subject, groups=", ".join(asked.data["names"]))


def _perform_groups(asked: Confirmation) -> dict[str, Any]:
    person, names = asked.subject, asked.data["names"]
    groups = Group.objects.filter(name__in=names)
    roles = JobRole.objects.filter(pk__in=asked.data.get("roles", []))
    keys = [f"group:{group.name}" for group in groups] + [f"role:{role.pk}" for role in roles]
    opens = opened_by(keys, person)
    before = changing.current(person, "groups"), changing.current(person, "job_roles")
    values = {
        "groups": sorted({*before[0], *groups.values_list("name", flat=True)}),
        "job_roles": list({*before[1], *roles}),
    }
    changing.change_person(person, by=asked.asked_by, values=values, reason="confirmed", is_confirmed=True)
    return opens


def _hand_over_words(asked: Confirmation) -> Said:
    to = Person.objects.get(pk=asked.data["to"])
    return gettext_noop("%(to)s takes over what %(name)s holds", to=to, name=asked.subject)


def _perform_hand_over(asked: Confirmation) -> dict[str, Any]:
    to = Person.objects.get(pk=asked.data["to"])
    return leaving.hand_over(asked.subject, to=to, by=asked.asked_by, names=asked.data["names"], is_confirmed=True)


ACTS = (
    Act(
        "delegation",
        _delegation_words,
        _perform_delegation,
        subject_may_confirm=True,
        gains=lambda asked: asked.data["to"],
    ),
    Act("groups", _groups_words, _perform_groups, gains=lambda asked: asked.subject_id),
    Act("hand_over", _hand_over_words, _perform_hand_over, gains=lambda asked: asked.data["to"]),
)
