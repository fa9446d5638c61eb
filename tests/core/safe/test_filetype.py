"""A file is what its name and its content say together."""

import io
import zipfile

import docx
import pytest
import xlsxwriter

from core.safe.filetype import WrongType, identify


def word():
    file = io.BytesIO()
    docx.Document().save(file)
    return file.getvalue()


def excel():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet()
    return file.getvalue()


def odt():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as writing:
        writing.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return file.getvalue()


def macros():
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as reading, zipfile.ZipFile(file, "w") as writing:
        for name in reading.namelist():
            data = reading.read(name)
            writing.writestr(
                name,
                data.replace(
                    b"openxmlformats-officedocument.wordprocessingml.document.main",
                    b"ms-word.document.macroEnabled.main",
                ),
            )
    return file.getvalue()


def asked(name, data):
    return identify(name, data[:4096], io.BytesIO(data))


PNG = b"\x89PNG\r\n\x1a\n...."


@pytest.mark.parametrize(
    ("name", "data", "extension"),
    [
        ("a.PDF", b"%PDF-1.7\n", "pdf"),
        ("a.docx", word(), "docx"),
        ("a.xlsx", excel(), "xlsx"),
        ("a.odt", odt(), "odt"),
        ("a.png", PNG, "png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "jpg"),
        ("a.gif", b"GIF89a", "gif"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        ("a.txt", "Größe\n".encode("cp1252"), "txt"),
        ("a.csv", "a;b".encode("utf-16"), "csv"),
        ("a.md", b"# A", "md"),
        ("a.json", b"{}", "json"),
    ],
)
def test_a_file_that_is_what_it_says_is_accepted(name, data, extension):
    found = asked(name, data)
    assert found.extension == extension
    assert not found.download_only


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.htm", "a.xhtml", "a.xml"])
def test_neg_21_what_could_run_in_a_page_is_only_ever_downloaded(name):
    found = asked(name, b"<svg onload=alert(1)>")
    assert found.download_only
    assert not found.is_picture


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.exe", b"MZ", "are not accepted"),
        ("a", b"x", "are not accepted"),
        ("a.png.exe", PNG, "are not accepted"),
        ("a.docm", word(), "with macros"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "locked with a password"),
        ("a.zip", odt(), "are not accepted"),
        ("a.png", b"<svg onload=alert(1)>", "something else"),
        ("a.jpg", PNG, "something else"),
        ("a.pdf", b"<html>%PDF-1.7", "something else"),
        ("a.docx", b"%PDF-1.7", "something else"),
        ("a.docx", excel(), "something else"),
        ("a.xlsx", word(), "something else"),
        ("a.docx", odt(), "something else"),
        ("a.docx", macros(), "with macros"),
        ("a.docx", b"PK\x03\x04 cut off", "damaged"),
        ("a.txt", b"MZ\x00\x01", "something else"),
        ("a.txt", b"", "empty"),
    ],
)
def test_a_file_that_pretends_is_refused_in_words(name, data, said):
    with pytest.raises(WrongType, match=said):
        asked(name, data)
