"""What the pages of a library ask: its tree, branch by branch, what is found in it, how much is fulfilled."""

from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from audits.frameworks.values import normalised_id
from audits.models import Framework, Requirement, RequirementLink
from core.search_words import plain

FOUND = 100  # rows of a search; more than that is not read
STATES = ("open", "fulfilled", "check", "not")


def with_marks(rows: QuerySet[Requirement], person: Any) -> QuerySet[Requirement]:
    """With what a line of the tree shows: whether something fulfils it that the person sees, and how many are below."""
    links = RequirementLink.objects.visible_to(person).filter(requirement=OuterRef("pk"))
    return rows.annotate(
        is_fulfilled=Exists(links),
        has_check=Exists(links.filter(needs_check=True)),
        child_count=Count("children", filter=Q(children__left_source_at=None)),
    )


def branch(framework: Framework, parent: Requirement | None, person: Any) -> list[Requirement]:
    """The entries directly below one, or the outermost ones."""
    rows = framework.requirements.filter(parent=parent, left_source_at=None)
    found = list(with_marks(rows, person).order_by("position", "pk"))
    for row in found:
        row.framework = framework
    return found


def found_in(
    framework: Framework, person: Any, *, q: str = "", baseline: str = "", state: str = ""
) -> list[Requirement]:
    """Requirements that match: a number in any spelling first, else words; within a baseline and a state."""
    rows = framework.requirements.filter(left_source_at=None)
    if baseline:
        rows = rows.filter(baselines__key=baseline, baselines__framework=framework)
    rows = _matching(rows, q) if q else rows.filter(is_group=False)
    rows = with_marks(rows, person)
    if state in ("open", "fulfilled"):
        rows = rows.filter(is_fulfilled=state == "fulfilled", is_group=False, is_withdrawn=False)
    elif state == "check":
        rows = rows.filter(has_check=True)
    elif state == "not":
        rows = rows.filter(applicability="not")
    found = list(rows.order_by("position", "pk")[: FOUND + 1])
    for row in found:
        row.framework = framework
    return found


def _matching(rows: QuerySet[Requirement], q: str) -> QuerySet[Requirement]:
    key = normalised_id(q)
    named = rows.filter(Q(id_key=key) | Q(id_key__startswith=f"{key}.")) if key else rows.none()
    if named.filter(id_key=key).exists():
        return named
    vector = SearchVector("label", "title", "text", config="portal")
    words = SearchQuery(plain(q), config="portal", search_type="plain")
    return rows.annotate(words=vector).filter(Q(words=words) | Q(title__icontains=q) | Q(label__istartswith=q))


def fulfilled_counts(frameworks: list[Framework], person: Any) -> dict[int, tuple[int, int]]:
    """(applicable requirements, those that something fulfils) by library."""
    links = RequirementLink.objects.visible_to(person).filter(requirement=OuterRef("pk"))
    rows = (
        Requirement.objects.active()
        .exclude(applicability="not")
        .filter(framework__in=frameworks)
        .annotate(done=Exists(links))
        .order_by()
        .values_list("framework_id")
        .annotate(n=Count("pk"), done_count=Count("pk", filter=Q(done=True)))
    )
    return {pk: (n, done) for pk, n, done in rows}


def edition_changes(framework: Framework, person: Any) -> dict[str, list[Any]]:
    """What an edition has that the one before had not, what reads differently, and what no longer holds."""
    if framework.previous is None:
        return {}
    before = {row.id_key: row for row in framework.previous.requirements.filter(is_group=False)}
    now = {row.id_key: row for row in framework.requirements.filter(is_group=False, left_source_at=None)}
    for row in (*before.values(), *now.values()):
        row.framework = framework if row.framework_id == framework.pk else framework.previous
    withdrawn = [
        row
        for key, row in before.items()
        if not row.is_withdrawn and (key not in now or now[key].is_withdrawn) and row.left_source_at is None
    ]
    return {
        "added": [row for key, row in now.items() if key not in before],
        "changed": [
            (before[key], row)
            for key, row in now.items()
            if key in before and row.digest != before[key].digest and not row.is_withdrawn
        ],
        "withdrawn": withdrawn,
    }
