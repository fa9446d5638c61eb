"""Requirements that the organisation writes itself: libraries for policies, laws and contracts."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audits.frameworks.values import normalised_id, series_of
from audits.models import Framework, Requirement
from core import catalog
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.numbering import next_code
from core.safe.line import one_line
from people.leaving import Held, Holding, in_sight
from people.models import Person

FACTS = ("title", "sort", "edition", "publisher", "licence", "description", "owner", "department", "audience")


def start_library(*, by: Any, readers: Any = (), reader_roles: Any = (), **facts: Any) -> Framework:
    """Make an empty library of own requirements."""
    if not by.has_perm("audits.add_framework"):
        raise NotAllowed(_t("You may not start requirement libraries."))
    with transaction.atomic():
        framework = Framework(code=next_code("REQ"), **facts)
        framework.series = series_of(framework.title) or framework.code.lower()
        framework.save(by=by, reason="started")
        framework.set_readers(people=readers, roles=reader_roles, by=by)
        framework.recount()
        record_line(framework, "started", by=by, data={"title": framework.title})
    return framework


def change_library(framework: Framework, *, by: Any, readers: Any, reader_roles: Any, **facts: Any) -> None:
    """Change who owns and sees a library, and the facts around it."""
    if not by.has_perm("audits.change_framework", framework):
        raise NotAllowed(_t("You may not change this library."))
    with transaction.atomic():
        framework = Framework.objects.select_for_update(no_key=True).get(pk=framework.pk)
        changed = [name for name, value in facts.items() if getattr(framework, name) != value]
        for name in changed:
            setattr(framework, name, facts[name])
        if changed:
            framework.save(by=by, reason="facts changed")
            record_line(framework, "facts_changed", by=by, data={"changed": changed})
        framework.set_readers(people=readers, roles=reader_roles, by=by)


def write_requirement(
    framework: Framework, requirement: Requirement | None, *, by: Any, row_version: int = 0, **facts: Any
) -> Requirement:
    """Add a requirement or group to an own library (``requirement=None``), or change one. ``facts``: label, title,
    text, guidance, is_group, is_withdrawn, parent. Raises ``Stale`` where somebody saved since ``row_version``."""
    if not by.has_perm("audits.change_framework", framework):
        raise NotAllowed(_t("You may not change this library."))
    if not framework.is_own:
        raise Refused(_t("This library came from a file. Import the file again to change its words."))
    facts["label"], facts["title"] = one_line(facts["label"]), one_line(facts["title"])
    try:
        with transaction.atomic():
            if requirement is None:
                return _add(framework, by, facts)
            return _change(framework, requirement, by, row_version, facts)
    except IntegrityError:
        raise Refused(_t("“%(number)s” is used already in this library.") % {"number": facts["label"]}) from None


def _add(framework: Framework, by: Any, facts: dict[str, Any]) -> Requirement:
    Framework.objects.select_for_update(no_key=True).get(pk=framework.pk)
    last = framework.requirements.aggregate(last=Max("position"))["last"]
    row = Requirement(framework=framework, position=0 if last is None else last + 1, **facts)
    row.id_key = normalised_id(row.label)
    row.external_id = row.id_key
    row.slug = "".join(sign if sign.isalnum() else "-" for sign in row.id_key).strip("-")
    row.depth = row.parent.depth + 1 if row.parent else 0
    row.is_enhancement = bool(not row.is_group and row.parent and not row.parent.is_group)
    row.save(by=by, reason="written")
    catalog.refresh(row)
    record_line(row, "requirement_written", by=by, data={"title": row.title})
    framework.recount()
    return row


def _change(framework: Framework, requirement: Requirement, by: Any, row_version: int, facts: dict[str, Any]) -> Any:
    row = (
        Requirement.objects.select_for_update(no_key=True, of=["self"])
        .select_related("framework")
        .get(pk=requirement.pk)
    )
    changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
    if not changed:
        return row
    row.refuse_if_changed_since(row_version)
    for name, value in changed.items():
        setattr(row, name, value)
    row.id_key = normalised_id(row.label)  # its address and external id stay: links and answers know it by them
    row.depth = row.parent.depth + 1 if row.parent else 0
    row.save(by=by, reason="written")
    catalog.refresh(row)
    record_line(row, "requirement_written", by=by, data={"changed": sorted(changed)})
    framework.recount()
    return row


def _owned(person: Person, seen_by: Any) -> list[Held]:
    libraries = in_sight(Framework.objects.all(), seen_by).owned_by(person)
    return [Held(one.title, one.get_absolute_url(), one.code) for one in libraries]


def _hand_over(person: Person, *, to: Person, by: Any) -> int:
    libraries = list(Framework.objects.all().owned_by(person))
    for library in libraries:
        library.owner = to
        library.save(by=by, reason="handed over")
        record_line(library, "owner_changed", by=by, data={"from": str(person), "to": str(to)})
    return len(libraries)


HOLDING = Holding("libraries", _("Requirement libraries they own"), _owned, _hand_over, 43)
