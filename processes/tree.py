"""The shape of the process tree: starting a process, moving a branch, merging two processes.

One at a time: two moves side by side could make a ring, so each takes one advisory lock until its transaction ends.
"""

from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _t

from core import catalog
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.many_rows import update_rows
from core.models import CatalogLink, Watch
from core.numbering import NumberTaken, is_well_formed, take_code, tidy_code
from core.safe.line import one_line
from processes.models import FormerProcessCode, Process, ProcessMap
from processes.models.process import MAX_LEVEL, MAX_LINES, SIPOC, TREE_LOCK

FIRST_CODE = "P"  # the first part of the code of a process at the top: P1, P2


class BadCode(Refused):
    """A code that cannot be one, or belongs to another record."""


def lock_tree() -> None:
    """Let nobody else change the shape of the tree until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


# --- starting ----------------------------------------------------------------------------------------------


def start_process(*, by: Any, title: str, parent: Process | None = None, code: str = "", **facts: Any) -> Process:
    """Make a process at the end of its siblings. Without ``code`` it gets the next one below its parent: P3.1.2.

    ``facts`` are fields of the process. Raises ``Refused``.
    """
    if not one_line(title):
        raise Refused(_t("Enter a title."))
    with transaction.atomic():
        owned = {"owner": by, "department": getattr(by, "department", None)} | facts
        process = Process(title=one_line(title)[:300], code=code, parent=parent, **owned)
        prepare_in_tree(process, by=by)
        process.save(by=by)
        record_line(process, "created", by=by, to_state=process.state)
    return process


def prepare_in_tree(process: Process, *, by: Any) -> None:
    """Give a new process its place behind its siblings, its level and its code, in the caller's transaction. Raises
    ``BadCode``, or another ``Refused`` that is about the parent."""
    lock_tree()
    parent = Process.objects.get(pk=process.parent_id) if process.parent_id else None
    refuse_bad_parent(parent, by=by)
    if parent is not None and parent.level >= MAX_LEVEL:
        raise Refused(_too_deep())
    last = Process.objects.filter(parent=parent).aggregate(last=Max("position"))["last"] or 0
    process.parent, process.position, process.level = parent, last + 1, parent.level + 1 if parent else 0
    process.code = take_free_code(process.code) if (process.code or "").strip() else next_code_below(parent)


def refuse_bad_parent(parent: Process | None, *, by: Any) -> None:
    """Raise ``Refused`` unless this person may put a process there."""
    if by is None:
        return
    if parent is None:
        if not by.has_perm("processes.keep_processes"):
            raise NotAllowed(_t("Only process officers put processes at the top. Choose the process it is part of."))
    elif parent.is_retired:
        raise Refused(_t("%(code)s is retired. Choose an active process.") % {"code": parent.code})
    elif not by.has_perm("processes.add_below", parent):
        raise NotAllowed(_t("You may not add processes under %(code)s.") % {"code": parent.code})


def take_free_code(code: str) -> str:
    """The code as it is stored, taken for good; ``Refused`` where it cannot be one or is taken."""
    tidy = tidy_code(code)
    if not is_well_formed(tidy):
        raise BadCode(_t("“%(code)s” cannot be a code. Use letters, digits, dots and hyphens.") % {"code": code})
    try:
        return take_code(tidy)
    except NumberTaken as taken:
        raise BadCode(str(taken)) from None


def next_code_below(parent: Process | None) -> str:
    """The next free code under a process: P3.1 has P3.1.1, P3.1.2 …; at the top P1, P2 …"""
    stem = f"{parent.code}." if parent else FIRST_CODE
    number = Process.objects.filter(parent=parent).count()
    while True:
        number += 1
        try:
            return take_code(f"{stem}{number}")
        except NumberTaken:
            continue


def _too_deep() -> str:
    return _t("The tree has the levels L0 to L%(n)s: there is no level below that one.") % {"n": MAX_LEVEL}


# --- moving ------------------------------------------------------------------------------------------------


def place(process: Process, under: Process | None, *, by: Any, position: int | None = None, reason: str = "") -> bool:
    """Move a process with everything below it under another one (None: to the top), as the ``position``-th of its
    siblings counted from 1 (None: where it is, else last). Returns whether anything changed. Raises ``Refused``, and
    leaves a trace of that too."""
    try:
        with transaction.atomic():
            lock_tree()
            return _place_locked(process, under, by=by, position=position, reason=reason)
    except Refused as refusal:
        record_refusal(process, "place", by=by, reason=str(refusal.message))
        raise


def _place_locked(process: Process, under: Process | None, *, by: Any, position: int | None, reason: str) -> bool:
    process = Process.objects.select_for_update(no_key=True).get(pk=process.pk)
    if not by.has_perm("processes.place_process", process):
        raise NotAllowed(_t("You may not move this process."))
    under = Process.objects.get(pk=under.pk) if under else None
    is_elsewhere = process.parent_id != (under.pk if under else None)
    if is_elsewhere:
        refuse_bad_parent(under, by=by)
        _refuse_bad_place(process, under)
        _hang(process, under, by=by, reason=reason)
    elif position is None:
        return False
    is_reordered = _order_siblings(process, under, position)
    if is_reordered and not is_elsewhere:
        record_line(process, "reordered", by=by, reason=reason, data={"position": position})
    return is_elsewhere or is_reordered


def _refuse_bad_place(process: Process, under: Process | None) -> None:
    if under is None:
        return
    if under.is_below(process):
        raise Refused(
            _t("A process cannot be moved under itself.")
            if under.pk == process.pk
            else _t("%(code)s is part of this process. Choose a process outside its own branch.") % {"code": under.code}
        )
    deepest = Process.objects.filter(lineage__contains=[process.pk]).aggregate(level=Max("level"))["level"]
    if under.level + 1 + deepest - process.level > MAX_LEVEL:
        raise Refused(_too_deep())


def _hang(process: Process, under: Process | None, *, by: Any, reason: str) -> None:
    """Give the process its new parent, and everything below it the new lineage."""
    before = process.parent
    above = under.lineage if under else []
    process.parent, process.lineage, process.level = under, [process.pk, *above], len(above)
    process.save(by=by, reason=reason)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE processes_process SET
                   lineage = lineage[1:array_position(lineage, %(pk)s)] || %(above)s::bigint[],
                   level = array_position(lineage, %(pk)s) + %(depth)s - 1
               WHERE lineage @> ARRAY[%(pk)s]::bigint[] AND id <> %(pk)s""",
            {"pk": process.pk, "above": above, "depth": len(above)},
        )
    record_line(
        process,
        "placed",
        by=by,
        reason=reason,
        data={"parent": [before.pk if before else None, under.pk if under else None]},
    )


