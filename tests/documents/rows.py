"""All rows that are about one document, without what differs between two documents whatever verb wrote them."""

import re
from typing import Any

from django.db import models

from actions.models import Task
from core.ledger import lines_of
from core.models import CatalogEntry, CatalogText, Notice
from documents.models import Document, Part

# What differs between two records made one after the other, whatever verb made them.
OWN = {"id", "history_id", "code", "code_key", "url", "history_date", "created_at", "changed_at", "at", "title_key"}
POINTERS = {"document_id", "version_id", "object_id", "record_id", "family_id", "entry_id", "record_code", "request_id"}


def told(row: models.Model, *without: str) -> dict[str, Any]:
    """The values of a row that are not its own."""
    names = [field.attname for field in row._meta.concrete_fields]
    return {name: getattr(row, name) for name in names if name not in OWN | POINTERS | set(without)}


def everything_about(document: Document) -> dict[str, Any]:
    """By the place in which they stand."""
    entry = CatalogEntry.objects.get(kind="sop", code=document.code)
    text = CatalogText.objects.annotate(v=models.functions.Cast("vector", models.TextField())).get(entry=entry)
    return {
        "document": told(document),
        "document history": [told(row) for row in document.history.all()],
        "versions": [told(version) for version in document.versions.all()],
        "version history": [told(row) for version in document.versions.all() for row in version.history.all()],
        "ledger": [told(line) for line in lines_of(document)],
        "parts": [told(part) for part in Part.objects.filter(document=document).order_by("key")],
        "entry": told(entry),
        "links": sorted(entry.links_out.values_list("relation", "target")),
        "tasks and notices": (Task.objects.filter(entry=entry).count(), Notice.objects.filter(entry=entry).count()),
        "words": (text.body, text.attachments, re.sub(r"'(sopinb)?\d+'", r"'\1N'", text.v)),
    }
