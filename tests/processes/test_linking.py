"""Links between processes and documents: from either page, in bulk, and what of them nobody may see."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core.lifecycle import NotAllowed, Refused
from core.models import BulkRun, CatalogLink, LedgerLine
from documents.models import Document
from people.models import Person
from processes.linking import link_document, unlink_document
from processes.models import Process, ProcessDocument
from tests.cast import flat, released, taken_over
from tests.processes.conftest import Grower

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


@pytest.fixture
def document(author: Person, owner: Person) -> Document:
    return taken_over(author, owner, ["Receiving cold goods"])[0]


def test_linking_twice_is_once(inbound: Process, document: Document, author: Person) -> None:
    first = link_document(inbound, document, by=author)
    assert link_document(inbound, document, by=author) == first
    assert LedgerLine.objects.filter(event="document_linked").count() == 1
    assert LedgerLine.objects.filter(event="process_linked", record_id=document.pk).count() == 1
    assert link_document(inbound, document, by=author, relation="form").relation == "form"
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessDocument.objects.create(process=inbound, document=document)


def test_unlinking_takes_every_trace_along(inbound: Process, document: Document, author: Person) -> None:
    link_document(inbound, document, by=author)
    assert CatalogLink.objects.filter(relation="refers to").count() == 1
    assert unlink_document(inbound, document, by=author)
    assert not unlink_document(inbound, document, by=author)
    assert not CatalogLink.objects.filter(relation="refers to").exists()
    assert LedgerLine.objects.filter(event="document_unlinked").count() == 1


def test_who_may_link(inbound: Process, document: Document, owner: Person, reader: Person) -> None:
    with pytest.raises(NotAllowed):
        link_document(inbound, document, by=reader)
    link_document(inbound, document, by=owner)  # owns the document, not the process
    assert LedgerLine.objects.filter(event="refused:link document").count() == 1


def test_retired_processes_take_no_links(inbound: Process, document: Document, author: Person) -> None:
    inbound.move("retire", by=author, comment="gone")
    with pytest.raises(Refused, match="retired"):
        link_document(inbound, document, by=author)


def test_linking_from_the_process_page(inbound: Process, document: Document, author: Person, browse: Browse) -> None:
    client = browse(author)
    path = "/processes/P3.1/documents/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"document": document.code, "relation": "governs"}).status_code == 302
    assert document.title in client.get("/processes/P3.1/").content.decode()
    client.post(f"{path}{document.code}/remove/", {"next": path})
    assert not inbound.document_links.exists()


def test_linking_from_the_document_page(inbound: Process, document: Document, owner: Person, browse: Browse) -> None:
    client = browse(owner)
    path = f"/documents/{document.code}/processes/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"process": "p3.1", "relation": "reference"}).status_code == 302
    panel = client.get(f"/documents/{document.code}/panels/processes/").content.decode()
    assert "Inbound" in panel
    assert "Is background to the process" in panel


def test_bad_links_are_refused_in_words(inbound: Process, document: Document, author: Person, browse: Browse) -> None:
    client = browse(author)
    for sent, words in (
        ({"document": "SOP-NOPE-1", "relation": "governs"}, "There is no document"),
        ({"document": document.code, "relation": "loves"}, "not one of the available choices"),
        ({"document": "", "relation": "governs"}, "Choose a document"),
    ):
        answer = client.post("/processes/P3.1/documents/", sent)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not inbound.document_links.exists()


def test_a_link_to_a_hidden_document_shows_nothing(
    inbound: Process, author: Person, owner: Person, approver: Person, reader: Person, browse: Browse
) -> None:
    secret = released(author, owner, approver, title="Weighing secrets", audience="named").document
    Document.objects.filter(pk=secret.pk).update(owner=owner)
    link_document(inbound, secret, by=None)
    client = browse(reader)
    for path in ("/processes/P3.1/", "/processes/", "/processes/landscape/"):
        page = client.get(path).content.decode()
        assert "secrets" not in page
        assert secret.code not in page
    assert "No document describes this process yet" in client.get("/processes/P3.1/").content.decode()
    assert client.get(f"/documents/{secret.code}/processes/").status_code == 404
    assert "linked a document" in client.get("/processes/P3.1/history/").content.decode()
    assert secret.code not in client.get("/processes/P3.1/history/").content.decode()
    assert secret.code in browse(owner).get("/processes/P3.1/history/").content.decode()
    officer = browse(author)  # an officer who may change the process, but not see the document
    if not Document.objects.visible_to(author).filter(pk=secret.pk).exists():
        answer = officer.post("/processes/P3.1/documents/", {"document": secret.code, "relation": "governs"})
        assert "There is no document" in answer.content.decode()


def test_a_link_to_a_hidden_process_shows_nothing(
    grow: Grower, document: Document, author: Person, owner: Person, reader: Person, browse: Browse
) -> None:
    hidden = grow("Prepare the merger", audience="named", owner=author, code="P8")
    link_document(hidden, document, by=author)
    for path in (f"/documents/{document.code}/panels/processes/", f"/documents/{document.code}/panels/used-by/"):
        assert "merger" not in browse(reader).get(path).content.decode()
    answer = browse(owner).post(f"/documents/{document.code}/processes/", {"process": "P8", "relation": "governs"})
    assert "There is no process" in answer.content.decode()


def test_referred_to_by_names_the_process(inbound: Process, document: Document, author: Person, browse: Browse) -> None:
    link_document(inbound, document, by=author)
    assert "P3.1" in browse(author).get(f"/documents/{document.code}/panels/used-by/").content.decode()


def test_many_documents_are_linked_at_once_and_back(
    inbound: Process, author: Person, owner: Person, browse: Browse
) -> None:
    documents = taken_over(author, owner, ["One", "Two", "Three"])
    link_document(inbound, documents[0], by=author, relation="form")
    client = browse(author)
    client.post("/bulk/documents/", {"action": "link-process", "pick": [one.pk for one in documents]})
    run = BulkRun.objects.latest("pk")
    client.post(run.get_absolute_url(), {"process": "P3.1", "relation": "governs"})
    assert "P3.1 Inbound: Describes how" in flat(client.get(run.get_absolute_url()).content.decode())
    client.post(reverse("core:bulk-apply", args=[run.pk]))
    assert {link.relation for link in inbound.document_links.all()} == {"governs"}
    assert inbound.document_links.count() == 3
    client.post(reverse("core:bulk-undo", args=[run.pk]))
    client.post(reverse("core:bulk-apply", args=[run.undos.latest("pk").pk]))
    assert [link.relation for link in inbound.document_links.all()] == ["form"]


def test_linking_many_to_nothing_is_refused(inbound: Process, author: Person, owner: Person, browse: Browse) -> None:
    [document] = taken_over(author, owner, ["One"])
    client = browse(author)
    client.post("/bulk/documents/", {"action": "link-process", "pick": [document.pk]})
    run = BulkRun.objects.latest("pk")
    client.post(run.get_absolute_url(), {"process": "P77", "relation": "governs"})
    assert "There is no process with the code" in flat(client.get(run.get_absolute_url()).content.decode())


def test_documents_are_filtered_by_process_and_below(
    inbound: Process, warehouse: Process, author: Person, reader: Person, browse: Browse, grow: Grower
) -> None:
    one, other = taken_over(author, author, ["Receiving goods", "Paying bills"])
    link_document(inbound, one, by=author)
    link_document(grow("Pay", audience="named", owner=author, code="P8"), other, by=author)
    client = browse(reader)
    page = client.get("/documents/?process=P3").content.decode()
    assert "Receiving goods" in page
    assert "Paying bills" not in page
    assert "Process and below" in page
    # A hidden process is no filter: it finds neither more nor less than one that does not exist.
    for code in ("P8", "P77"):
        page = client.get(f"/documents/?process={code}").content.decode()
        assert ("Receiving goods" in page, "Paying bills" in page) == (True, True)
    assert "Process and below" not in client.get("/documents/").content.decode()
