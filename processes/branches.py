"""The process tree as a page shows it: only the branches that are open are read, however large the tree is."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from processes.models import Process, ProcessDocument

SMALL_TREE = 60  # a tree of so many processes is shown open unless somebody closed it
MAX_ALL = 400  # processes up to which everything may be opened at once
MAX_OPEN = 200  # branches that one address may hold open


@dataclass
class Branch:
    """One process in the tree, with what stands below it where it is open."""

    process: Process
    is_open: bool = False
    branches: list["Branch"] = field(default_factory=list)
    address: str = ""  # opens or closes it


@dataclass
class ProcessTree:
    """What is open of the tree."""

    branches: list[Branch]
    open_codes: list[str]
    total: int  # processes that the person may see
    shown: int = 0


def read_tree(
    person: Any,
    open_codes: Iterable[str] | None,
    *,
    at: str = "",
    with_retired: bool = False,
    everything: bool = False,
) -> ProcessTree:
    """The tree as this person may see it, open at the processes with these codes (None: as it first shows) and down to
    the process ``at``. A process whose parent is hidden from the person stands at the top. At most five queries."""
    visible = Process.objects.visible_to(person)
    if not with_retired:
        visible = visible.active()
    total = visible.count()
    if total <= MAX_ALL and (everything or (open_codes is None and total <= SMALL_TREE)):
        opened = dict(visible.filter(children__isnull=False).distinct().order_by().values_list("pk", "code"))
    else:
        opened = _opened(visible, open_codes or (), at)
    rows = list(_rows(visible, opened))
    _count_documents(rows, person)
    known = {row.pk for row in rows}
    below: dict[int | None, list[Process]] = defaultdict(list)
    for row in rows:
        below[row.parent_id if row.parent_id in known else None].append(row)
    tree = ProcessTree([], sorted(opened.values()), total, len(rows))
    tree.branches = _grown(below, None, set(opened))
    return tree


def _opened(visible: "QuerySet[Process]", open_codes: Iterable[str], at: str) -> dict[int, str]:
    """Key and code of the processes whose branches are open."""
    wanted = Q(code__in=list(open_codes)[:MAX_OPEN])
    if at:
        above = visible.filter(code=at).values_list("lineage", flat=True).first() or []
        wanted |= Q(pk__in=above[1:])
    return dict(visible.filter(wanted).order_by().values_list("pk", "code"))


def _rows(visible: "QuerySet[Process]", opened: dict[int, str]) -> "QuerySet[Process]":
    """What stands in open branches and at the top."""
    hidden_parent = Q(parent__isnull=False) & ~Exists(visible.filter(pk=OuterRef("parent_id")))
    has_children = Exists(visible.filter(parent=OuterRef("pk")))
    wanted = Q(parent=None) | Q(parent__in=list(opened)) | hidden_parent
    return visible.filter(wanted).annotate(has_children=has_children).select_related("owner").in_tree_order()


def _count_documents(rows: list[Process], person: Any) -> None:
    counts = dict(
        ProcessDocument.objects.visible_to(person)
        .filter(process__in=[row.pk for row in rows])
        .order_by()
        .values_list("process")
        .annotate(n=Count("pk"))
    )
    for row in rows:
        row.document_count = counts.get(row.pk, 0)


def _grown(below: dict[int | None, list[Process]], parent: int | None, opened: set[int]) -> list[Branch]:
    return [
        Branch(process, process.pk in opened, _grown(below, process.pk, opened) if process.pk in opened else [])
        for process in below.get(parent, ())
    ]
