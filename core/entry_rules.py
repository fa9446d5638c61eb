"""Permissions asked about a catalogue entry, answered by the app whose record stands behind it.

@entry_rule("core.attach_to", Document)
def may_attach(person, document) -> bool: ...

person.has_perm("core.attach_to", entry)
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from core.models import CatalogEntry
from core.permissions import Predicate, rule
from core.questions import THE_PORTAL, Question, Slot

_answers: dict[tuple[str, type[models.Model]], Predicate] = {}


def entry_rule(permission: str, model: type[models.Model]) -> Callable[[Predicate], Predicate]:
    """Register the decorated predicate as the answer for entries of ``model``."""

    def register(predicate: Predicate) -> Predicate:
        _answers[permission, model] = predicate
        return predicate

    return register


def has_entry_rule(permission: str, model: type[models.Model]) -> bool:
    """Whether an app has answered this permission for entries of ``model``."""
    return (permission, model) in _answers


def record_of(entry: CatalogEntry) -> models.Model | None:
    """The record behind an entry."""
    model = _model_of(entry)
    return _question(model).first(THE_PORTAL, pk=entry.object_id) if model else None


def _model_of(entry: CatalogEntry) -> type[models.Model] | None:
    return ContentType.objects.get_for_id(entry.content_type_id).model_class()


@cache
def _question(model: type[models.Model]) -> Question:
    return Question(lambda _: model._base_manager.filter(pk=Slot("pk")))


def _ask(permission: str, person: Any, entry: CatalogEntry) -> bool:
    predicate = _answers.get((permission, _model_of(entry)))
    record = record_of(entry) if predicate else None
    return record is not None and predicate(person, record)


@rule("core.attach_to")
def may_attach(person: Any, entry: CatalogEntry) -> bool:
    """Add files to the record, and take them away."""
    return _ask("core.attach_to", person, entry)


@rule("core.keep_comments")
def may_keep_comments(person: Any, entry: CatalogEntry) -> bool:
    """Close what others asked about the record."""
    return _ask("core.keep_comments", person, entry)
