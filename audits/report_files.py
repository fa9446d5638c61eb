"""A report as PDF and as workbook: made by a worker from the frozen snapshot, with the evidence list and pictures."""

import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from PIL import Image

from audits.models import AuditReport, Evidence, ReportFile
from core import attachments, jobs
from core.catalog import entry_of
from core.jobs import Work, runs
from core.lifecycle import Refused
from core.models import Attachment, Job
from core.organisation import organisation_name
from core.safe.pdf import Margins, Paper, Picture, render_pdf

KIND = "audits.report_file"
PURPOSE = "report"
PRINTED_SIDE = 480  # pixels of a picture on paper
MAX_CELL = 32_000  # characters that a spreadsheet takes in a cell
OUTCOMES = {
    "passed": _("Conforms"),
    "failed": _("Does not conform"),
    "not_applicable": _("Not applicable"),
    "noted": _("Noted"),
}


def ask_for_file(report: AuditReport, form: str, *, by: Any) -> Job:
    """Have the file made; the same wish that still waits is not asked for twice."""
    wish = {"report": report.pk, "form": form, "language": translation.get_language() or "en"}
    with transaction.atomic():
        report.audit.locked()
        waiting = Job.objects.filter(kind=KIND, asked_by=by, arguments=wish)
        waiting = waiting.filter(state__in=(Job.State.WAITING, Job.State.RUNNING))
        return waiting.first() or jobs.ask(KIND, by=by, **wish)


@runs(KIND, label=_("Audit report as a file"))
def make_file(work: Work) -> dict[str, Any]:
    """Make the file unless one is there that shows the same signatures."""
    report = AuditReport.objects.select_related("audit").filter(pk=work.arguments["report"]).first()
    if report is None or not type(report.audit).objects.visible_to(work.by).filter(pk=report.audit_id).exists():
        raise Refused(_t("There is no such record, or you may not see it."))
    form = work.arguments["form"]
    made = report.file_as(form)
    if made is None:
        with translation.override(work.arguments["language"]):
            data = as_pdf(report, work) if form == ReportFile.Form.PDF else as_xlsx(report, work)
        name = f"{report.audit.code}-{'addendum-' + str(report.number) if report.number else 'report'}.{form}"
        with transaction.atomic():
            kept = attachments.store(ContentFile(data, name), entry_of(report.audit), by=work.by, purpose=PURPOSE)
            made = ReportFile.objects.create(
                report=report, form=form, attachment=kept, signatures=report.signatures.count()
            )
    return {"url": made.attachment.get_absolute_url()}


def questions_of(snapshot: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(title of section, question) in order."""
    for section in snapshot["sections"]:
        for question in section["questions"]:
            yield section["title"], question


def photos_of(report: AuditReport) -> dict[str, Attachment]:
    """The photos that the snapshot names, by the id of their evidence."""
    ids = [one["id"] for _title, q in questions_of(report.snapshot) for one in q["evidence"] if one["kind"] == "photo"]
    found = Evidence.objects.filter(pk__in=ids, audit=report.audit).select_related("attachment")
    return {str(one.pk): one.attachment for one in found}


def small_picture(attachment: Attachment) -> bytes:
    """The photo as it is printed: a small JPEG. What was kept was cleaned when it came in."""
    with attachment.file.open("rb") as file, Image.open(file, formats=("JPEG",)) as picture:
        picture.draft("RGB", (PRINTED_SIDE, PRINTED_SIDE))
        picture.thumbnail((PRINTED_SIDE, PRINTED_SIDE))
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=75)
        return out.getvalue()


def as_pdf(report: AuditReport, work: Work | None = None) -> bytes:
    """The report as PDF, in the active language."""
    photos = photos_of(report)
    _step(work, 1, 3)
    context = {
        "audit": report.audit,
        "report": report,
        "snapshot": report.snapshot,
        "signatures": list(report.signatures.all()),
        "waits": report.waits_for(),
        "organisation": organisation_name(),
    }
    html = SafeString(render_to_string("audits/report_pdf.html", context))
    _step(work, 2, 3)
    head = " · ".join(part for part in (organisation_name(), report.audit.code, report.label) if part)
    paper = Paper(
        title=f"{report.audit.code} {report.audit.title}",
        html=html,
        margins=Margins(top_left=head, top_right=report.sha256[:16], bottom_left=_t("Uncontrolled when printed")),
        extra_css=".evidence { max-height: 60mm; }",
    )
    known: dict[str, Picture] = {}

    def picture(address: str) -> Picture | None:
        key = address.rpartition("/")[2].removesuffix(".jpg")
        if key in photos and key not in known:
            known[key] = Picture(small_picture(photos[key]), "image/jpeg")
        return known.get(key)

    data = render_pdf(paper, picture)
    _step(work, 3, 3)
    return data


def as_xlsx(report: AuditReport, work: Work | None = None) -> bytes:
    """The report as a workbook: cover, answers, findings, evidence with pictures."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    _cover(book.add_worksheet(_t("Report")), report, bold, wrap)
    _answers(book.add_worksheet(_t("Answers")), report.snapshot, bold, wrap)
    _step(work, 1, 3)
    _findings(book.add_worksheet(_t("Findings")), report.snapshot, bold, wrap)
    _step(work, 2, 3)
    _evidence(book.add_worksheet(_t("Evidence")), report, bold, wrap)
    book.close()
    _step(work, 3, 3)
    return out.getvalue()


def _step(work: Work | None, done: int, total: int) -> None:
    if work is not None:
        work.step(done, total)


def _table(sheet: Any, headings: list[Any], rows: Iterator[list[Any]], widths: list[int], bold: Any, wrap: Any) -> int:
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, str(heading), bold)
    count = 0
    for count, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write_string(count, column, str(value or "")[:MAX_CELL], wrap)
    sheet.freeze_panes(1, 0)
    return count


