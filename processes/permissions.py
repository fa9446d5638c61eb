"""Who may do what with a process, as small predicates. Officers keep the tree, owners keep what they own."""

from typing import Any

from core.entry_rules import entry_rule
from core.permissions import rule, sees
from processes.models import Process


def may_keep(person: Any, process: Process) -> bool:
    """The owner, and officers who may see the process."""
    if not sees(person, process):
        return False
    return person.pk == process.owner_id or person.has_perm("processes.keep_processes")


@rule("processes.change_process")
@entry_rule("core.attach_to", Process)
def may_change(person: Any, process: Process) -> bool:
    """Facts, SIPOC, documents: as long as the process is active."""
    return not process.is_retired and may_keep(person, process)


@rule("processes.add_below")
def may_add_below(person: Any, process: Process) -> bool:
    """Start a process under this one, or move one there."""
    return may_change(person, process)


@rule("processes.place_process")
def may_place(person: Any, process: Process) -> bool:
    """Give the process another place in the tree; the place asks for itself (``processes.add_below``)."""
    return may_change(person, process)


@rule("processes.retire_process")
def may_retire(person: Any, process: Process) -> bool:
    return may_keep(person, process)


@rule("processes.merge_process")
def may_merge(person: Any, process: Process) -> bool:
    return may_keep(person, process)


@rule("processes.reactivate_process")
def may_reactivate(person: Any, process: Process) -> bool:
    return may_keep(person, process)


@entry_rule("core.keep_comments", Process)
def may_keep_comments(person: Any, process: Process) -> bool:
    return may_keep(person, process)
