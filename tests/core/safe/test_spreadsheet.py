"""Tables leave without formulas and come in within limits."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter

from core.safe.spreadsheet import UnreadableTable, guarded, guarded_row, read_rows, unguarded

FORMULAS = [
    "=1+1",
    "+1",
    "-1+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "  =1",
    "\u00a0=1",
    "\n=1",
    "=cmd|' /C calc'!A0",
    "\uff1d1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_neg_24_text_that_looks_like_a_formula_is_quoted(text):
    cell = guarded(text)
    assert cell == "'" + text
    assert unguarded(cell) == text


@pytest.mark.parametrize("value", [-5, -5.5, Decimal("-0.1"), 0, True, None, date(2026, 10, 1)])
def test_neg_24_real_numbers_and_dates_stay_what_they_are(value):
    assert guarded(value) is value


@pytest.mark.parametrize("text", ["a=b", "SOP-014", "it's", "'quoted'", "", "5-3", "ä"])
def test_ordinary_text_is_left_alone(text):
    assert guarded(text) == text
    assert unguarded(text) == text


def test_neg_24_an_exported_workbook_holds_strings_and_comes_back_the_same():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for place, cell in enumerate(guarded_row([*FORMULAS[:4], -5])):
            sheet.write(0, place, cell)
    file.seek(0)
    assert list(read_rows(file, "x.xlsx")) == [[*FORMULAS[:4], "-5"]]


def test_neg_24_an_exported_csv_comes_back_the_same():
    file = io.StringIO()
    csv.writer(file).writerow(guarded_row([*FORMULAS, "plain", 3]))
    assert list(read_rows(io.BytesIO(file.getvalue().encode()), "x.csv")) == [[*FORMULAS, "plain", "3"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_in_the_encodings_and_delimiters_people_use(encoding, mark):
    text = f'Name{mark}"Größe{mark} mm"\r\n\r\n"Müller ""A"""{mark}"1,5\nzwei"\r\n'
    rows = list(read_rows(io.BytesIO(text.encode(encoding)), "x.csv"))
    assert rows == [["Name", f"Größe{mark} mm"], ['Müller "A"', "1,5\nzwei"]]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"a," * 600, "x.csv", "More than 500 columns"),
        (b"a\n" * 200_001, "x.csv", "more than 200000 rows"),
        (b"a\x00b", "x.csv", "not a text"),
        (b"a" * 200_000, "x.csv", "line 1"),
        (b"PK\x03\x04 broken", "x.xlsx", "damaged"),
        (b"not a workbook", "x.xlsx", "damaged"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(data, name, said):
    with pytest.raises(UnreadableTable, match=said):
        list(read_rows(io.BytesIO(data), name))