def _order_siblings(process: Process, under: Process | None, position: int | None) -> bool:
    """Number the siblings from 1 with the process at its place; returns whether their order changed."""
    siblings = list(Process.objects.filter(parent=under).exclude(pk=process.pk).in_tree_order())
    # People count the active siblings, which is what they see.
    active = [number for number, sibling in enumerate(siblings) if not sibling.is_retired]
    at = len(siblings) if position is None or position > len(active) else active[max(position - 1, 0)]
    was = list(Process.objects.filter(parent=under).in_tree_order().values_list("pk", flat=True))
    siblings.insert(at, process)
    changed = []
    for number, sibling in enumerate(siblings, start=1):
        if sibling.position != number:
            sibling.position = number
            changed.append(sibling)
    update_rows(changed, ("position",))
    return was != [sibling.pk for sibling in siblings]


def rename(process: Process, code: str, *, by: Any, reason: str = "") -> Process:
    """Give a process another code; the address with the old one leads to it for good. Raises ``Refused``."""
    try:
        with transaction.atomic():
            process = Process.objects.select_for_update(no_key=True).get(pk=process.pk)
            if not by.has_perm("processes.place_process", process):
                raise NotAllowed(_t("You may not change the code of this process."))
            before = process.code
            if tidy_code(code) == before:
                return process
            process.code = take_free_code(code)
            FormerProcessCode.objects.create(code=before, process=process)
            process.save(by=by, reason=reason)
            data = {"before": before, "after": process.code}
            record_line(process, "code_changed", by=by, reason=reason, data=data)
            return process
    except Refused as refusal:
        record_refusal(process, "change code", by=by, reason=str(refusal.message))
        raise


# --- merging -----------------------------------------------------------------------------------------------


