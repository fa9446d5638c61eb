"""Changing an account: one way for the page, the import and the command line, with history and a ledger line."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.organisation import organisation_name
from core.outbox import post_mail
from people.confirming import ask, opened_by
from people.groups import OPENS_CONFIDENTIAL
from people.models import Person
from people.names import tell_administrators

LABELS = {
    "email": _("E-mail"),
    "name": _("Name"),
    "department": _("Department"),
    "manager": _("Manager"),
    "job_roles": _("Job roles"),
    "groups": _("Groups"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "active": _("May sign in"),
}
LISTS = ("job_roles", "groups")


@dataclass(frozen=True)
class Change:
    """One field that becomes different, in words."""

    field: str
    before: str
    after: str

    @property
    def label(self) -> Any:
        return LABELS[self.field]


def words(value: Any) -> str:
    """A value as people read it; several in alphabetical order."""
    if isinstance(value, (list, tuple, set)):
        return ", ".join(sorted(str(one) for one in value))
    return "" if value is None else str(value)


def current(person: Person, field: str) -> Any:
    """What the field holds now; groups by name."""
    if field == "groups":
        return [group.name for group in person.groups.all()]
    if field == "job_roles":
        return list(person.job_roles.all())
    return getattr(person, field)


def pending(person: Person, values: dict[str, Any]) -> list[Change]:
    """What setting these values would change."""
    found = []
    for field, value in values.items():
        before = current(person, field)
        same = set(before) == set(value) if field in LISTS else before == value
        if not same:
            found.append(Change(field, words(before), words(value)))
    return found


def refuse_unless_administered(person: Person, *, by: Any, event: str) -> None:
    """Raise unless ``by`` may administer this account; None is the portal itself (a command on the server)."""
    if by is None or by.has_perm("people.administer_person", person):
        return
    record_refusal(person, event, by=by, reason="not allowed to administer this account")
    raise NotAllowed(_t("You may not change this account. Ask an administrator who may."))


def refuse_losing_the_last_administrator(person: Person) -> None:
    """Raise when nobody could administer accounts any more."""
    if not Person.objects.administrators().exclude(pk=person.pk).exists():
        raise Refused(_t("%(name)s is the last administrator. Make somebody else one first.") % {"name": person})


def change_person(
    person: Person, *, by: Any, values: dict[str, Any], reason: str = "", is_confirmed: bool = False
) -> list[Change]:
    """Set the values, refusing what ``by`` may not do. Returns what changed; nothing to change writes nothing. What
    opens confidential records to ``by`` themself waits for a second administrator, and the rest is set."""
    refuse_unless_administered(person, by=by, event="change person")
    if by is not None and by.pk == person.pk and not is_confirmed:
        values = _without_what_needs_a_second(person, values)
    changes = pending(person, values)
    if not changes:
        return []
    changed = {change.field for change in changes}
    with transaction.atomic():
        if "groups" in changed and _loses_administration(person, values["groups"]):
            refuse_losing_the_last_administrator(person)
        person._history_user = by
        person._change_reason = reason[:100] or None
        before = person.name
        if "email" in changed:
            _leave_address(person, values["email"], by=by)
        for field in changed - set(LISTS):
            setattr(person, field, values[field])
        if "groups" in changed:
            set_groups(person, values["groups"])
        person.save()
        if "job_roles" in changed:
            person.job_roles.set(values["job_roles"])
        record_line(
            person,
            "person_changed",
            by=by,
            reason=reason,
            data={change.field: [change.before, change.after] for change in changes},
        )
        if "name" in changed:
            tell_administrators(person, before, by=by)
    vars(person).pop("_keys", None)
    return changes


def _without_what_needs_a_second(person: Person, values: dict[str, Any]) -> dict[str, Any]:
    """Ask a second administrator for what would open records that are hidden from the person; the rest is returned."""
    groups = current(person, "groups")
    wanted = [name for name in values.get("groups", groups) if name in OPENS_CONFIDENTIAL and name not in groups]
    held = {role.pk for role in current(person, "job_roles")}
    roles = [
        role
        for role in values.get("job_roles", ())
        if role.pk not in held and opened_by([f"role:{role.pk}"], person)["opens"]
    ]
    if not wanted and not roles:
        return values
    names = sorted([*wanted, *(str(role) for role in roles)])
    ask("groups", subject=person, by=person, data={"names": names, "roles": sorted(role.pk for role in roles)})
    rest = dict(values)
    if wanted:
        rest["groups"] = [name for name in values["groups"] if name not in wanted]
    if roles:
        rest["job_roles"] = [role for role in values["job_roles"] if role not in roles]
    return rest


def _leave_address(person: Person, new: str, *, by: Any) -> None:
    """Whoever reads mails at the old address hears of it, and can neither sign in with it nor ask for a password: the
    sign-in package keeps addresses of its own for who came by single sign-on."""
    EmailAddress.objects.filter(user=person).delete()
    about = {"person": person, "by": by, "new": new, "organisation": organisation_name()}
    with translation.override(person.language):
        subject, text = _t("Your address has changed"), render_to_string("mail/people/address_changed.txt", about)
    post_mail(person.email, subject, text, key=f"address:{uuid.uuid4()}")


def _loses_administration(person: Person, groups: Iterable[str]) -> bool:
    was = person.is_active and not person.is_superuser and "administrator" in current(person, "groups")
    return was and "administrator" not in groups


def set_groups(person: Person, names: Iterable[str]) -> None:
    """Put the person into exactly these groups; administrators may open the configuration pages. Unsaved."""
    names = list(names)
    person.groups.set(Group.objects.filter(name__in=names))
    person.is_staff = person.is_superuser or "administrator" in names
