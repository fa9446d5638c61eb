"""Numbers, versions, dates and people are found in the words people really write."""

from datetime import date

import pytest

from sops.importing.facts import Facts, code_in_name, parse_date, parse_facts, parse_version, version_number

OCTOBER = date(2026, 10, 1)


@pytest.mark.parametrize(
    "written",
    ["1 Oct 2026", "2026-10-01", "01.10.2026", "1. Oktober 2026", "October 1, 2026", "1st of October 2026",
     "1-Oct-2026", "01.10.26", "2026/10/01", "Oct 1st, 2026", "2026-10-01T09:00:00Z", "1. Okt. 2026"],
)  # fmt: skip
def test_a_date_is_read_in_many_forms(written):
    assert parse_date(written) == (OCTOBER, None)


def test_a_date_that_can_be_read_two_ways_is_not_guessed():
    day, said = parse_date("10/01/2026")
    assert day is None
    assert "10/01/2026" in said
    assert parse_date("13/10/2026") == (date(2026, 10, 13), None)
    assert parse_date("10/13/2026") == (date(2026, 10, 13), None)


def test_what_is_no_date_is_said_or_left():
    assert parse_date("31.02.2026")[1] == "“31.02.2026” is not a date."
    assert parse_date("soon") == (None, None)


@pytest.mark.parametrize(
    ("written", "version", "number"),
    [
        ("3", "3", (3, 0)),
        ("3.0", "3.0", (3, 0)),
        ("v3.1", "3.1", (3, 1)),
        ("Rev. C", "C", (3, 0)),
        ("02", "02", (2, 0)),
    ],
)
def test_a_version_is_read_in_many_forms(written, version, number):
    assert parse_version(written) == version
    assert version_number(version) == number


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "SOP-HR-001   Version 3.0   Effective 1 October 2026   Owner: Process Office",
            Facts(code="SOP-HR-001", version="3.0", effective_on=OCTOBER, owner="Process Office"),
        ),
        (
            "Doc. No.: WI-12 | Rev. C | Effective date: 01.10.2026 | Page 1 of 4",
            Facts(code="WI-12", version="C", effective_on=OCTOBER),
        ),
        (
            "Dokument-Nr.: VA-QM-012\nVersion: 2.1\tgültig ab 01.10.2026\n"
            "Freigegeben von: Dr. Anna Müller, 12. September 2026\n"
            "Nächste Prüfung: 1. Okt. 2027\nAbteilung: Qualität",
            Facts(
                "VA-QM-012", "2.1", OCTOBER, date(2026, 9, 12), "Dr. Anna Müller", None, date(2027, 10, 1), "Qualität"
            ),
        ),
        (
            "Approved by: Jane Doe on 3 March 2026  Review due: March 3, 2028",
            Facts(approved_on=date(2026, 3, 3), approver="Jane Doe", review_due_on=date(2028, 3, 3)),
        ),
        ("Document number SOP 014 Issue 3 Issue date 13/10/2026", Facts("SOP 014", "3", date(2026, 10, 13))),
        ("Approved Vendor Sheet\nDepartment of Trade Owner Manual", Facts()),  # words that only look like labels
        ("Approved by Jane Doe", Facts()),
        ("Revision date: 2020-01-01 Revision: 4", Facts(version="4")),
        ("Follows ISO-9001, see PUR-003", Facts(code="PUR-003")),
        ("The owner keeps this procedure up to date.", Facts()),
        ("Uncontrolled when printed", Facts()),
        ("", Facts()),
    ],
)
def test_facts_are_read_from_a_header(text, facts):
    assert parse_facts(text) == (facts, [])


@pytest.mark.parametrize(
    "written", ["20261001", "01-Oct-26", "1er octobre 2026", "1 de octubre de 2026", "1 ottobre 2026"]
)
def test_a_date_of_neighbours_and_programs_is_read(written):
    assert parse_date(written) == (OCTOBER, None)


@pytest.mark.parametrize("written", ["0001-01-01", "9999-12-31", "31.02.2024"])
def test_a_day_that_cannot_be_meant_is_told_and_not_stored(written):
    day, said = parse_date(written)
    assert day is None
    assert "is not a date" in said


def test_half_a_number_is_not_taken_for_a_number():
    assert parse_facts("Dokument: QMH-4.2-01")[0].code == "QMH-4.2-01"
    assert parse_facts("according to QMH-4.2")[0].code is None


def test_the_day_of_a_signature_stands_in_another_cell_of_its_row():
    facts = parse_facts("Approved by\tJane Roe\t\t03 Mar 2024")[0]
    assert (facts.approver, facts.approved_on) == ("Jane Roe", date(2024, 3, 3))
    assert parse_facts("Approved by\tJane Roe\t01 Mar 2024\t03 Mar 2024")[0].approved_on is None


def test_capitals_with_low_lines_in_a_file_name_are_a_number():
    assert code_in_name("SOP_LAB_009_v2_Cleaning.docx") == "SOP-LAB-009"
    assert code_in_name("SOP_014_Receiving.docx") == "SOP-014"
    assert code_in_name("SOP-014-Receiving.docx") == "SOP-014"
    assert code_in_name("wi_fi_2.md") is None
