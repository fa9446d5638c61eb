"""What the procedures do when document control releases a version."""

from typing import Any

from django.dispatch import receiver

from core.lifecycle import moved
from documents.models import Version
from documents.signals import took_effect
from sops.references import refresh_references


@receiver(moved, sender=Version)
def link_what_was_released(records: list[Version], **kwargs: Any) -> None:
    refresh_references([version for version in records if version.is_released])


@receiver(took_effect, sender=Version)
def link_what_took_effect(version: Version, **kwargs: Any) -> None:
    refresh_references([version])
