"""What one administrator cannot do alone: an act waits until a second person confirms it.

Apps say which acts there are::

    register_act(Act("delegation", words=…, perform=…, may_confirm=…))

``ask`` stores what is wanted and tells those who may confirm it; ``confirm`` checks again and performs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.models import CatalogEntry
from core.notices import tell
from core.safe.words import Said, gettext_noop
from people.models import Confirmation, Person

MOST_LISTED = 500  # codes in one ledger line


@dataclass(frozen=True)
class Act:
    """One sort of act. ``words`` names it for people, ``perform`` does it, ``may_confirm`` says who besides other
    administrators may confirm it, and ``gains`` who is better off by it and therefore may not."""

    name: str
    words: Callable[[Confirmation], Said]
    perform: Callable[[Confirmation], dict[str, Any] | None]
    subject_may_confirm: bool = False
    gains: Callable[[Confirmation], int | None] = lambda asked: None


_acts: dict[str, Act] = {}


def register_act(act: Act) -> None:
    """Make a sort of act known; called from an app's ``ready``."""
    _acts[act.name] = act


def words_of(asked: Confirmation) -> Said:
    """What would happen, as a sentence."""
    return _acts[asked.act].words(asked)


def may_confirm(asked: Confirmation, person: Any) -> bool:
    """Administrators who did not ask for it and gain nothing by it; where the act says so, whom it concerns."""
    act = _acts[asked.act]
    if not person.is_active or person.pk in (asked.asked_by_id, act.gains(asked)):
        return False
    if act.subject_may_confirm and person.pk == asked.subject_id:
        return True
    return person.has_perm("people.administer_person", asked.subject)


def who_may_confirm(asked: Confirmation) -> list[Person]:
    """Everybody who may, in the order of their names."""
    people = {person.pk: person for person in Person.objects.administrators()}
    people[asked.subject_id] = asked.subject
    return [person for person in people.values() if may_confirm(asked, person)]


def ask(act: str, *, subject: Person, by: Any, data: dict[str, Any]) -> Confirmation:
    """Store what is wanted and tell those who may confirm it. The same wanted twice is one. Raises ``Refused`` where
    nobody could confirm it."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=subject.pk)
        same = Confirmation.objects.open().filter(act=act, subject=subject, asked_by=by, data=data).first()
        if same is not None:
            return same
        asked = Confirmation.objects.create(act=act, subject=subject, asked_by=by, data=data)
        people = who_may_confirm(asked)
        if not people:
            raise Refused(
                _t("This needs a second administrator, and there is none. Make somebody else an administrator first.")
            )
        record_line(subject, "confirmation_asked", by=by, data={"act": act, **data})
        tell(
            people,
            "security",
            gettext_noop("%(by)s asks you to confirm: %(act)s", by=by, act=words_of(asked)),
            occasion=f"confirm:{asked.pk}",
            url=reverse("people:confirmations"),
        )
    return asked


def confirm(asked: Confirmation, *, by: Any) -> None:
    """Let it take effect. Raises ``Refused`` when it was closed, has run out or is not possible any more."""
    try:
        with transaction.atomic():
            asked = _locked(asked, by)
            asked.outcome = Confirmation.Outcome.CONFIRMED
            more = _acts[asked.act].perform(asked) or {}
            _close(asked, by=by, more=more)
    except Refused as refusal:
        record_refusal(asked.subject, f"confirm {asked.act}", by=by, reason=str(refusal.message))
        raise


def decline(asked: Confirmation, *, by: Any) -> None:
    """End it without effect; whoever asked for it may take it back too."""
    with transaction.atomic():
        asked = _locked(asked, by, is_taking_back=asked.asked_by_id == by.pk)
        asked.outcome = Confirmation.Outcome.DECLINED
        _close(asked, by=by)


def _locked(asked: Confirmation, by: Any, *, is_taking_back: bool = False) -> Confirmation:
    asked = Confirmation.objects.select_for_update(no_key=True, of=("self",)).get(pk=asked.pk)
    if not asked.is_open:
        raise Refused(_t("This was confirmed, declined or has run out already."))
    if not is_taking_back and not may_confirm(asked, by):
        raise NotAllowed(_t("You may not confirm this. It needs a second person who gains nothing by it."))
    return asked


def _close(asked: Confirmation, *, by: Any, more: dict[str, Any] | None = None) -> None:
    asked.closed_by, asked.closed_at = by, timezone.now()
    asked.save()
    data = {"act": asked.act, "asked_by": str(asked.asked_by), **asked.data, **(more or {})}
    record_line(asked.subject, f"confirmation_{asked.outcome}", by=by, data=data)
    outcome = (
        gettext_noop("%(by)s confirmed: %(act)s", by=by, act=words_of(asked))
        if asked.outcome == Confirmation.Outcome.CONFIRMED
        else gettext_noop("%(by)s declined: %(act)s", by=by, act=words_of(asked))
    )
    others = {one.pk: one for one in (asked.asked_by, asked.subject) if one.pk != by.pk}
    tell(others.values(), "security", outcome, occasion=f"confirmed:{asked.pk}", url=reverse("people:confirmations"))


def opened_by(keys: list[str], person: Person) -> dict[str, Any]:
    """The records that these keys would open to the person, for the audit log: how many, and their numbers."""
    entries = CatalogEntry.objects.filter(audience_keys__overlap=keys).exclude(audience_keys__overlap=person.keys())
    codes = list(entries.order_by("code").values_list("code", flat=True)[:MOST_LISTED])
    return {"opens": entries.count(), "records": codes}
