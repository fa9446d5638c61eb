"""Are groups and delegations as the audit log says? Asked by `manage.py verify`."""

from collections.abc import Iterator

from core.ledger import kind_of
from core.models import LedgerLine
from people.changing import words
from people.models import Delegation, Department, Person

STATING = ("person_added", "person_changed", "first_administrator", "made_administrator", "groups_set")


def check_people() -> Iterator[str]:
    """People in groups, and delegations, of which no line tells."""
    yield from _groups()
    yield from _delegations()
    yield from _lineages()


def _lineages() -> Iterator[str]:
    """Departments that stand elsewhere in the tree than their parents say: the lineage opens records."""
    parents = dict(Department.objects.values_list("pk", "parent_id"))
    for pk, lineage in Department.objects.values_list("pk", "lineage"):
        expected, above = [], pk
        while above is not None and above not in expected:
            expected.append(above)
            above = parents[above]
        if sorted(lineage) != sorted(expected):
            yield f"Department {pk} stands elsewhere in the tree than its parents say."


def _groups() -> Iterator[str]:
    """Groups as the last line about them says; who has powers of whom no line tells is named too."""
    said: dict[int | None, str | None] = {}
    lines = LedgerLine.objects.filter(record_kind=kind_of(Person), event__in=STATING).order_by("id")
    for pk, event, stated in lines.values_list("record_id", "event", "data__groups").iterator():
        if event in ("first_administrator", "made_administrator"):
            said[pk] = None  # every group, or those from before and administrator
        elif stated is not None:
            said[pk] = stated[1] if isinstance(stated, list) else stated
    for person in Person.objects.prefetch_related("groups").order_by("pk").iterator(500):
        names = words([group.name for group in person.groups.all()])
        if person.pk not in said:
            if person.is_superuser or set(names.split(", ")) & {"administrator", "auditor", "officer"}:
                yield f"Person {person.pk} ({person.email}) has powers that the audit log does not tell of: {names}."
        elif said[person.pk] is not None and said[person.pk] != names:
            yield f"Person {person.pk} ({person.email}) is in {names or '–'}, by the audit log in {said[person.pk]}."
        elif said[person.pk] is not None and person.is_superuser:
            yield f"Person {person.pk} ({person.email}) has every power, of which the audit log does not tell."


def _delegations() -> Iterator[str]:
    lines = LedgerLine.objects.filter(record_kind=kind_of(Person), event="delegated")
    told = set(lines.values_list("record_id", "data__from"))
    for one in Delegation.objects.select_related("person", "delegate").iterator(500):
        if (one.person_id, one.starts_on.isoformat()) not in told:
            yield f"Delegation {one.pk} of person {one.person_id} has no line in the audit log."
