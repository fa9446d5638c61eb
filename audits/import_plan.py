"""What an import would do, found out without writing anything: for the preview, and for the import itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _t

from audits.frameworks.selecting import named_ids, selected_ids
from audits.frameworks.values import Counts, Entry, Library, Profile, normalised_id, series_of
from audits.models import Framework, Requirement, RequirementLink
from core.lifecycle import Refused

# What of an entry makes it another one when it differs; its place in the order does not.
_COMPARED = (
    "label",
    "title",
    "text",
    "guidance",
    "is_group",
    "is_enhancement",
    "is_withdrawn",
    "successors",
    "related",
)
MAX_TITLE = 300


@dataclass
class Options:
    """What the person says about a file, where the file says nothing or something else."""

    title: str = ""
    edition: str = ""
    code: str = ""
    library: str = ""  # code of the library that a profile selects from, or whose next edition this is
    sort: str = Framework.Sort.STANDARD


@dataclass
class Change:
    """One requirement that differs from the edition before."""

    label: str
    title: str


@dataclass
class Plan:
    """What the import of a library would write, and how it differs from the edition before."""

    library: Library
    counts: Counts
    framework: Framework | None  # the edition that is there already
    previous: Framework | None  # the edition before, for a new one
    created: list[Entry] = field(default_factory=list)
    updated: list[tuple[Requirement, Entry]] = field(default_factory=list)
    moved: list[tuple[Requirement, Entry]] = field(default_factory=list)  # only the order differs
    gone: list[Requirement] = field(default_factory=list)  # in the portal, but no longer in the file
    unchanged: int = 0
    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    withdrawn: list[Change] = field(default_factory=list)
    links_carried: int = 0
    links_to_check: int = 0
    links_left: int = 0

    @property
    def created_count(self) -> int:
        return sum(not entry.is_group for entry in self.created)

    @property
    def updated_count(self) -> int:
        return sum(not entry.is_group for _row, entry in self.updated)

    def last_line(self) -> dict[str, int]:
        """The figures of the file and what became of its requirements."""
        return asdict(self.counts) | {
            "created": self.created_count,
            "updated": self.updated_count,
            "unchanged": self.unchanged,
        }


@dataclass
class BaselinePlan:
    """What the import of a profile would select."""

    profile: Profile
    framework: Framework
    requirements: list[Requirement]
    missing: list[str]
    added: int  # selected now and not before
    dropped: int  # selected before and not now
    parents: dict[str, str] = field(default_factory=dict)  # external id → the one above, groups included

    def last_line(self) -> dict[str, int]:
        """A baseline adds nothing: its requirements are there already, and stay as they are."""
        enhancements = sum(row.is_enhancement for row in self.requirements)
        withdrawn = sum(row.is_withdrawn for row in self.requirements)
        count = len(self.requirements)
        counts = Counts(
            groups=len({top_of(row.external_id, self.parents) for row in self.requirements}),
            requirements=count,
            base=count - enhancements,
            enhancements=enhancements,
            withdrawn=withdrawn,
            active=count - withdrawn,
        )
        return asdict(counts) | {"created": 0, "updated": 0, "unchanged": count}


def top_of(key: str, parents: dict[str, str]) -> str:
    """The outermost group above a requirement."""
    while parents.get(key):
        key = parents[key]
    return key


def plan_import(content: Library | Profile, options: Options, *, by: Any = None) -> Plan | BaselinePlan:
    """Find out what importing this would do. Raises ``Refused`` with what to do instead."""
    if options.title.strip():
        content.title = options.title.strip()[:MAX_TITLE]
        content.series = series_of(content.title) or content.series
    if options.edition.strip():
        content.edition = options.edition.strip()[:60]
    if isinstance(content, Profile):
        return _plan_baseline(content, options, by)
    return _plan_library(content, options, by)


def _plan_library(library: Library, options: Options, by: Any) -> Plan:
    named = _named_library(options, by)
    if named and not named.is_own:
        library.series = named.series
    editions = Framework.objects.imported().filter(series=library.series).order_by("-pk")
    framework = editions.filter(edition=library.edition).first()
    previous = None if framework else (named or editions.first())
    for one in (framework, previous):
        if one and by is not None and not by.has_perm("audits.change_framework", one):
            raise Refused(_t("This library is in the portal, and you may not change it. Ask its owner."))
    plan = Plan(library, library.counts(), framework, previous)
    if framework:
        _compare_rows(plan, framework)
    else:
        plan.created = list(library.entries)
    if previous:
        _compare_editions(plan, previous)
    return plan


def _compare_rows(plan: Plan, framework: Framework) -> None:
    rows = {row.external_id: row for row in framework.requirements.select_related("parent")}
    for position, entry in enumerate(plan.library.entries):
        row = rows.pop(entry.external_id, None)
        if row is None:
            plan.created.append(entry)
        elif row.digest != digest_of(entry) or row.left_source_at:
            plan.updated.append((row, entry))
        else:
            plan.unchanged += not entry.is_group
            if (row.position, row.depth) != (position, entry.depth):
                plan.moved.append((row, entry))
    plan.gone = [row for row in rows.values() if row.left_source_at is None]


def _compare_editions(plan: Plan, previous: Framework) -> None:
    before = Predecessors(previous)
    matched: set[int] = set()
    for entry in plan.library.entries:
        old = before.of(entry.external_id, entry.label)
        if old is None:
            if not entry.is_group:
                plan.added.append(Change(entry.label, entry.title))
            continue
        matched.add(old.pk)
        if entry.is_group:
            continue
        if entry.is_withdrawn and not old.is_withdrawn:
            plan.withdrawn.append(Change(entry.label, entry.title))
        elif digest_of(entry) != old.digest:
            plan.changed.append(Change(entry.label, entry.title))
    gone = [old for old in before.rows if old.pk not in matched and not old.is_group and not old.is_withdrawn]
    plan.withdrawn += [Change(old.label, old.title) for old in gone]
    _count_links(plan, before)


def _count_links(plan: Plan, before: Predecessors) -> None:
    linked = dict.fromkeys((row.pk for row in before.rows), 0)
    for pk in RequirementLink.objects.filter(requirement__in=linked).values_list("requirement_id", flat=True):
        linked[pk] += 1
    total = sum(linked.values())
    for entry in plan.library.entries:
        old = before.of(entry.external_id, entry.label)
        if old is not None and linked[old.pk] and not entry.is_withdrawn:
            plan.links_carried += linked[old.pk]
            if digest_of(entry) != old.digest:
                plan.links_to_check += linked[old.pk]
    plan.links_left = total - plan.links_carried


class Predecessors:
    """The requirements of the edition before, found by external id, or by their printed number where that is one
    only: some sources put the edition into their ids."""

    def __init__(self, framework: Framework) -> None:
        self.rows = list(framework.requirements.filter(left_source_at=None).defer("text", "guidance", "parts"))
        self._by_id = {row.external_id: row for row in self.rows}
        keys = [row.id_key for row in self.rows]
        counted = {key: keys.count(key) for key in set(keys)} if len(keys) < 3000 else dict.fromkeys(keys, 1)
        self._by_key = {row.id_key: row for row in self.rows if row.id_key and counted[row.id_key] == 1}

    def of(self, external_id: str, label: str) -> Requirement | None:
        return self._by_id.get(external_id) or (self._by_key.get(normalised_id(label)) if label else None)


def _plan_baseline(profile: Profile, options: Options, by: Any) -> BaselinePlan:
    framework = _named_library(options, by) or _library_of(profile, by)
    if by is not None and not by.has_perm("audits.change_framework", framework):
        raise Refused(_t("You may not add a baseline to this library. Ask its owner."))
    rows = list(framework.requirements.filter(left_source_at=None).select_related("parent").defer("text", "guidance"))
    by_id = {row.external_id: row for row in rows}
    parents = {row.external_id: row.parent.external_id if row.parent else "" for row in rows}
    selectable = {key: parents[key] for key, row in by_id.items() if not row.is_group}
    found, missing = selected_ids(profile, selectable)
    if not found:
        raise Refused(_t("The profile selects nothing that is in “%(library)s”.") % {"library": framework})
    baseline = framework.baselines.filter(key=profile.series).first()
    before = set(baseline.requirements.values_list("pk", flat=True)) if baseline else set()
    chosen = [by_id[key] for key in found]
    now = {row.pk for row in chosen}
    return BaselinePlan(profile, framework, chosen, missing, len(now - before), len(before - now), parents=parents)


def _named_library(options: Options, by: Any) -> Framework | None:
    if not options.library:
        return None
    seen = Framework.objects.visible_to(by) if by is not None else Framework.objects.all()
    framework = seen.filter(code__iexact=options.library.strip()).first()
    if framework is None:
        raise Refused(_t("There is no library with the code “%(code)s”.") % {"code": options.library})
    return framework


def _library_of(profile: Profile, by: Any) -> Framework:
    """The library that holds most of what the profile names; of equal ones the newest edition."""
    seen = Framework.objects.visible_to(by) if by is not None else Framework.objects.all()
    names = named_ids(profile)
    candidates = list(seen.imported().order_by("-pk"))
    if not names and len(candidates) == 1:
        return candidates[0]
    known = Requirement.objects.filter(Q(framework__in=candidates), external_id__in=names, is_group=False)
    holds: dict[int, int] = {}
    for pk in known.values_list("framework_id", flat=True):
        holds[pk] = holds.get(pk, 0) + 1
    # A baseline that was resolved into a library of its own is not what a profile selects from.
    best = max(candidates, key=lambda one: (holds.get(one.pk, 0), one.counts.get("requirements", 0)), default=None)
    if best is None or not holds.get(best.pk):
        raise Refused(_t("The catalogue that this profile selects from is not in the portal. Import it first."))
    return best


def digest_of(entry: Entry) -> str:
    """sha256 of what the source says of one entry."""
    said: dict[str, Any] = {name: getattr(entry, name) for name in _COMPARED}
    said["parent"] = entry.parent
    said["parts"] = [part.as_data() for part in entry.parts]
    said["parameters"] = [parameter.as_data() for parameter in entry.parameters]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def day_in(text: str) -> date | None:
    """An ISO date, if the text is one."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