def merge(process: Process, into: Process, *, by: Any, reason: str) -> Process:
    """Merge a process into another one: sub-processes, documents, maps, SIPOC and watchers go over, the process is
    retired with the other as successor and its address leads there. What upper apps hang on it follows by the signal
    ``moved`` (move ``merge``; ``record.successor``). Raises ``Refused``, and leaves a trace of that too."""
    try:
        with transaction.atomic():
            lock_tree()
            # Both, by key: of two merges crosswise one waits, none hangs.
            locked = Process.objects.select_for_update(no_key=True).filter(pk__in=[process.pk, into.pk]).order_by("pk")
            rows = {row.pk: row for row in locked}
            _refuse_bad_merge(rows[process.pk], rows[into.pk], by=by)
            _hand_over(rows[process.pk], rows[into.pk], by=by, reason=reason)
            merged = rows[process.pk].move("merge", by=by, comment=reason, successor=rows[into.pk])
            record_line(rows[into.pk], "merged_in", by=by, reason=reason, data={"process": process.pk})
            catalog.refresh(rows[into.pk])
            return merged
    except Refused as refusal:
        record_refusal(process, "merge", by=by, reason=str(refusal.message))
        raise


def _refuse_bad_merge(process: Process, into: Process, *, by: Any) -> None:
    if process.pk == into.pk:
        raise Refused(_t("Choose another process: it cannot be merged into itself."))
    if into.is_retired:
        raise Refused(_t("%(code)s is retired. Choose an active process.") % {"code": into.code})
    if not (by.has_perm("processes.merge_process", process) and by.has_perm("processes.change_process", into)):
        raise NotAllowed(_t("You may not merge these two processes."))
    if into.is_below(process):
        raise Refused(
            _t("%(code)s is part of this process. Move it out first, or merge the other way round.")
            % {"code": into.code}
        )


def _hand_over(process: Process, into: Process, *, by: Any, reason: str) -> None:
    for child in Process.objects.filter(parent=process).in_tree_order():
        _refuse_bad_place(child, into)
        _hang(child, into, by=by, reason=reason)
        _order_siblings(child, into, None)
    _hand_over_documents(process, into)
    _hand_over_maps(process, into)
    _hand_over_sipoc(process, into, by=by)
    _hand_over_watchers(process, into)


def _hand_over_documents(process: Process, into: Process) -> None:
    """Links that both have are one afterwards; the index says the same of both."""
    there = dict(into.document_links.values_list("document", "position"))
    last = max(there.values(), default=0)
    for link in process.document_links.all():
        if link.document_id in there:
            link.delete()
        else:
            last += 1
            link.process, link.position = into, last
            link.save()
    links = CatalogLink.objects.filter(source=catalog.entry_of(process))
    CatalogLink.objects.bulk_create(
        [
            CatalogLink(source=catalog.entry_of(into), target_id=link.target_id, relation=link.relation)
            for link in links
        ],
        ignore_conflicts=True,
    )
    links.delete()


def _hand_over_maps(process: Process, into: Process) -> None:
    maps = ProcessMap.objects.current().filter(purpose=ProcessMap.Purpose.AS_IS)
    if maps.filter(process=process).exists() and maps.filter(process=into).exists():
        raise Refused(_t("Both processes have an As-Is map. Retire one of the maps, or make it a To-Be map, first."))
    ProcessMap.objects.filter(process=process).update(process=into)


def _hand_over_sipoc(process: Process, into: Process, *, by: Any) -> None:
    """Lines that the other does not have yet, whatever their spelling, as far as there is room."""
    changed = False
    for column in SIPOC:
        lines = getattr(into, column)
        known = {line.casefold() for line in lines}
        new = [line for line in getattr(process, column) if line.casefold() not in known]
        if new:
            setattr(into, column, [*lines, *new][:MAX_LINES])
            changed = True
    if changed:
        into.save(by=by, reason=f"SIPOC of {process.code}")


def _hand_over_watchers(process: Process, into: Process) -> None:
    entry, other = catalog.entry_of(process), catalog.entry_of(into)
    Watch.objects.bulk_create(
        [
            Watch(
                person_id=watch.person_id, entry=other, is_watching=watch.is_watching, is_favourite=watch.is_favourite
            )
            for watch in Watch.objects.filter(entry=entry)
        ],
        ignore_conflicts=True,
    )
