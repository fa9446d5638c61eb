"""What maps do when document control moves one."""

from typing import Any

from django.dispatch import receiver

from core.lifecycle import moved
from documents.models import Document, Version
from processes.maps import KEY
from processes.models import ProcessMap


@receiver(moved, sender=Version)
def let_a_retired_map_go(records: list[Version], **kwargs: Any) -> None:
    """A retired As-Is map makes room for another one of its process."""
    maps = [version.document_id for version in records if version.document.kind == KEY]
    if maps:
        retired = Document.objects.filter(pk__in=maps).exclude(retired_at=None)
        ProcessMap.objects.filter(document__in=retired, is_retired=False).update(is_retired=True)
