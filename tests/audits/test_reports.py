"""The report: frozen with a hash, signed by two, a later change is an addendum, and verify checks it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from PIL import Image
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from audits.answering import save_answer
from audits.evidence import add_photo
from audits.models import AuditReport, Grade
from audits.planning import finish_answering
from audits.report_check import check_reports
from audits.report_files import ask_for_file
from audits.reporting import freeze, sign_report
from audits.writing_findings import finding_from_question
from core.jobs import run_waiting
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from tests.audits.runs import again, make_checklist, running
from tests.cast import PASSWORD, flat, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def audit(author, owner, approver, auditor):
    """audit: answered with one failed item, a photo and a finding; waits for its report."""
    audit = running(auditor, owner, make_checklist(author, owner, approver), criteria="GDP 5.5")
    person = again(auditor)
    save_answer(audit, "q-alarm", {"value": "no"}, by=person, note="=Set to 9 minutes")
    save_answer(audit, "q-temp", {"value": "5.4"}, by=person)
    save_answer(audit, "q-why", {"value": "Nobody knew"}, by=person)
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "green").save(out, "JPEG")
    add_photo(audit, "q-alarm", SimpleUploadedFile("a.jpg", out.getvalue()), by=person, words="Panel at door 4")
    minor = Grade.objects.get(pk="minor")
    finding_from_question(audit, "q-alarm", by=person, observation="9 minutes", grade=minor, owner=owner)
    return finish_answering(audit, by=person)


def sign(report, person):
    return sign_report(report, by=again(person), signature=signed(person), seen_hash=report.sha256)


def test_two_signatures_close_the_audit(audit, auditor, owner):
    report = freeze(audit, by=again(auditor))
    sign(report, auditor)
    audit.refresh_from_db()
    assert (audit.state, report.waits_for()) == ("reporting", ["owner"])
    sign(report, owner)
    sign(report, owner)  # twice is once
    audit.refresh_from_db()
    assert (audit.state, report.signatures.count(), list(check_reports())) == ("closed", 2, [])
    events = [line.event for line in lines_of(audit)]
    assert events[:4] == ["close", "signed", "signed", "reported"]


def test_nobody_else_signs_and_nobody_for_another(audit, auditor, owner, reader, author):
    report = freeze(audit, by=again(auditor))
    for person in (reader, author):
        with pytest.raises(NotAllowed):
            sign(report, person)
    with pytest.raises(Refused, match="Sign again"):
        sign_report(report, by=again(owner), signature=signed(auditor), seen_hash=report.sha256)
    with pytest.raises(Refused, match="password"):
        sign_report(report, by=again(owner), signature=signed(owner, "click"), seen_hash=report.sha256)
    with pytest.raises(Refused, match="not the one you read"):
        sign_report(report, by=again(owner), signature=signed(owner), seen_hash="0" * 64)
    with pytest.raises(NotAllowed):
        freeze(audit, by=again(owner))


def test_later_changes_are_an_addendum(audit, auditor, owner):
    report = freeze(audit, by=again(auditor))
    sign(report, auditor)
    sign(report, owner)
    audit.refresh_from_db()
    with pytest.raises(Refused, match="Nothing is different"):
        freeze(audit, by=again(auditor), reason="Again")
    audit.findings.get().revise(by=again(auditor), reason="Seen again", observation="9 minutes at two doors")
    with pytest.raises(Refused, match="reason"):
        freeze(audit, by=again(auditor))
    addendum = freeze(audit, by=again(auditor), reason="A second door")
    assert (addendum.label, addendum.waits_for()) == ("Addendum 1", ["lead", "owner"])
    assert "two doors" not in str(AuditReport.objects.get(number=0).snapshot)


def test_altered_report_is_found(audit, auditor):
    report = freeze(audit, by=again(auditor))
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditReport.objects.filter(pk=report.pk).update(sha256="0" * 64)
    report.snapshot["findings"] = []
    assert not report.is_intact()


def test_files_show_answers_evidence_and_signatures(audit, auditor, owner):
    report = freeze(audit, by=again(auditor))
    sign(report, auditor)
    for form in ("pdf", "xlsx"):
        ask_for_file(report, form, by=again(auditor))
        assert ask_for_file(report, form, by=again(auditor))  # twice is once
    run_waiting()
    pdf, xlsx = report.file_as("pdf").attachment, report.file_as("xlsx").attachment
    with pdf.file.open("rb") as file:
        book = PdfReader(io.BytesIO(file.read()))
    text = " ".join(page.extract_text() for page in book.pages)
    for words in ("Is the door alarm set", "Set to 9 minutes", "Ada Auditor", "Panel at door 4", report.sha256[:16]):
        assert words in text.replace("\n", " "), words
    assert any(page.images for page in book.pages)
    with xlsx.file.open("rb") as file:
        tables = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    assert tables.sheet_names == ["Report", "Answers", "Findings", "Evidence"]
    answers = tables.get_sheet_by_name("Answers").to_python()
    assert answers[1][2:6] == [
        "Is the door alarm set to 3 minutes or less?",
        "No",
        "Does not conform",
        "=Set to 9 minutes",
    ]
    assert tables.get_sheet_by_name("Evidence").to_python()[1][3] == "Panel at door 4"
    sign(report, owner)
    assert report.file_as("pdf") is None  # with another signature it is made again


def test_report_is_signed_in_the_browser(audit, auditor, owner, outsider, browse):
    client = browse(auditor)
    made = client.post(f"/audits/{audit.code}/reports/new/", {})
    assert made.url == f"/audits/{audit.code}/reports/0/"
    page = client.get(made.url).content.decode()
    assert "Hash verified" in page
    report = AuditReport.objects.get()
    wrong = client.post(made.url, {"password": "wrong", "seen_hash": report.sha256})
    assert (wrong.status_code, "Nothing was signed" in flat(wrong.content.decode())) == (422, True)
    assert client.post(made.url, {"password": PASSWORD, "seen_hash": report.sha256}).status_code == 302
    assert browse(outsider).post(made.url, {"password": PASSWORD, "seen_hash": report.sha256}).status_code == 403
    assert browse(owner).post(made.url, {"password": PASSWORD, "seen_hash": report.sha256}).status_code == 302
    audit.refresh_from_db()
    assert audit.state == "closed"
    for address in (
        f"/audits/{audit.code}/",
        "/audits/",
        f"/audits/{audit.code}/history/",
        f"/audits/{audit.code}/run/",
    ):
        assert browse(owner).get(address).status_code == 200
