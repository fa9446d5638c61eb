"""Versions that are an uploaded file: taken in with care, found by their words, signed like any other."""

import hashlib
import zipfile
from io import BytesIO

import docx
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.lifecycle import Refused
from core.search import search
from documents.compare import compare_versions
from documents.drafting import open_draft, save_draft, start_document
from documents.files import taken_in
from documents.models import Document
from documents.submission import StepPlan, submit
from tests.cast import approve, released

PAGE = "<html><script>alert(1)</script></html>"


def word(*paragraphs):
    file = BytesIO()
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(file)
    return file.getvalue()


def pdf(words):
    """The smallest PDF that shows some words."""
    stream = f"BT /F1 24 Tf 72 700 Td ({words}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + table + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)


def locked(password):
    """A PDF that asks for a password, or with an empty one only forbids printing."""
    file = BytesIO()
    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf("Keep it cold")))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    writer.write(file)
    return file.getvalue()


def upload(name, data):
    return SimpleUploadedFile(name, data)


def file_draft(author, owner, name="Cold chain.docx", data=None, **fields):
    content = taken_in(upload(name, data or word("Keep the quokka cold.")))
    return start_document(kind="sop", by=author, owner=owner, title="Cold chain", file=content, **fields)


def new_form(**fields):
    return {"kind": "sop", "title": "Cold chain", "owner": "", "audience": "everyone", "form_token": "t", **fields}


def test_a_document_is_started_from_a_file_in_the_browser(client, author):
    client.force_login(author)
    page = client.get(reverse("documents:new"))
    assert b'enctype="multipart/form-data"' in page.content
    data = word("Keep the quokka cold.")
    sent = new_form(owner=author.email, file=upload("Cold chain.docx", data))
    answer = client.post(reverse("documents:new"), sent, follow=True)
    version = Document.objects.get().versions.get()
    assert (version.file_name, version.data["text"]) == ("Cold chain.docx", "Keep the quokka cold.")
    shown = answer.content.decode()
    digest = hashlib.sha256(data).hexdigest()  # whoever downloads it can count it again
    for words in ("This document is a file", "Word document", digest, "Keep the quokka cold.", "Download"):
        assert words in shown


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("evil.html", PAGE.encode(), "can be a PDF"),
        ("tool.exe", b"MZ", "can be a PDF"),
        ("limits.xlsm", b"PK", "Save the file without macros"),
        ("limits.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 EncryptedPackage", "locked with a password"),
        ("locked.pdf", locked("needed"), "asks for a password"),
        ("wrong.pdf", PAGE.encode(), "its content is something else"),
        ("photo.svg", b"<svg/>", "can be a PDF"),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_a_wrong_file_is_refused_in_the_page_and_the_rest_is_kept(client, author, name, data, why):
    client.force_login(author)
    sent = new_form(owner=author.email, code="SOP-77", file=upload(name, data))
    answer = client.post(reverse("documents:new"), sent)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert why in shown
    assert 'value="Cold chain"' in shown
    assert 'value="SOP-77"' in shown
    assert not Document.objects.exists()


def test_a_pdf_that_only_forbids_printing_is_taken_and_read():
    assert "Keep it cold" in taken_in(upload("quiet.pdf", locked(""))).text


def test_neg_29_a_packed_bomb_is_refused(author):
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 200 * 1024 * 1024)
    with pytest.raises(Refused, match="too large"):
        taken_in(upload("bomb.docx", bomb.getvalue()))


def test_the_file_is_downloaded_unchanged_and_never_shown(client, author, owner):
    data = word("Keep the quokka cold.")
    version = file_draft(author, owner, 'Kälte "A"; x.docx', data)
    client.force_login(author)
    answer = client.get(reverse("documents:file", args=[version.document.code, 1]))
    assert answer.content == data
    assert answer["Content-Disposition"].startswith("attachment")
    assert "K%C3%A4lte" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_neg_21_a_pdf_is_read_in_the_browser_in_a_sandbox_and_nothing_else_is(client, author, owner):
    read = {}
    for name, data in (("a.pdf", pdf("Keep it cold")), ("a.docx", word("Keep it cold")), ("a.txt", b"Keep it cold")):
        version = file_draft(author, owner, name, data, code=f"SOP-{name.replace('.', '-')}")
        client.force_login(author)
        page = client.get(reverse("documents:version-page", args=[version.document.code, 1])).content.decode()
        address = reverse("documents:file-read", args=[version.document.code, 1])
        read[name] = (client.get(address), f'href="{address}" target="_blank" rel="noopener"' in page)
    assert {name: (answer.status_code, offered) for name, (answer, offered) in read.items()} == {
        "a.pdf": (200, True),
        "a.docx": (404, False),
        "a.txt": (404, False),
    }
    answer = read["a.pdf"][0]
    assert answer.content == pdf("Keep it cold")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")


def test_neg_21_a_page_that_calls_itself_a_pdf_does_not_come_in(author):
    for data in (PAGE.encode(), b"  <html>%PDF-1.4<script>alert(1)</script>"):
        with pytest.raises(Refused, match="its content is something else"):
            taken_in(upload("a.pdf", data))


def test_only_who_may_see_the_version_gets_the_file(client, author, owner, reader, approver):
    version = file_draft(author, owner)
    address = reverse("documents:file", args=[version.document.code, 1])
    client.force_login(reader)
    assert client.get(address).status_code == 404
    approve(version, author, approver)
    assert client.get(address).status_code == 200
    text = start_document(kind="sop", by=author, owner=owner, title="A text", body=b"<p>Words.</p>")
    client.force_login(author)
    assert client.get(reverse("documents:file", args=[text.document.code, 1])).status_code == 404