def _cover(sheet: Any, report: AuditReport, bold: Any, wrap: Any) -> None:
    said = report.snapshot
    facts = [
        (_t("Audit"), f"{said['code']} {said['title']}"),
        (_t("Document"), f"{report.label}. {report.reason}".rstrip(". ")),
        (_t("Checklist"), f"{said['checklist']['code']} {said['checklist']['number']}"),
        (_t("Lead auditor"), said["lead"]),
        (_t("Owner of what is audited"), said["owner"]),
        (_t("Processes"), ", ".join(said["processes"])),
        (_t("Departments"), ", ".join(said["departments"])),
        (_t("Criteria"), said["criteria"]),
        (_t("Score"), f"{said['score']['result']} %" if said["score"]["result"] else "–"),
        (_t("Summary"), said["summary"]),
    ]
    for member in said["team"]:
        words = member["name"]
        if member["conflicts"]:
            words += f" ({'; '.join(member['conflicts'])}; {member['override_by']}: {member['override_reason']})"
        facts.append((_t("Auditor"), words))
    for signature in report.signatures.all():
        words = (
            f"{signature.name}, {signature.signed_at:%Y-%m-%d %H:%M:%S} UTC, {signature.method}, {signature.meaning}"
        )
        facts.append((signature.get_role_display(), words))
    facts.append(("SHA-256", report.sha256))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    for row, (label, value) in enumerate(facts):
        sheet.write_string(row, 0, str(label), bold)
        sheet.write_string(row, 1, str(value)[:MAX_CELL], wrap)


def _answers(sheet: Any, said: dict[str, Any], bold: Any, wrap: Any) -> None:
    headings = [
        _t("Section"),
        _t("Number"),
        _t("Question"),
        _t("Answer"),
        _t("Outcome"),
        _t("Note"),
        _t("By"),
        _t("At"),
    ]
    headings.append(_t("Step"))

    def rows() -> Iterator[list[Any]]:
        for section, question in questions_of(said):
            start = [section, question["number"], question["text"]]
            for one in question["answers"]:
                outcome = OUTCOMES.get(one["outcome"], one["outcome"])
                yield [*start, one["words"], outcome, one["note"], one["by"], one["at"], one["step"]]
            if not question["answers"]:
                yield [*start, "", _t("Unanswered"), "", "", "", ""]

    _table(sheet, headings, rows(), [20, 9, 50, 20, 18, 40, 20, 26, 24], bold, wrap)


def _findings(sheet: Any, said: dict[str, Any], bold: Any, wrap: Any) -> None:
    names = ["code", "grade", "title", "observation", "requirement", "process", "step", "recommendation", "owner",
             "commitment", "due_on", "repeats"]  # fmt: skip
    headings = [_t("Code"), _t("Grade"), _t("Title"), _t("What was seen"), _t("Requirement"), _t("Process"), _t("Step"),
                _t("Recommendation"), _t("Owner"), _t("Commitment"), _t("Due"), _t("Repeats")]  # fmt: skip
    rows = ([one[name] for name in names] for one in said["findings"])
    _table(sheet, headings, rows, [14, 14, 40, 60, 24, 24, 20, 40, 20, 40, 12, 14], bold, wrap)


def _evidence(sheet: Any, report: AuditReport, bold: Any, wrap: Any) -> None:
    headings = [
        _t("Question"),
        _t("Type"),
        _t("File or record"),
        _t("What it shows"),
        _t("From"),
        "SHA-256",
        _t("Photo"),
    ]
    listed = [(q, one) for _title, q in questions_of(report.snapshot) for one in q["evidence"]]
    rows = (
        [q["number"], Evidence.Kind(one["kind"]).label, one["name"], one["words"], one["dated_on"], one["sha256"], ""]
        for q, one in listed
    )
    _table(sheet, headings, rows, [10, 10, 34, 40, 12, 30, 24], bold, wrap)
    photos = photos_of(report)
    for row, (_question, one) in enumerate(listed, start=1):
        if one["id"] in photos:
            sheet.set_row(row, 96)
            data = io.BytesIO(small_picture(photos[one["id"]]))
            options = {"image_data": data, "x_scale": 0.25, "y_scale": 0.25, "object_position": 1}
            sheet.insert_image(row, 6, one["name"], options | {"description": one["words"] or one["name"]})
