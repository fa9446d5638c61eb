"""What audits do when something below moves."""

from typing import Any

from django.dispatch import receiver

from audits.checklist_references import refresh_references
from core.lifecycle import moved
from documents.models import Version
from documents.signals import took_effect


@receiver(moved, sender=Version)
def link_released_checklists(records: list[Version], **kwargs: Any) -> None:
    refresh_references([version for version in records if version.is_released])


@receiver(took_effect, sender=Version)
def link_checklist_in_effect(version: Version, **kwargs: Any) -> None:
    refresh_references([version])
