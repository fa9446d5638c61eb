"""Writing what a plan says: a library or a baseline, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from audits.catalog import listing_of
from audits.frameworks.values import Entry, Library, Profile, normalised_id
from audits.import_plan import BaselinePlan, Options, Plan, Predecessors, day_in, digest_of, plan_import
from audits.models import Baseline, Framework, Requirement, RequirementLink
from core import catalog
from core.history import create_with_history, save_with_history
from core.ledger import record_line
from core.lifecycle import NotAllowed
from core.numbering import next_code, take_code
from documents.drafting import well_formed

_IMPORT_LOCK = 7_310_016  # one import of requirements at a time: two of one file must not both make it
_BATCH = 500
Step = Callable[[int, int], None]


def run_import(
    content: Library | Profile,
    options: Options,
    *,
    by: Any,
    file_name: str = "",
    sha256: str = "",
    step: Step = lambda done, total: None,
) -> Plan | BaselinePlan:
    """Import and return what was done. Raises ``Refused``; then nothing is stored. ``by=None`` is the command line."""
    if by is not None and not by.has_perm("audits.import_framework"):
        raise NotAllowed(_t("You may not import requirement libraries."))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])
        plan = plan_import(content, options, by=by)
        if isinstance(plan, BaselinePlan):
            _write_baseline(plan, by=by, file_name=file_name)
        else:
            _Writer(plan, options, by, file_name, sha256, step).write()
    return plan


class _Writer:
    """Writes one library."""

    def __init__(self, plan: Plan, options: Options, by: Any, file_name: str, sha256: str, step: Step) -> None:
        self.plan, self.options, self.by, self.step = plan, options, by, step
        self.file_name, self.sha256 = file_name, sha256
        self.positions = {entry.external_id: place for place, entry in enumerate(plan.library.entries)}
        self.is_new = plan.framework is None

    def write(self) -> None:
        plan = self.plan
        self.framework = plan.framework or self._new_framework()
        self.rows = {row.external_id: row for row in self.framework.requirements.only("pk", "external_id", "slug")}
        self.slugs = {row.slug for row in self.rows.values()}
        self._create()
        self._update()
        self._mark_gone()
        changed_baselines = self._write_selections()
        if plan.previous:
            self._carry_over(plan.previous)
        if self.is_new or plan.created or plan.updated or plan.gone or changed_baselines:
            self._finish()
        plan.framework = self.framework

    def _new_framework(self) -> Framework:
        library = self.plan.library
        code = take_code(well_formed(self.options.code)) if self.options.code.strip() else next_code("FW")
        framework = Framework(code=code, series=library.series, edition=library.edition, owner=self.by)
        framework.sort = self.options.sort
        framework.previous = self.plan.previous
        if self.plan.previous:
            for name in ("owner", "department", "audience", "sort"):
                setattr(framework, name, getattr(self.plan.previous, name))
        self._fill(framework)
        framework.save(by=self.by, reason="imported")
        if self.plan.previous and framework.is_confidential:
            framework.set_readers(
                people=self.plan.previous.readers.all(), roles=self.plan.previous.reader_roles.all(), by=self.by
            )
        return framework

    def _fill(self, framework: Framework) -> None:
        library = self.plan.library
        framework.title = library.title[:300]
        framework.publisher, framework.licence = library.publisher, library.licence or framework.licence
        framework.language = library.language
        framework.published_on = day_in(library.published_on)
        framework.source_format = library.source_format
        framework.source_file, framework.source_sha256 = self.file_name[:200], self.sha256
        framework.counts = {name: value for name, value in self.plan.last_line().items() if name in _FIGURES}

    def _finish(self) -> None:
        """Say once what came in: in the facts of the library, in the ledger, in the index."""
        plan = self.plan
        if not self.is_new:
            self._fill(self.framework)
            self.framework.save(by=self.by, reason="imported again")
        data = plan.last_line() | {"file": self.file_name, "sha256": self.sha256, "links_carried": plan.links_carried}
        record_line(self.framework, "imported", by=self.by, data=data)

    def _create(self) -> None:
        made: list[Requirement] = []
        total = len(self.plan.created)
        by_depth: dict[int, list[Entry]] = {}
        for entry in self.plan.created:
            by_depth.setdefault(entry.depth, []).append(entry)
        for depth in sorted(by_depth):  # parents have their key before their children name it
            entries = by_depth[depth]
            for start in range(0, len(entries), _BATCH):
                rows = [self._row(entry) for entry in entries[start : start + _BATCH]]
                create_with_history(rows, by=self.by, reason="imported")
                self.rows |= {row.external_id: row for row in rows}
                made += rows
                self.step(len(made), total * 2)
        for start in range(0, len(made), _BATCH):
            batch = made[start : start + _BATCH]
            catalog.enter([(row, listing_of(row)) for row in batch])
            self.step(total + start + len(batch), total * 2)

    def _row(self, entry: Entry) -> Requirement:
        row = Requirement(framework=self.framework, external_id=entry.external_id, created_by=self.by)
        row.slug = self._free_slug(entry)
        self._copy(entry, row)
        return row

    def _free_slug(self, entry: Entry) -> str:
        key = normalised_id(entry.label) or normalised_id(entry.external_id)
        wanted = "".join(sign if sign.isalnum() else "-" for sign in key)[:200].strip("-") or "group"
        slug, number = wanted, 1
        while slug in self.slugs:
            number += 1
            slug = f"{wanted}--{number}"
        self.slugs.add(slug)
        return slug

    def _copy(self, entry: Entry, row: Requirement) -> None:
        parent = self.rows.get(entry.parent)
        row.parent_id = parent.pk if parent else None
        row.id_key = normalised_id(entry.label or entry.external_id)
        row.label, row.title = entry.label[:80], entry.title[:300]
        for name in ("text", "guidance", "is_group", "is_enhancement", "is_withdrawn", "depth"):
            setattr(row, name, getattr(entry, name))
        row.successors = [key[:220] for key in entry.successors]
        row.related = [key[:220] for key in entry.related]
        row.parts = [part.as_data() for part in entry.parts]
        row.parameters = [parameter.as_data() for parameter in entry.parameters]
        row.position = self.positions[entry.external_id]
        row.digest, row.left_source_at = digest_of(entry), None
        row.changed_by = self.by

    def _update(self) -> None:
        rows = []
        for row, entry in self.plan.updated:
            row.framework = self.framework
            self._copy(entry, row)
            rows.append(row)
        save_with_history(rows, by=self.by, reason="imported again")
        for row in rows:
            catalog.refresh(row)
        for row, entry in self.plan.moved:
            row.position, row.depth = self.positions[entry.external_id], entry.depth
        if self.plan.moved:
            Requirement.objects.bulk_update([row for row, _entry in self.plan.moved], ["position", "depth"], _BATCH)

    def _mark_gone(self) -> None:
        for row in self.plan.gone:
            row.framework = self.framework
            row.left_source_at = timezone.now()
        save_with_history(self.plan.gone, by=self.by, reason="no longer in the file")
        for row in self.plan.gone:
            catalog.refresh(row)

    def _write_selections(self) -> bool:
        """Levels and groups that the library itself defines; true where something changed."""
        changed = False
        for position, selection in enumerate(self.plan.library.selections):
            baseline, is_new = Baseline.objects.get_or_create(
                framework=self.framework,
                key=selection.key[:120],
                defaults={"title": selection.title[:300], "edition": self.framework.edition, "position": position},
            )
            wanted = {self.rows[key].pk for key in selection.ids}
            before = set() if is_new else set(baseline.requirements.values_list("pk", flat=True))
            if wanted != before:
                baseline.requirements.set(wanted)
                changed = True
        return changed

    def _carry_over(self, previous: Framework) -> None:
        """Links and decisions of the edition before. Where the words differ, a link waits to be checked and the
        decision on applicability is to be made again."""
        before = Predecessors(previous)
        links: dict[int, list[RequirementLink]] = {}
        for link in RequirementLink.objects.filter(requirement__framework=previous).with_ends():
            links.setdefault(link.requirement_id, []).append(link)
        decided, carried = [], []
        for entry in self.plan.library.entries:
            old = before.of(entry.external_id, entry.label)
            if old is None or entry.is_withdrawn:
                continue
            row, is_same = self.rows[entry.external_id], old.digest == digest_of(entry)
            for link in links.get(old.pk, []):
                new = RequirementLink(requirement=row, entry=link.entry, part=link.part, note=link.note)
                new.made_by, new.carried_from, new.needs_check = self.by, link, not is_same
                carried.append(new)
            if is_same and old.applicability:
                for name in ("applicability", "justification", "decided_by", "decided_at"):
                    setattr(row, name, getattr(old, name))
                decided.append(row)
        RequirementLink.objects.bulk_create(carried)
        for new in carried:
            new.requirement.framework = self.framework
        save_with_history(decided, by=self.by, reason=f"carried over from {previous}")


_FIGURES = ("groups", "requirements", "base", "enhancements", "withdrawn", "active", "parts", "parameters")


def _write_baseline(plan: BaselinePlan, *, by: Any, file_name: str) -> None:
    profile = plan.profile
    baseline = plan.framework.baselines.filter(key=profile.series).first()
    if baseline and not (plan.added or plan.dropped) and baseline.missing_ids == plan.missing:
        return
    if baseline is None:
        position = plan.framework.baselines.count()
        baseline = Baseline(framework=plan.framework, key=profile.series, position=position)
    baseline.title, baseline.edition = profile.title[:300], profile.edition
    baseline.missing_ids, baseline.source_file = plan.missing, file_name[:200]
    baseline.save()
    baseline.requirements.set(plan.requirements)
    data = {"baseline": baseline.title, "selected": len(plan.requirements), "missing": plan.missing[:50]}
    record_line(plan.framework, "baseline_imported", by=by, data=data)
