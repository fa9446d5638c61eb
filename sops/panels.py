"""What the procedures show on a document's page."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from core.panels import Panel
from documents.models import Document
from sops.references import referring


def _used_by(person: Any, document: Document) -> str:
    entries = referring(person, document)
    return render_to_string("sops/_used_by.html", {"entries": entries}) if entries else ""


USED_BY = Panel("used-by", _("Referred to by"), _used_by, order=20)
