"""A version as PDF: the words, the signatures and the running head; made once, and only for who may see it."""

from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from core.jobs import run_waiting
from core.models import Job
from documents.drafting import start_document
from documents.models import Document, Rendition, Version
from people.models import Person
from tests.cast import released


@pytest.fixture
def effective(author: Person, owner: Person, approver: Person) -> Version:
    return released(author, owner, approver)


def pdf_of(client: Client, version: Version) -> Any:
    return client.get(reverse("documents:pdf", args=[version.document.code, version.sequence]))


def ask(client: Client, version: Version) -> Any:
    return client.post(reverse("documents:pdf-new", args=[version.document.code, version.sequence]))


def test_a_released_version_becomes_a_pdf_with_its_signatures(
    effective: Version, approver: Person, reader: Person, client: Client
) -> None:
    client.force_login(reader)
    assert pdf_of(client, effective).status_code == 404
    assert ask(client, effective).status_code == 302
    run_waiting()
    answer = pdf_of(client, effective)
    assert answer["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(BytesIO(answer.content)).pages
    words = " ".join(page.extract_text() for page in pages)
    for expected in (
        effective.title,
        effective.document.code,
        "Goods arrive cold and stay cold.",
        str(approver),
        "Uncontrolled when printed",
        effective.manifest_hash,
        f"1 / {len(pages)}",
    ):
        assert expected in words, expected


def test_it_is_made_once_and_kept(effective: Version, reader: Person, client: Client) -> None:
    client.force_login(reader)
    assert ask(client, effective)["Location"] == ask(client, effective)["Location"]
    run_waiting()
    assert ask(client, effective)["Location"] == reverse("documents:pdf", args=[effective.document.code, 1])
    assert Rendition.objects.count() == 1
    assert Job.objects.filter(kind="documents.pdf").count() == 1


def test_a_pdf_of_a_hidden_draft_does_not_exist(author: Person, reader: Person, client: Client) -> None:
    version = start_document(
        kind="sop", by=author, title="Secret", body=b"<p>Hidden</p>", audience=Document.Audience.NAMED
    )
    client.force_login(author)
    ask(client, version)
    run_waiting()
    assert pdf_of(client, version).status_code == 200
    client.force_login(reader)
    assert ask(client, version).status_code == 404
    assert pdf_of(client, version).status_code == 404


def test_after_a_change_the_old_pdf_is_not_given_out(author: Person, client: Client) -> None:
    version = start_document(kind="sop", by=author, title="Draft", body=b"<p>One</p>")
    client.force_login(author)
    ask(client, version)
    run_waiting()
    version.title = "Other"
    version.save(by=author)
    assert pdf_of(client, version).status_code == 404
