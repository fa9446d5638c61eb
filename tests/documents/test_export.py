"""The list as a file: the rows the person may see, with cells that no spreadsheet runs."""

import csv
import io

import pytest
from django.test import Client
from python_calamine import load_workbook

from tests.cast import new_draft, released


@pytest.fixture
def staff(reader):
    client = Client()
    client.force_login(reader)
    return client


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_neg_08_only_visible_rows_are_exported(staff, author, owner, approver):
    released(author, owner, approver, title="Open to all")
    released(author, owner, approver, title="ZXCANARY", audience="named")
    new_draft(author, owner, title="ZXCANARY draft")
    rows = rows_of(staff.get("/documents/export.csv"))
    assert [row[1] for row in rows[1:]] == ["Open to all"]
    assert b"ZXCANARY" not in staff.get("/documents/export.xlsx").content
    assert staff.get("/documents/export.pdf").status_code == 404


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\t=1", " =1"])
def test_neg_24_cells_are_text_not_formulas(staff, author, owner, approver, start):
    released(author, owner, approver, title=f"{start} title")
    cell = rows_of(staff.get("/documents/export.csv"))[1][1]
    assert cell.startswith("'") or not cell.lstrip().startswith(("=", "+", "-", "@"))
    book = load_workbook(io.BytesIO(staff.get("/documents/export.xlsx").content))
    title = book.get_sheet_by_index(0).to_python()[1][1]
    assert isinstance(title, str)
    assert title.endswith("title")


def test_the_filters_of_the_list_hold_for_the_file(staff, author, owner, approver):
    released(author, owner, approver, title="Weighing")
    released(author, owner, approver, title="Loading", kind="instruction")
    assert [row[1] for row in rows_of(staff.get("/documents/export.csv?kind=instruction"))[1:]] == ["Loading"]
