"""The list goes out as a table and comes back: looked at row by row, refused with its reason, formulas stay text."""

import csv
import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core import bulk
from core.ledger import lines_of
from core.models import BulkRun
from core.safe.spreadsheet import read_rows
from documents.models import Document, Version
from tests.cast import flat, new_draft, released

TABLE = "/documents/table/"


def exported(client, form="csv", query=""):
    answer = client.get(f"/documents/export.{form}?{query}")
    return answer.content if form == "xlsx" else list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.close()
    return file.getvalue()


def bring(client, content, name="documents.csv"):
    """Upload a table; the run that came of it and the page that shows it."""
    answer = client.post(TABLE, {"file": SimpleUploadedFile(name, content)}, follow=True)
    return BulkRun.objects.order_by("-pk").first(), answer


def edited(rows, code, **cells):
    """The exported rows with cells of one document changed; ``cells`` by the place of the column."""
    places = {name: rows[0].index(head) for name, head in HEADS.items()}
    changed = [list(row) for row in rows]
    row = next(row for row in changed[1:] if row[0] == code)
    for name, text in cells.items():
        row[places[name]] = text
    return changed


HEADS = {
    "title": "Title",
    "owner": "Owner",
    "department": "Department",
    "review": "Next review",
    "months": "Months between reviews",
}


def outcomes(run):
    return {row.said: row.outcome for row in run.rows.all()}


def test_what_was_exported_comes_back_unchanged_from_both_formats(browse, author, owner, approver):
    for start in ("=1+1 plan", "+1", "-1 degree", "@home", "Plain", "'quoted", "  =2"):
        released(author, owner, approver, title=f"{start} title")
    new_draft(author, owner, title="A draft", department=None)
    client = browse(author)
    for form in ("csv", "xlsx"):
        content = client.get(f"/documents/export.{form}").content
        run, page = bring(client, content, f"documents.{form}")
        assert set(outcomes(run).values()) == {"unchanged"}, [(r.said, r.reason, r.changes) for r in run.rows.all()]
        assert run.rows.count() == 8
        assert "Nothing would change" in page.content.decode()
        assert "Change " not in page.content.decode().split("<main")[1]


def test_changed_cells_are_shown_first_and_then_done_by_the_same_rules(
    browse, author, owner, approver, reader, other_department
):
    document = released(author, owner, approver).document
    other = released(author, owner, approver, title="Left alone").document
    client = browse(author)
    day = timezone.localdate().replace(year=timezone.localdate().year + 1)
    rows = edited(
        exported(client), document.code, owner=reader.email, department="fin", review=day.isoformat(), months="6"
    )
    run, page = bring(client, as_csv(rows))
    text = page.content.decode()
    assert outcomes(run) == {document.code: "change", other.code: "unchanged"}
    assert "<del>Omar Owner</del> <ins>Rita Reader</ins>" in flat(text)
    assert "<del>Inbound</del> <ins>Finance</ins>" in flat(text)
    assert "<del>24</del> <ins>6</ins>" in flat(text)
    assert Document.objects.get(pk=document.pk).owner == owner
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    document.refresh_from_db()
    assert (document.owner, document.department, document.review_months) == (reader, other_department, 6)
    assert document.review_due_on == day
    assert {line.event for line in lines_of(document)[:2]} == {"owner_changed", "facts_changed"}
    assert lines_of(document)[0].actor == author


def test_each_wrong_row_is_refused_with_its_reason_and_the_others_go_on(browse, author, owner, approver, reader):
    documents = [released(author, owner, approver, title=f"Procedure {number}").document for number in range(6)]
    codes = [document.code for document in documents]
    client = browse(author)
    rows = exported(client)
    rows = edited(rows, codes[0], owner="Nobody Known", months="many")
    rows = edited(rows, codes[1], department="Moon base")
    rows = edited(rows, codes[2], title="Another title")
    rows = edited(rows, codes[3], review="2001-01-01")
    rows = edited(rows, codes[4], owner=reader.email)
    rows += [["SOP-INB-987", "New"], [codes[5]], ["", "No number"]]
    run, page = bring(client, as_csv(rows))
    text = page.content.decode()
    assert list(outcomes(run).values()).count("change") == 1
    for said in (
        "Owner: Nobody here is called “Nobody Known”",
        "Months between reviews: Enter a whole number.",
        "Department: There is no department “Moon base”.",
        "Title: it changes with a new version. Open a draft first.",
        "Next review: Choose today or a later day.",
        "There is no such record, or you may not see it.",
        "This number stands in line 7 already.",
        "The row has no number.",
    ):
        assert said in text, said
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert [Document.objects.get(code=code).owner for code in codes] == [owner] * 4 + [reader, owner]


