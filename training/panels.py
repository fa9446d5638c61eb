"""What reading shows on a document's page: what it asks of you, and who has read the version in effect."""

from typing import Any

from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from core.panels import Panel
from documents.models import Document
from training.models import Reading


def _mine(person: Any, document: Document) -> str:
    reading = (
        Reading.objects.filter(document=document, person=person)
        .filter(Q(ended_at=None))
        .select_related("version", "earlier")
        .order_by("-version__sequence")
        .first()
    )
    return render_to_string("training/_mine.html", {"reading": reading, "document": document}) if reading else ""


def _read_by(person: Any, document: Document) -> str:
    version = document.versions.effective().first() or document.versions.scheduled().order_by("-sequence").first()
    if version is None:
        return ""
    visible = Reading.objects.visible_to(person).filter(version=version).counted()
    counts = visible.aggregate(
        all=Count("pk"), done=Count("pk", filter=~Q(acknowledged_at=None)), others=Count("pk", filter=~Q(person=person))
    )
    if not counts["others"]:
        return ""  # only what concerns the person themself, which the page says already
    context = {"counts": counts, "document": document, "version": version}
    return render_to_string("training/_read_by.html", context)


MINE = Panel("my-reading", _("Reading"), _mine, order=10, place="mine")
READ_BY = Panel("read-by", _("Read and acknowledged"), _read_by, order=30)
