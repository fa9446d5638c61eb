"""How processes stand in the index: found by purpose, trigger, outcome, SIPOC and what other systems call them."""

from core.attachment_text import words_of_files
from core.catalog import Listing, lists
from processes.models import Process
from processes.models.process import SIPOC


@lists(Process)
def listings(processes: list[Process]) -> list[Listing]:
    """Each process as it stands."""
    return [_listing(process) for process in processes]


def _listing(process: Process) -> Listing:
    return Listing(
        kind="process",
        code=process.code,
        title=process.title,
        url=process.get_absolute_url(),
        state=process.state,
        current_from=process.created_at,
        current_until=process.retired_at,
        department_id=process.department_id,
        owner_id=process.owner_id,
        audience_keys=process.audience_keys,
        changed_at=process.retired_at or process.changed_at,
        body=lambda: words_of(process),
        attachments=lambda: words_of_files(process),
    )


def words_of(process: Process) -> str:
    """All of a process that people look for."""
    texts = [process.purpose, process.trigger, process.outcome, process.external_reference]
    lines = [line for column in SIPOC for line in getattr(process, column)]
    return "\n".join(text for text in (*texts, *lines) if text)
