"""What checklists ask about: kept as links of the index, so that a procedure shows which checklists ask about it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from audits.checklists.questions import Checklist
from audits.checklists.schema import read_checklist
from audits.models import Requirement
from core import catalog
from core.models import CatalogEntry, CatalogLink
from documents.models import Document, Version

ASKS_ABOUT = "asks about"


def refresh_references(versions: list[Version]) -> None:
    """Make the links of each checklist those of its version in force."""
    for version in versions:
        if version.document.kind != "checklist" or version.is_file:
            continue
        in_force = version.document.version_in_force()
        if in_force is None or in_force.pk != version.pk:
            continue
        _link(version.document, read_checklist(in_force.body_bytes()))


def _link(document: Document, checklist: Checklist) -> None:
    source = catalog.entry_of(document)
    wanted = set(_targets(checklist).values_list("pk", flat=True))
    links = CatalogLink.objects.filter(source=source, relation=ASKS_ABOUT)
    links.exclude(target__in=wanted).delete()
    there = set(links.values_list("target_id", flat=True))
    CatalogLink.objects.bulk_create(
        [CatalogLink(source=source, target_id=target, relation=ASKS_ABOUT) for target in sorted(wanted - there)],
        ignore_conflicts=True,
    )


def _targets(checklist: Checklist) -> QuerySet[CatalogEntry]:
    """The entries of the documents and requirements that the questions point at."""
    questions = checklist.questions.values()
    codes = {target.document for one in questions for target in (one.step, one.element) if target}
    documents = Document.objects.filter(code__in=codes).values("pk")
    asked = Q(content_type=ContentType.objects.get_for_model(Document), object_id__in=documents)
    pairs = [one.requirement.split("/", 1) for one in questions if "/" in one.requirement]
    if pairs:
        named = Q()
        for code, slug in {tuple(pair) for pair in pairs}:
            named |= Q(framework__code=code, slug=slug)
        rows = Requirement.objects.filter(named).values("pk")
        asked |= Q(content_type=ContentType.objects.get_for_model(Requirement), object_id__in=rows)
    return CatalogEntry.objects.filter(asked)


def asking_about(person: Any, entry: CatalogEntry) -> QuerySet[CatalogEntry]:
    """The checklists in force that ask about a record and that the person may see."""
    seen = CatalogEntry.objects.visible_to(person).in_force()
    return seen.filter(links_out__relation=ASKS_ABOUT, links_out__target=entry).order_by("code")[:50]
