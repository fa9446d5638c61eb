"""The work behind the import pages: look at everything first, bring it in, take it back."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.jobs import Work, runs
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine
from core.signing import Signature
from documents.models import Document, KindSettings, State
from people.models import Person
from sops.import_plan import CREATED, UNCHANGED, Options, Plan
from sops.import_run import ADOPT, import_path
from sops.import_words import packed
from sops.importing.imported import CannotImport
from sops.importing.sources import opened
from sops.models import ImportRow, ImportRun, ImportSettings

UPLOADS_KEPT = timedelta(days=7)
FACTS = ("code", "version", "effective_on", "approved_on", "approver", "owner", "department", "review_due_on")
UNDOABLE_FOR = timedelta(days=30)


def begin(run: ImportRun) -> None:
    """Store the run and look at what it would do."""
    with transaction.atomic():
        run.save()
        run.job = jobs.ask("sops.check_import", by=run.asked_by, run=run.pk)
        run.save(update_fields=["job"])
        record_line(run, "import_checked", by=run.asked_by, data={"file": run.file_name})


def apply(run: ImportRun, *, by: Person, signature: Signature | None = None) -> bool:
    """Ask for the import, once. What takes effect at once is signed by two people: whether it begins is returned."""
    if run.stage != "checked" or not run.brings_something:
        raise Refused(_t("There is nothing to import, or it was imported already."))
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
        if run.apply_asked_at:
            return True
        if run.as_effective and not _is_signed_by_two(run, by=by, signature=signature):
            return False
        run.apply_asked_at = timezone.now()
        run.job = jobs.ask("sops.apply_import", by=by, run=run.pk)
        run.save(update_fields=["apply_asked_at", "job"])
        record_line(run, "import_applied", by=by, data={"file": run.file_name} | _signed(run, signature))
    return True


def _is_signed_by_two(run: ImportRun, *, by: Person, signature: Signature | None) -> bool:
    """Keep the first signature; whether this is the second, of somebody else than who signed or chose the files."""
    refuse_unless_effective(by=by)
    _refuse_unless_signed(signature, by=by)
    if run.signed_at is None:
        run.signed_by, run.signed_name, run.signed_with = by, str(by), signature.method
        run.signed_at = timezone.now()
        run.save(update_fields=["signed_by", "signed_name", "signed_with", "signed_at"])
        record_line(run, "import_signed", by=by, data={"file": run.file_name, "signed_with": signature.method})
        return False
    if by.pk in (run.signed_by_id, run.asked_by_id):
        raise NotAllowed(_t("Somebody else than who chose the files and signed first has to sign."))
    return True


def _signed(run: ImportRun, signature: Signature | None) -> dict[str, Any]:
    if not run.as_effective or signature is None:
        return {}
    return {"signed_with": signature.method, "signed_first": run.signed_name}


def refuse_unless_effective(*, by: Person) -> None:
    """Raise ``NotAllowed`` unless the organisation lets imports take effect, and this person may let them."""
    if not ImportSettings.current().may_take_effect:
        raise NotAllowed(
            _t("Imports come in as drafts here. An administrator can let them take effect while the first import runs.")
        )
    if not by.has_perm(ADOPT):
        raise NotAllowed(_t("You may not take over versions as approved before the portal."))


def _refuse_unless_signed(signature: Signature | None, *, by: Person) -> None:
    KindSettings(kind="", signing=KindSettings.Signing.SIGNATURE).refuse_unless_signed(signature, by=by)


def undo(run: ImportRun, *, by: Person, reason: str = "", signature: Signature | None = None) -> None:
    """Ask to take the import back, once. What took effect is taken back with a reason and a signature."""
    if run.stage != "applied" or run.applied_at < timezone.now() - UNDOABLE_FOR:
        raise Refused(_t("This import cannot be undone any more."))
    if run.took_effect:
        _refuse_unless_signed(signature, by=by)
        if not reason.strip():
            raise Refused(_t("Enter a reason."))
    with transaction.atomic():
        if ImportRun.objects.filter(pk=run.pk, undo_asked_at=None).update(undo_asked_at=timezone.now()):
            job = jobs.ask("sops.undo_import", by=by, run=run.pk)
            ImportRun.objects.filter(pk=run.pk).update(job=job)
            told = {"file": run.file_name, "signed_with": signature.method if signature else ""}
            record_line(run, "import_undone", by=by, reason=reason, data=told)


def forget_uploads() -> None:
    """Remove uploaded files that nobody imported within a week; what was imported is kept with the documents."""
    old = ImportRun.objects.filter(asked_at__lt=timezone.now() - UPLOADS_KEPT, apply_asked_at=None)
    for run in old.exclude(file=""):
        run.file.delete(save=True)


# --- the work ------------------------------------------------------------------------------------------


@runs("sops.check_import", label=_("Looking at an import"))
def check_import(work: Work) -> dict[str, Any]:
    run = ImportRun.objects.get(pk=work.arguments["run"])
    ImportRow.objects.filter(run=run).delete()
    return _carry_out(work, run, run.asked_by, dry_run=True)


@runs("sops.apply_import", label=_("Importing procedures"))
def apply_import(work: Work) -> dict[str, Any]:
    run = ImportRun.objects.get(pk=work.arguments["run"])
    return _carry_out(work, run, work.by, dry_run=False)


def _carry_out(work: Work, run: ImportRun, by: Person, *, dry_run: bool) -> dict[str, Any]:
    options = Options(
        kind=run.kind, department=run.department, as_effective=run.as_effective, dry_run=dry_run, run=run.pk
    )
    done = 0

    def keep(plans: list[Plan]) -> None:
        nonlocal done
        with transaction.atomic():
            for position, plan in enumerate(plans, start=done + 1):
                _keep_row(run, position, plan, is_real=not dry_run)
        done += len(plans)
        work.step(done)

    try:
        with run.on_disk() as path:
            with opened(path, run.file_name) as sources:
                total = sum(1 for _source in sources)
            work.step(0, total)
            counts = import_path(path, options, by=by, name=run.file_name, progress=keep)
    except (CannotImport, NotAllowed) as problem:
        run.problem = packed(problem.args[0])
        run.save(update_fields=["problem"])
        return {"url": run.get_absolute_url()}
    run.counts = dict(counts) if dry_run else _counts_of(run)
    setattr(run, "checked_at" if dry_run else "applied_at", timezone.now())
    run.save(update_fields=["counts", "checked_at", "applied_at"])
    if not dry_run:
        run.file.delete(save=True)  # each original is kept with its document now
    return {"url": run.get_absolute_url()}


def _keep_row(run: ImportRun, position: int, plan: Plan, *, is_real: bool) -> None:
    """Write what became of a source. What an interrupted try had brought in already stays brought in."""
    row = ImportRow.objects.filter(run=run, position=position).first() or ImportRow(run=run, position=position)
    if row.version_id:
        return
    facts, version, outcome = plan.read.facts, plan.version if is_real else None, plan.outcome
    if is_real and plan.document and (outcome == UNCHANGED or plan.takes_up):
        lines = LedgerLine.objects.filter(family_kind="documents.document", family_id=plan.document.pk)
        line = lines.filter(event__in=("imported", "adopt"), data__run=run.pk).order_by("id").first()
        if line and line.data.get("key") == plan.read.key:
            version = version or plan.document.versions.filter(pk=line.record_id).first()
            outcome = row.outcome or CREATED
    row.place, row.outcome, row.code, row.title = plan.read.place[:500], outcome, plan.code, plan.read.title[:300]
    row.reason = packed(plan.reason)
    row.warnings = [packed(warning) for warning in plan.warnings]
    row.facts = {name: str(value) for name in FACTS if (value := getattr(facts, name))}
    row.document, row.version = plan.document, version
    row.version_row = version.row_version if version else 0
    row.is_adopted = bool(version and version.is_released)
    row.save()


def _counts_of(run: ImportRun) -> dict[str, int]:
    outcomes = list(run.rows.values_list("outcome", flat=True))
    return {"read": len(outcomes)} | {name: outcomes.count(name) for name in set(outcomes)}


@runs("sops.undo_import", label=_("Undoing an import"))
def undo_import(work: Work) -> dict[str, Any]:
    """Discard the drafts and retire what was adopted; what has moved since is left and named."""
    run = ImportRun.objects.get(pk=work.arguments["run"])
    rows = run.rows.filter(undo="").exclude(version=None).select_related("version", "document").order_by("-position")
    total = len(rows)
    for number, row in enumerate(rows, start=1):
        try:
            with transaction.atomic():
                _undo_row(row, by=work.by)
                row.undo = ImportRow.Undo.DONE
                row.save()
        except Refused as refusal:
            row.undo, row.undo_reason = ImportRow.Undo.LEFT, str(refusal.message)[:300]
            row.save()
        work.step(number, total)
    ImportRun.objects.filter(pk=run.pk).update(undone_at=timezone.now())
    return {"url": run.get_absolute_url()}


def _undo_row(row: ImportRow, *, by: Person) -> None:
    version = row.version.locked()
    if version.row_version != row.version_row:
        raise Refused(_t("Somebody has worked on it since."))
    if version.state == State.DRAFT:
        version.move("discard", by=by, comment=_t("Import undone"))
        return
    document = Document.objects.get(pk=row.document_id)
    others = document.versions.exclude(pk=version.pk).exclude(state=State.DISCARDED)
    before = others.released().filter(effective_until=version.effective_from).first()
    if before and not others.exclude(sequence__lt=version.sequence).exists():
        raise Refused(
            _t("It took the place of version %(number)s, which does not come back by itself: open a new draft.")
            % {"number": before.number}
        )
    if others.exists() or document.reviews.exists():
        raise Refused(_t("It has other versions or a review: retire or replace it by hand."))
    version.move("retire", by=by, comment=_t("Import undone"), is_import_undone=True)
    # Its number stays used; the file itself may come in again.
    document.refresh_from_db()
    document.source_key = ""
    document.save(by=by, reason="import undone")
