"""Who may not audit what: whoever owns the process, wrote or approved its documents lately, or has its actions.

conflicts = conflicts_of(person, Scope.of(audit), months=24)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils import timezone

from actions.models import Action
from audits.models.finding import Finding
from core.models import CatalogEntry
from core.safe.words import Said, gettext_noop
from documents.models import Decision, Document, Version
from people.models import Department
from processes.models import Process

SHOWN = 3  # records named for each reason; the rest are counted
DAYS_OF_A_MONTH = 30.44


@dataclass(frozen=True)
class Scope:
    """What is audited: processes with everything below them, and departments with theirs."""

    process_ids: frozenset[int]
    department_ids: frozenset[int]

    @classmethod
    def of(cls, audit: Any) -> "Scope":
        return cls.made_of(audit.processes.all(), audit.departments.all())

    @classmethod
    def made_of(cls, processes: Iterable[Process], departments: Iterable[Department]) -> "Scope":
        return cls(frozenset(one.pk for one in processes), frozenset(one.pk for one in departments))

    def processes(self) -> QuerySet[Process]:
        """The processes of the scope and all below them."""
        inside = Q(lineage__overlap=list(self.process_ids))
        if self.department_ids:
            inside |= Q(department__lineage__overlap=list(self.department_ids))
        return Process.objects.filter(inside)

    def documents(self) -> QuerySet[Document]:
        """The documents of these processes and departments."""
        inside = Q(process_links__process__in=self.processes().values("pk"))
        if self.department_ids:
            inside |= Q(department__lineage__overlap=list(self.department_ids))
        return Document.objects.filter(inside).distinct()

    def entries(self) -> QuerySet[CatalogEntry]:
        """The cards of these processes and documents, and of findings on these processes."""
        kinds = ContentType.objects.get_for_models(Process, Document, Finding)
        findings = Finding.objects.filter(process__in=self.processes().values("pk"))
        return CatalogEntry.objects.filter(
            Q(content_type=kinds[Process], object_id__in=self.processes().values("pk"))
            | Q(content_type=kinds[Document], object_id__in=self.documents().values("pk"))
            | Q(content_type=kinds[Finding], object_id__in=findings.values("pk"))
        )


def conflicts_of(person: Any, scope: Scope, *, months: int, seen_by: Any) -> list[Said]:
    """What speaks against the person as an auditor of this scope, in words; nothing means independent.

    Records that ``seen_by`` may not see count as much as others and are not named.
    """
    if not (scope.process_ids or scope.department_ids):
        return []
    since = timezone.now() - timedelta(days=months * DAYS_OF_A_MONTH)
    return list(_conflicts(person, scope, since, seen_by.keys()))


def _conflicts(person: Any, scope: Scope, since: datetime, keys: list[str]) -> Iterator[Said]:
    owns = gettext_noop("owns %(what)s")
    yield from _named(owns, scope.processes().filter(owner=person), "", keys)
    documents = scope.documents()
    yield from _named(owns, documents.filter(owner=person), "", keys)
    # Read once: inside the joins below, a planner without statistics was seen to run it for every row, for minutes.
    ids = list(documents.values_list("pk", flat=True))
    lately = Q(created_at__gte=since) | Q(submitted_at__gte=since) | Q(approved_at__gte=since)
    wrote = Q(author=person) | Q(submitted_by=person) | Q(writer_ids__contains=[person.pk])
    versions = Version.objects.filter(wrote, lately, document__in=ids)
    yield from _named(gettext_noop("wrote %(what)s"), versions, "document__", keys)
    decisions = Decision.objects.filter(
        Q(by=person) | Q(on_behalf_of=person),
        verdict=Decision.Verdict.APPROVE,
        decided_at__gte=since,
        seat__step__route__version__document__in=ids,
    )
    yield from _named(gettext_noop("approved %(what)s"), decisions, "seat__step__route__version__document__", keys)
    actions = Action.objects.unfinished().filter(owner=person, source__in=scope.entries().values("pk"))
    yield from _named(gettext_noop("has to do %(what)s"), actions, "", keys)


def _named(pattern: Said, found: QuerySet[Any], path: str, keys: list[str]) -> Iterator[Said]:
    """One reason with the codes of the records at ``path``, or nothing; what these keys do not open is counted."""
    rows = found.order_by().values_list(f"{path}code", f"{path}audience_keys")
    known = {code: not set(audience).isdisjoint(keys) for code, audience in rows}
    named = sorted(code for code, is_seen in known.items() if is_seen)
    words = named[:SHOWN]
    if len(known) > len(words):
        words.append(f"+ {len(known) - len(words)}")
    if known:
        yield gettext_noop(str(pattern), what=", ".join(words))