def test_the_title_of_an_open_draft_is_changed_by_who_may_write_it(browse, author, owner, approver):
    draft = new_draft(author, owner, title="Old words")
    client = browse(author)
    run, page = bring(client, as_csv(edited(exported(client), draft.document.code, title="=New words")))
    assert "<del>Old words</del> <ins>=New words</ins>" in flat(page.content.decode())
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert Version.objects.get(pk=draft.pk).title == "=New words"
    assert exported(client)[1][1] == "'=New words"


def test_a_hidden_document_in_the_table_is_as_missing(browse, author, owner, approver, make_person):
    keeper = make_person("Kim Keeper", "staff", "officer")
    secret = released(keeper, keeper, approver, title="ZXCANARY", audience="named").document
    mine = released(author, owner, approver).document
    client = browse(author)
    rows = [["Number", "Owner"], [secret.code, author.email], [mine.code, author.email], ["SOP-INB-987", author.email]]
    run, page = bring(client, as_csv(rows))
    assert "ZXCANARY" not in page.content.decode()
    hidden, _mine, missing = run.rows.order_by("position")
    assert (hidden.outcome, hidden.reason, hidden.object_id) == (missing.outcome, missing.reason, missing.object_id)
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert Document.objects.get(pk=secret.pk).owner == keeper
    assert Document.objects.get(pk=mine.pk).owner == author


def test_an_owner_changes_their_own_rows_only_and_staff_none(browse, author, owner, approver, reader):
    own = released(author, owner, approver, title="Own").document
    other = released(author, author, approver, title="Other").document
    client = browse(owner)
    rows = edited(edited(exported(client), own.code, months="12"), other.code, months="12")
    run, _page = bring(client, as_csv(rows))
    assert outcomes(run) == {own.code: "change", other.code: "refused"}
    assert browse(reader).get(TABLE).status_code == 403
    assert browse(reader).post(TABLE).status_code == 403
    assert TABLE not in browse(reader).get("/documents/").content.decode()


def test_a_table_saved_by_a_spreadsheet_program_is_read(browse, author, owner, approver):
    document = released(author, owner, approver).document
    client = browse(author)
    run, _page = bring(client, as_xlsx([["Number", "Months between reviews"], [document.code, 9]]), "edited.xlsx")
    assert run.rows.get().changes == [["Months between reviews", "24", "9"]]
    german = f"Nummer;Monate zwischen Überprüfungen;Bemerkung\r\n{document.code};9;egal\r\n"
    run, page = bring(client, german.encode("cp1252"))
    assert run.rows.get().changes == [["Months between reviews", "24", "9"]]
    assert run.unknown_columns == ["Bemerkung"]
    assert "Bemerkung" in page.content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The submitted file is empty."),
        (b"Owner,Title\nA,B\n", "The first row must name the columns"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\n\n", "The file is empty."),
    ],
)
def test_what_is_no_table_is_told_at_the_field(browse, author, content, said):
    answer = browse(author).post(TABLE, {"file": SimpleUploadedFile("t.csv", content)})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not BulkRun.objects.exists()


def test_a_table_with_too_many_rows_is_refused(browse, author, owner, approver, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 1)
    codes = [released(author, owner, approver, title=f"P {number}").document.code for number in range(2)]
    answer = browse(author).post(
        TABLE, {"file": SimpleUploadedFile("t.csv", as_csv([["Number"], *[[code] for code in codes]]))}
    )
    assert answer.status_code == 422
    assert "too many at once" in answer.content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_has_the_headings_that_are_taken_over_and_comes_back(
    browse, author, owner, approver, reader, form
):
    document = released(author, owner, approver).document
    client = browse(author)
    address = f"/documents/table/template.{form}"
    page = client.get(TABLE).content.decode()
    assert address in page
    assert f"/documents/export.{form}" in page
    heads = [row for row in read_rows(io.BytesIO(client.get(address).content), f"template.{form}")]
    assert heads == [["Number", *HEADS.values()]]
    run, _page = bring(client, as_csv([*heads, [document.code, "", reader.email, "", "", "6"]]))
    assert [change[0] for change in run.rows.get().changes] == ["Owner", "Months between reviews"]
    assert run.unknown_columns == []
    assert client.get("/documents/table/template.pdf").status_code == 404
    assert browse(reader).get(address).status_code == 403