@pytest.mark.parametrize(
    ("name", "data"), [("a.pdf", pdf("Keep the quokka cold")), ("a.docx", word("Keep the quokka cold"))]
)
def test_its_words_are_found_by_readers_once_it_is_in_force(author, owner, approver, reader, name, data):
    version = file_draft(author, owner, name, data)
    assert search(reader, "quokka").count == 0
    approve(version, author, approver)
    found = search(reader, "quokka")
    assert [hit.entry.code for hit in found.rows] == [version.document.code]


def test_the_file_of_a_draft_is_replaced_and_what_differs_is_compared_by_its_words(client, author, owner, approver):
    first = approve(file_draft(author, owner), author, approver)
    draft = open_draft(first.document, by=author, reason="colder")
    assert draft.file_name == "Cold chain.docx"
    client.force_login(author)
    address = reverse("documents:edit", args=[first.document.code, 2])
    assert "Replace the file" in client.get(address).content.decode()
    sent = {
        "title": "Colder chain",
        "row_version": draft.row_version,
        "file": upload("b.docx", word("Keep it colder.")),
    }
    assert client.post(address, sent).status_code == 302
    draft.refresh_from_db()
    assert (draft.file_name, draft.title, draft.data["text"]) == ("b.docx", "Colder chain", "Keep it colder.")
    comparison = compare_versions(first, draft)
    assert comparison.before() == ["Keep the quokka cold."]
    assert comparison.after() == ["Keep it colder."]
    first.refresh_from_db()
    assert first.data["text"] == "Keep the quokka cold."


def test_a_stale_or_wrong_replacement_changes_nothing_and_says_so(client, author, owner):
    draft = file_draft(author, owner)
    client.force_login(author)
    address = reverse("documents:edit", args=[draft.document.code, 1])
    stale = {"title": "Mine", "row_version": draft.row_version, "file": upload("b.docx", word("Mine."))}
    save_draft(draft, by=owner, row_version=draft.row_version, title="Theirs")
    answer = client.post(address, stale)
    assert answer.status_code == 409
    assert "Omar Owner saved this" in answer.content.decode()
    wrong = {"title": "Mine", "row_version": draft.row_version + 1, "file": upload("b.exe", b"MZ")}
    answer = client.post(address, wrong)
    assert answer.status_code == 422
    assert 'value="Mine"' in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.title, draft.file_name) == ("Theirs", "Cold chain.docx")


def test_text_is_not_written_into_a_file(author, owner):
    draft = file_draft(author, owner)
    with pytest.raises(Refused, match="is a file"):
        save_draft(draft, by=author, row_version=draft.row_version, body=b"<p>Text</p>")


def test_the_signature_vouches_for_the_file(author, owner, approver):
    version = approve(file_draft(author, owner), author, approver)
    assert version.manifest()["file"] == "Cold chain.docx"
    assert version.manifest()["content"] == version.content_id
    assert version.manifest_hash == version.compute_manifest_hash()


def test_another_file_with_the_same_words_is_never_called_the_same(client, author, owner, approver):
    """Two scans hold no words at all, and may say anything."""
    first = approve(file_draft(author, owner, "scan.pdf", pdf("")), author, approver)
    other = taken_in(upload("scan 2.pdf", pdf("") + b"\n% another picture"))
    draft = open_draft(first.document, by=author, reason="scanned again", file=other)
    client.force_login(author)
    page = client.get(reverse("documents:compare", args=[first.document.code])).content.decode()
    assert "Another file: scan 2.pdf instead of scan.pdf" in page
    assert "The texts are the same" not in page
    submit(draft, by=author, plan=[StepPlan("Approved", people=[approver])])
    client.force_login(approver)
    deciding = client.get(reverse("documents:version-decide", args=[first.document.code, 2])).content.decode()
    assert "Another file: scan 2.pdf instead of scan.pdf" in deciding


def test_a_written_version_that_becomes_a_file_says_so(client, author, owner, approver):
    first = released(author, owner, approver)
    open_draft(first.document, by=author, reason="as a workbook", file=taken_in(upload("a.pdf", pdf("Keep it cold"))))
    client.force_login(author)
    page = client.get(reverse("documents:compare", args=[first.document.code])).content.decode()
    assert "One of them is the file a.pdf, the other is text" in page
    assert "<ins>Keep it cold</ins>" in page


def test_the_next_draft_of_a_file_neither_reads_nor_writes_its_bytes(author, owner, approver):
    version = approve(file_draft(author, owner), author, approver)
    with CaptureQueriesContext(connection) as asked:
        draft = open_draft(version.document, by=author)
    assert (draft.content_id, draft.file_name) == (version.content_id, "Cold chain.docx")
    assert [query["sql"] for query in asked if "documents_content" in query["sql"]] == []


def test_the_words_of_an_opendocument_text_are_found(author, owner):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        text = '<t:p xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0">Keep the quokka cold.</t:p>'
        archive.writestr("content.xml", text)
    version = file_draft(author, owner, "Cold chain.odt", file.getvalue())
    assert version.data["text"] == "Keep the quokka cold."
    assert [hit.entry.code for hit in search(author, "quokka", everything=True).rows] == [version.document.code]
