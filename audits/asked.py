"""The questions of a version of a checklist, read once for each content, which never changes."""

from functools import lru_cache

from audits.checklists.questions import Checklist
from audits.checklists.schema import read_checklist
from documents.models import Content, Version


def checklist_of(version: Version) -> Checklist:
    """The questions of a version."""
    return checklist_of_content(version.content_id)


@lru_cache(maxsize=64)
def checklist_of_content(sha256: str) -> Checklist:
    """The same by the hash of the content, which stands for its bytes for good."""
    return read_checklist(bytes(Content.objects.get(pk=sha256).bytes))
