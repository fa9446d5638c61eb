"""What the process tree does when a process moves."""

from typing import Any

from django.dispatch import receiver

from core import catalog
from core.lifecycle import Move, moved
from core.safe.words import gettext_noop
from core.watching import announce
from processes.models import Process

NEWS = {
    "retire": gettext_noop("%(code)s was retired: %(title)s"),
    "merge": gettext_noop("%(code)s was merged into another process: %(title)s"),
    "reactivate": gettext_noop("%(code)s is active again: %(title)s"),
}


@receiver(moved, sender=Process)
def tell_who_watches(records: list[Process], move: Move, by: Any, **kwargs: Any) -> None:
    for process in records:
        text = gettext_noop(NEWS[move.name], code=process.code, title=process.title)
        announce(catalog.entry_of(process), text, occasion=f"{move.name}:{process.pk}:{process.row_version}", by=by)
