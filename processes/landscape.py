"""The process landscape: the value chain by category, and how well each process is looked after."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from processes.models import Process, ProcessDocument
from processes.models.category import category_names

LEVELS = 3  # shown at most; what lies deeper is counted in its ancestors
MAX_BOXES = 500  # with more, a level less is shown
MAP_KIND = "map"


@dataclass
class Care:
    """What a process and everything below it has: maps, documents, and how many of their reviews are overdue."""

    maps: int = 0
    documents: int = 0
    overdue: int = 0


@dataclass
class Box:
    """One process of the landscape with the processes below it that are of the same category."""

    process: Process
    care: Care
    boxes: list["Box"] = field(default_factory=list)


@dataclass
class Band:
    """One category with its processes from left to right."""

    key: str
    name: str
    boxes: list[Box] = field(default_factory=list)


def read_landscape(person: Any, today: date | None = None) -> list[Band]:
    """The categories with the active processes that the person may see. Three queries, however many there are."""
    visible = Process.objects.visible_to(person).active()
    processes = list(visible.filter(level__lt=_levels_shown(visible)).select_related("owner").in_tree_order())
    care = _care_by_process(person, today or timezone.localdate())
    boxes = {process.pk: Box(process, care[process.pk]) for process in processes}
    bands = {key: Band(key, name) for key, name in category_names().items()}
    for process in processes:
        above = boxes.get(process.parent_id)
        is_head = above is None or above.process.category != process.category
        (bands[process.category] if is_head else above).boxes.append(boxes[process.pk])
    return list(bands.values())


def _levels_shown(visible: "QuerySet[Process]") -> int:
    """How many levels fit on the page, from the top; at least the first. One query."""
    by_level = visible.filter(level__lt=LEVELS).order_by("level").values_list("level").annotate(n=Count("pk"))
    shown = total = 0
    for level, count in by_level:
        total += count
        if total <= MAX_BOXES or level == 0:
            shown = level + 1
    return shown


def _care_by_process(person: Any, today: date) -> dict[int, Care]:
    """What hangs on each process and below it, as far as the person may see it. One query."""
    links = ProcessDocument.objects.visible_to(person).filter(document__retired_at=None)
    rows = links.order_by().values_list("process__lineage", "document_id", "document__kind", "document__review_due_on")
    seen: set[tuple[int, int]] = set()
    care: dict[int, Care] = defaultdict(Care)
    for lineage, document, kind, review_due_on in rows:
        for process in lineage:
            if (process, document) in seen:
                continue
            seen.add((process, document))
            found = care[process]
            found.documents += 1
            found.maps += kind == MAP_KIND
            found.overdue += review_due_on is not None and review_due_on < today
    return care
