"""Delegation while away: from when to when somebody else decides and reads for a person."""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.notices import tell
from core.safe.words import gettext_noop
from core.saying import in_their_way
from people.confirming import ask
from people.models import Confirmation, Delegation, Person


def delegate(person: Person, *, to: Person, starts_on: date, ends_on: date, by: Person) -> Delegation | Confirmation:
    """Let ``to`` stand in for ``person``; both days are included. One stand-in at a time. What an administrator sets
    up for somebody waits until that person, or a second administrator, confirms it: a ``Confirmation`` is returned."""
    if by.pk != person.pk and not by.has_perm("people.administer_person", person):
        record_refusal(person, "delegate", by=by, reason="not theirs to delegate")
        raise NotAllowed(_t("You may delegate only your own approvals."))
    if not to.is_active or to.pk == person.pk:
        raise Refused(_t("Choose somebody else who works here."))
    if ends_on < max(starts_on, timezone.localdate()):
        raise Refused(_t("The last day must not be before the first, nor in the past."))
    if by.pk == person.pk:
        return start(person, to=to, starts_on=starts_on, ends_on=ends_on, by=by)
    if to.pk == by.pk:
        record_refusal(person, "delegate", by=by, reason="to themself")
        raise Refused(_t("An administrator does not make themself a delegate. Choose somebody else."))
    data = {"to": to.pk, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    return ask("delegation", subject=person, by=by, data=data)


def start(person: Person, *, to: Person, starts_on: date, ends_on: date, by: Person) -> Delegation:
    """Let the delegation take effect, once it is the person's own or was confirmed."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.delegations.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
            raise Refused(_t("Somebody stands in on these days already. End that delegation first."))
        delegation = Delegation(person=person, delegate=to, starts_on=starts_on, ends_on=ends_on)
        delegation._history_user = by
        delegation.save()
        days = {"to": str(to), "from": starts_on.isoformat(), "until": ends_on.isoformat()}
        record_line(person, "delegated", by=by, data=days)
        tell(
            [to],
            "delegation",
            gettext_noop(
                "You stand in for %(name)s from %(first)s to %(last)s",
                name=person,
                first=in_their_way(starts_on),
                last=in_their_way(ends_on),
            ),
            occasion=f"delegated:{delegation.pk}",
            url=reverse("people:my-delegation"),
        )
        if by.pk != person.pk:  # they would not know who reads and decides in their name
            tell(
                [person],
                "delegation",
                gettext_noop(
                    "%(by)s lets %(to)s stand in for you from %(first)s to %(last)s",
                    by=by,
                    to=to,
                    first=in_their_way(starts_on),
                    last=in_their_way(ends_on),
                ),
                occasion=f"delegated:{delegation.pk}",
                url=reverse("people:my-delegation"),
            )
    return delegation


def end(delegation: Delegation, *, by: Person) -> None:
    """End it now: from this moment on the other person's keys are gone. One that has not begun is taken back."""
    if not by.has_perm("people.end_delegation", delegation):
        raise NotAllowed(_t("You may not end this delegation."))
    yesterday = timezone.localdate() - timedelta(days=1)
    with transaction.atomic():
        delegation = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
        if delegation.ends_on <= yesterday:
            return
        record_line(delegation.person, "delegation_ended", by=by, data={"to": str(delegation.delegate)})
        delegation._history_user = by
        if delegation.starts_on <= yesterday:
            delegation.ends_on = yesterday
            delegation.save()
        else:
            delegation.delete()
        others = [one for one in (delegation.person, delegation.delegate) if one.pk != by.pk]
        tell(
            others,
            "delegation",
            gettext_noop(
                "%(to)s does not stand in for %(name)s any more", to=delegation.delegate, name=delegation.person
            ),
            occasion=f"delegation_ended:{delegation.person_id}:{delegation.starts_on}:{timezone.now():%Y%m%d%H%M%S}",
            url=reverse("people:my-delegation"),
        )
