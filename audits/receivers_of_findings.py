"""What follows when a finding is written, agreed on or moves, and when its actions do: tasks, links, notices."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.dispatch import receiver

from actions.models import Action, Task
from audits.due import end_of
from audits.lifecycle import FindingState
from audits.models import Finding
from audits.signals import follow_up, written
from core import catalog, jobs
from core.lifecycle import Move, moved
from core.models import CatalogEntry
from core.notices import tell
from core.safe.words import Said, gettext_noop
from people.models import Person

TOPIC = "audits"
RESPOND = gettext_noop("Respond to %(code)s: %(title)s")
ACCEPT = gettext_noop("Accept or change the commitment of %(code)s: %(title)s")
JUDGE = gettext_noop("Judge whether %(code)s is effective: %(title)s")
FOLLOW = gettext_noop("All actions of %(code)s are verified: %(title)s")
PUBLISHED = gettext_noop("%(by)s published %(code)s: %(title)s")
MOVED = {
    "agree": gettext_noop("%(code)s is agreed: %(title)s"),
    "disagree": gettext_noop("%(by)s opened the commitment of %(code)s again: %(reason)s"),
    "close": gettext_noop("%(by)s closed %(code)s: %(title)s"),
    "reopen": gettext_noop("%(by)s reopened %(code)s: %(reason)s"),
    "no_action": gettext_noop("%(by)s closed %(code)s without action: %(reason)s"),
    "withdraw": gettext_noop("%(by)s withdrew %(code)s: %(reason)s"),
}


def about(pattern: str, record: Finding, **values: Any) -> Said:
    return gettext_noop(pattern, code=record.code, title=record.title, **values)


# --- findings --------------------------------------------------------------------------------------------------------


@receiver(written)
def finding_written(finding: Finding, by: Any, **kwargs: Any) -> None:
    """What it depends on, for “what is affected”."""
    for target, relation in ((finding.audit, "found_in"), (finding.process, "found_about")):
        if target is not None:
            catalog.link(finding, target, relation)
    if finding.step is not None:
        catalog.link(finding, finding.step.document, "found_about")


@receiver(follow_up)
def commitment_changed(finding: Finding, **kwargs: Any) -> None:
    ask_about(finding)


@receiver(moved, sender=Finding)
def finding_moved(records: list[Finding], move: Move, by: Any, comment: str = "", **kwargs: Any) -> None:
    for finding in records:
        entry = ask_about(finding)
        people = [finding.owner, *auditors_of(finding)]
        pattern = PUBLISHED if move.name == "publish" else MOVED.get(move.name)
        if pattern:
            tell(
                [one for one in people if one and one != by],
                TOPIC,
                about(pattern, finding, by=by, reason=comment),
                occasion=f"{finding.pk}:{move.name}:{finding.row_version}",
                url=finding.get_absolute_url(),
                entry=entry,
            )


def auditors_of(finding: Finding) -> list[Person]:
    """Who speaks for the auditors: the lead, or who wrote it without an audit."""
    person = finding.audit.lead if finding.audit else finding.created_by
    return [person] if person and person.pk != finding.owner_id else []


def ask_about(finding: Finding) -> CatalogEntry:
    """One open task for each of those who are asked next, none for the others."""
    entry = catalog.entry_of(finding)
    prefix = f"finding:{finding.pk}:"
    asked = dict(_asked(finding))
    for (kind, person), (pattern, due) in asked.items():
        Task.ask(
            key=f"{prefix}{kind}:{person.pk}",
            kind=kind,
            title=about(pattern, finding),
            url=finding.get_absolute_url(),
            entry=entry,
            person=person,
            due_at=end_of(due),
        )
    keys = [f"{prefix}{kind}:{person.pk}" for kind, person in asked]
    Task.objects.open().filter(key__startswith=prefix).exclude(key__in=keys).finish()
    return entry


def _asked(finding: Finding) -> Iterable[tuple[tuple[str, Any], tuple[str, date | None]]]:
    """Whom the finding waits for now: (kind of task, person) → (what to do, until when)."""
    if finding.state == FindingState.OPEN and finding.grade.needs_response:
        if not finding.response and finding.owner:
            yield ("finding", finding.owner), (RESPOND, finding.due_on)
        elif finding.response and not finding.accepted_by_owner_id and finding.owner:
            yield ("commitment", finding.owner), (ACCEPT, finding.due_on)
        if finding.response and not finding.accepted_by_auditor_id:
            for person in auditors_of(finding):
                yield ("commitment", person), (ACCEPT, finding.due_on)
    if finding.state == FindingState.AGREED and is_ready(finding):
        for person in auditors_of(finding):
            yield ("follow_finding", person), (FOLLOW, finding.due_on)
    if finding.state == FindingState.CHECKING and finding.judge:
        yield ("effectiveness", finding.judge), (JUDGE, finding.check_on)


def is_ready(finding: Finding) -> bool:
    """Whether there are actions, and all that were not cancelled are verified."""
    states = set(finding.actions().values_list("state", flat=True)) - {"cancelled"}
    return states == {"verified"}


# --- actions of findings --------------------------------------------------------------------------------------------


@receiver(moved, sender=Action)
def action_of_finding_moved(records: list[Action], move: Move, by: Any, **kwargs: Any) -> None:
    """With its last action verified a finding goes on by itself: a job moves it, as a move may not move another."""
    if move.name not in ("verify", "cancel"):
        return
    for action in records:
        finding = _finding_behind(action)
        if finding is not None:
            ask_about(finding)
            if finding.state == FindingState.AGREED and is_ready(finding):
                jobs.ask("audits.follow_finding", by=by, finding=finding.pk)


def _finding_behind(action: Action) -> Finding | None:
    entry = action.source
    if entry is None or entry.kind != "finding":
        return None
    return Finding.objects.filter(pk=entry.object_id).first()
