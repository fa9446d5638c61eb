"""The words of attachments are found, and a broken file never stops anything."""

import io

import docx
import pytest
import xlsxwriter

from core.text_extraction import MAX_CHARACTERS, text_from


def pdf(words):
    stream = f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data)
    data += b"xref\n0 6\n0000000000 65535 f \n" + table
    return data + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start


def test_the_words_of_a_pdf_are_found():
    assert text_from(pdf("Cold dock timer"), "pdf").text.strip() == "Cold dock timer"
    assert text_from(pdf("Cold dock timer"), "pdf").warning is None


def test_a_pdf_without_words_says_so():
    assert "no words" in text_from(pdf(""), "pdf").warning


@pytest.mark.parametrize("extension", ["pdf", "docx", "xlsx", "pptx", "odt"])
@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"PK\x03\x04", b"%PDF-1.7\ntrailer<</Root 1 0 R>>", pdf("x")[:200]])
def test_a_broken_file_gives_a_warning_and_no_error(extension, data):
    found = text_from(data, extension)
    assert found.text.strip() == ""
    assert found.warning


def test_the_words_of_word_excel_and_plain_files_are_found():
    document = docx.Document()
    document.add_paragraph("Erste Zeile")
    document.add_table(1, 1).cell(0, 0).text = "Zelle"
    file = io.BytesIO()
    document.save(file)
    assert text_from(file.getvalue(), "docx").text == "Erste Zeile\nZelle"
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write_row(0, 0, ["Bay", 9])
    assert text_from(file.getvalue(), "xlsx").text == "Bay\t9"
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("Limits").write_row(0, 0, ["Bay", 9])
        book.add_worksheet("Empty")
        book.add_worksheet("Contacts").write_row(0, 0, ["Hotline", "4471"])
    assert text_from(file.getvalue(), "xlsx").text == "Limits\nBay\t9\nEmpty\nContacts\nHotline\t4471"
    assert text_from("Größe".encode("cp1252"), "txt").text == "Größe"
    assert text_from(b"\x89PNG", "png").text == ""


def test_a_very_long_text_is_cut_and_said():
    found = text_from(b"word \0" * 400_000, "txt")
    assert len(found.text) == MAX_CHARACTERS
    assert "first 1000000 characters" in found.warning
