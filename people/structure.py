"""Departments and job roles: adding, renaming, moving and taking out of use, each with a ledger line."""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from people.changing import words
from people.models import Department, JobRole


def _refuse_others(by: Any) -> None:
    if by is not None and not by.has_perm("people.change_person"):
        raise NotAllowed(_t("Only administrators change departments and job roles."))


def _refuse_while_used(record: Department | JobRole) -> None:
    people = record.people.filter(is_active=True).count()
    if people:
        raise Refused(
            ngettext(
                "%(n)s person still belongs to it. Move them first.",
                "%(n)s people still belong to it. Move them first.",
                people,
            )
            % {"n": people}
        )
    if isinstance(record, Department) and record.children.filter(is_active=True).exists():
        raise Refused(_t("Departments below it are still in use. Move or close them first."))


def save_part(record: Department | JobRole, *, by: Any, values: dict[str, Any]) -> list[str]:
    """Add or change a department or job role. Returns the names of the fields that changed."""
    _refuse_others(by)
    with transaction.atomic():
        if isinstance(record, Department):
            # One at a time: two moves side by side could make a ring.
            list(Department.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        is_new = record.pk is None
        stored: models.Model | None = None if is_new else type(record)._default_manager.get(pk=record.pk)
        changed = [name for name, value in values.items() if stored is None or getattr(stored, name) != value]
        if not changed:
            return []
        if "is_active" in changed and not values["is_active"] and not is_new:
            _refuse_while_used(record)
        before = {name: words(getattr(stored, name)) if stored else "" for name in changed}
        for name in changed:
            setattr(record, name, values[name])
        if "parent" in changed and record.parent is not None and record.pk:
            record.parent = Department.objects.get(pk=record.parent.pk)
            if record.pk in record.parent.lineage:
                raise Refused(_t("A department cannot belong to itself or to one below it."))
        record._history_user = by
        record.save()
        event = f"{record._meta.model_name}_{'added' if is_new else 'changed'}"
        record_line(record, event, by=by, data={name: [before[name], words(getattr(record, name))] for name in changed})
    return changed


def department_tree(*, with_closed: bool) -> list[tuple[Department, int]]:
    """Every department with its depth, parents before children, read in one query."""
    departments = Department.objects.all() if with_closed else Department.objects.filter(is_active=True)
    counted = departments.annotate(members=models.Count("people", filter=models.Q(people__is_active=True)))
    below: dict[int | None, list[Department]] = {}
    known = {department.pk: department for department in counted}
    for department in known.values():
        parent = department.parent_id if department.parent_id in known else None
        below.setdefault(parent, []).append(department)
    tree: list[tuple[Department, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for department in below.get(parent, []):
            tree.append((department, depth))
            walk(department.pk, depth + 1)

    walk(None, 0)
    return tree
