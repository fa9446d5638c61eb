"""What reading does when a version moves or takes effect."""

from typing import Any

from django.dispatch import receiver

from core.lifecycle import Move, moved
from documents.models import Version
from documents.signals import took_effect
from training.assigning import ask_to_assign, end_unread


@receiver(moved, sender=Version)
def versions_moved(records: list[Version], move: Move, **kwargs: Any) -> None:
    """An approved version is given to its readers; one that is retired is asked for no more."""
    if move.name == "approve":
        for version in records:
            ask_to_assign(version)
    elif move.name == "retire":
        end_unread(Version.objects.filter(document__in=[version.document_id for version in records]), "retired")


@receiver(took_effect, sender=Version)
def earlier_versions_end(version: Version, **kwargs: Any) -> None:
    """Nobody is asked to read a superseded version."""
    end_unread(Version.objects.filter(document=version.document_id, sequence__lt=version.sequence), "superseded")
