"""What the procedures do when document control releases a version."""

from typing import Any

from django.dispatch import receiver

from core.lifecycle import Move, moved
from documents.models import Version
from documents.signals import took_effect
from sops.references import refresh_references


@receiver(moved, sender=Version)
def link_what_was_released(record: Version, move: Move, **kwargs: Any) -> None:
    if record.is_released:
        refresh_references(record)


@receiver(took_effect, sender=Version)
def link_what_took_effect(version: Version, **kwargs: Any) -> None:
    refresh_references(version)
