"""The work behind the pages of importing libraries: read and compare first, then write."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audits.frameworks.places import UnreadableFramework
from audits.frameworks.reading import read_framework
from audits.frameworks.table import ColumnMapping
from audits.frameworks.values import Library, Profile
from audits.import_plan import BaselinePlan, Change, Options, Plan, plan_import
from audits.import_run import run_import
from audits.models import FrameworkImport
from core import jobs
from core.jobs import Work, runs
from core.ledger import record_line
from core.lifecycle import Refused
from core.saying import in_words

UPLOADS_KEPT = timedelta(days=7)
LISTED = 200  # changes that are named; the rest is counted


def begin(run: FrameworkImport) -> None:
    """Store the upload and find out what it would do."""
    with transaction.atomic():
        run.save()
        run.job = jobs.ask("audits.check_framework", by=run.asked_by, run=run.pk)
        run.save(update_fields=["job"])
        record_line(run, "import_checked", by=run.asked_by, data={"file": run.file_name})


def apply(run: FrameworkImport, *, by: Any) -> None:
    """Ask for the import, once."""
    if run.stage != "checked":
        raise Refused(_t("There is nothing to import, or it was imported already."))
    with transaction.atomic():
        if FrameworkImport.objects.filter(pk=run.pk, apply_asked_at=None).update(apply_asked_at=timezone.now()):
            job = jobs.ask("audits.apply_framework", by=by, run=run.pk)
            FrameworkImport.objects.filter(pk=run.pk).update(job=job)
            record_line(run, "import_applied", by=by, data={"file": run.file_name})


def forget_uploads() -> None:
    """Remove uploaded files that nobody imported within a week."""
    old = FrameworkImport.objects.filter(asked_at__lt=timezone.now() - UPLOADS_KEPT, apply_asked_at=None)
    for run in old.exclude(file=""):
        run.file.delete(save=True)


@runs("audits.check_framework", label=_("Preview of a requirement library"))
def check_framework(work: Work) -> dict[str, Any]:
    run = FrameworkImport.objects.select_related("asked_by").get(pk=work.arguments["run"])
    try:
        content, _data = _read(run)
        plan = plan_import(content, _options(run), by=run.asked_by)
    except UnreadableFramework as problem:
        run.problems = [f"{one.place}: {in_words(one.message)}".removeprefix(": ") for one in problem.problems]
    except Refused as refusal:
        run.problems = [str(refusal.message)]
    else:
        run.summary, run.checked_at = summary_of(plan), timezone.now()
    run.save(update_fields=["problems", "summary", "checked_at"])
    return {"url": run.get_absolute_url()}


@runs("audits.apply_framework", label=_("Import of a requirement library"))
def apply_framework(work: Work) -> dict[str, Any]:
    run = FrameworkImport.objects.get(pk=work.arguments["run"])
    if run.applied_at:  # a worker before this one came to the end
        return {"url": run.get_absolute_url()}
    content, data = _read(run)
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        plan = run_import(content, _options(run), by=work.by, file_name=run.file_name, sha256=sha256)
        run.summary, run.applied_at, run.framework = summary_of(plan), timezone.now(), plan.framework
        run.save(update_fields=["summary", "applied_at", "framework"])
    run.file.delete(save=True)
    return {"url": run.get_absolute_url()}


def _read(run: FrameworkImport) -> tuple[Library | Profile, bytes]:
    with run.file.open("rb") as stored:
        data = stored.read()
    columns = run.options.get("columns")
    mapping = None
    if columns:
        groups = [(key, name) for key, name in columns.pop("groups", [])]
        mapping = ColumnMapping(**columns, groups=groups)
    return read_framework(data, run.file_name, mapping), data


def _options(run: FrameworkImport) -> Options:
    return Options(**{name: value for name, value in run.options.items() if name != "columns"})


def summary_of(plan: Plan | BaselinePlan) -> dict[str, Any]:
    """What a page says of a plan, as JSON."""
    if isinstance(plan, BaselinePlan):
        return {
            "baseline": plan.profile.title,
            "library": str(plan.framework),
            "line": plan.last_line(),
            "missing": plan.missing[:LISTED],
            "added": plan.added,
            "dropped": plan.dropped,
        }
    return {
        "title": plan.library.title,
        "edition": plan.library.edition,
        "publisher": plan.library.publisher,
        "line": plan.last_line(),
        "levels": [[selection.title, len(selection.ids)] for selection in plan.library.selections],
        "is_new": plan.framework is None,
        "previous": str(plan.previous) if plan.previous else "",
        "gone": len(plan.gone),
        "changes": {name: _named(getattr(plan, name)) for name in ("added", "changed", "withdrawn")},
        "counted": {name: len(getattr(plan, name)) for name in ("added", "changed", "withdrawn")},
        "links": [plan.links_carried, plan.links_to_check, plan.links_left],
    }


def _named(changes: list[Change]) -> list[list[str]]:
    return [[change.label, change.title] for change in changes[:LISTED]]
