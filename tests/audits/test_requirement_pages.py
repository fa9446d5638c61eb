"""The pages of requirement libraries: list, tree, search, one requirement, links from either side, own requirements."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from audits.models import Framework, FrameworkImport, Requirement, RequirementLink
from audits.own_requirements import HOLDING
from core import catalog
from core.jobs import run_waiting
from core.models import CatalogLink, LedgerLine
from core.search import search
from people.leaving import holdings_of
from tests.cast import flat, new_draft, released

pytestmark = pytest.mark.django_db
STEPS = (
    b'<ol data-steps><li data-step="s-probe"><p>Check the probe</p></li>'
    b'<li data-step="s-door"><p>Close the door</p></li></ol>'
)


@pytest.fixture
def library(tmp_path):
    """Rules with one group, two requirements and an enhancement."""
    enhancement = {"id": "cc-2.1", "title": "Alarm", "props": [{"name": "label", "value": "CC-02(01)"}]}
    controls = [
        {"id": "cc-1", "title": "Receive", "parts": [{"name": "statement", "prose": "Goods stay cold on receipt."}]},
        {"id": "cc-2", "title": "Store", "props": [{"name": "label", "value": "CC-02"}], "controls": [enhancement]},
    ]
    group = {"id": "cc", "title": "Cold chain", "controls": controls}
    data = {"catalog": {"metadata": {"title": "Cold rules", "version": "1"}, "groups": [group]}}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(data))
    call_command("import_framework", str(path), "--code", "FW-COLD", verbosity=0)
    return Framework.objects.get()


def page(client, name, *arguments, **query):
    return flat(client.get(reverse(f"audits:{name}", args=arguments), query).content.decode())


def test_the_tree_opens_branch_by_branch(library, reader, browse):
    client = browse(reader)
    assert "Cold rules" in page(client, "libraries")
    top = page(client, "framework", "FW-COLD")
    assert "Cold chain" in top
    assert "Receive" not in top
    below = page(client, "requirement-branch", "FW-COLD", "cc")
    assert "Receive" in below
    assert "Store" in below
    assert "Alarm" not in below


@pytest.mark.parametrize(("q", "found"), [("CC-2(1)", "Alarm"), ("cc 02.01", "Alarm"), ("stay cold", "Receive")])
def test_search_finds_numbers_in_any_spelling(library, reader, browse, q, found):
    text = page(browse(reader), "framework", "FW-COLD", q=q)
    assert found in text
    assert "1 entry" in text


def test_requirements_are_found_by_the_portals_search(library, reader):
    assert [hit.entry.title for hit in search(reader, "CC-2(1)").rows][:1] == ["Alarm"]
    assert [hit.entry.title for hit in search(reader, "goods stay cold").rows] == ["Receive"]


def test_a_step_is_linked_from_the_requirement(library, author, owner, approver, browse):
    document = released(author, owner, approver, body=STEPS).document
    client, address = browse(author), reverse("audits:requirement-link", args=["FW-COLD", "cc-1"])
    steps = flat(client.get(address, {"target": f"{document.code} {document.title}"}).content.decode())
    assert "Check the probe" in steps
    part = document.parts.get(key="s-probe")
    sent = {"target": document.code, "part": part.pk, "note": "At the dock", "save": "1"}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302  # twice is once
    made = RequirementLink.objects.get()
    assert (made.part, made.note, made.made_by) == (part, "At the dock", author)
    assert LedgerLine.objects.filter(event="linked").count() == 1
    assert CatalogLink.objects.filter(relation="fulfils").count() == 1
    shown = page(client, "requirement", "FW-COLD", "cc-1")
    assert "Check the probe" in shown
    assert f"{document.get_absolute_url()}#s-probe" in shown
    panel = client.get(reverse("documents:panel", args=[document.code, "fulfils"])).content.decode()
    assert "Receive" in panel
    client.post(reverse("audits:requirement-unlink", args=[made.pk]))
    assert not RequirementLink.objects.exists()
    assert not CatalogLink.objects.filter(relation="fulfils").exists()
    assert LedgerLine.objects.get(event="unlinked").data["record"].startswith(document.code)


def test_a_requirement_is_linked_from_the_document(library, author, owner, browse):
    document = new_draft(author, owner).document
    client, address = browse(owner), reverse("audits:fulfils-new", args=[catalog.entry_of(document).pk])
    found = flat(client.get(address, {"q": "cc-2(1)"}).content.decode())
    assert "requirement=FW-COLD/cc-2-1" in found
    sent = {"requirement": "FW-COLD/cc-2-1", "save": "1"}
    assert client.post(address, sent).url == document.get_absolute_url()
    assert RequirementLink.objects.get().requirement.title == "Alarm"


def test_who_may_change_neither_end_links_nothing(library, author, owner, approver, reader, browse):
    document = released(author, owner, approver).document
    address = reverse("audits:requirement-link", args=["FW-COLD", "cc-1"])
    assert browse(reader).post(address, {"target": document.code, "save": "1"}).status_code == 403
    assert not RequirementLink.objects.exists()


def test_a_link_to_a_hidden_document_is_not_shown(library, author, owner, reader, browse):
    document = new_draft(author, owner, title="Hidden words").document
    address = reverse("audits:requirement-link", args=["FW-COLD", "cc-1"])
    browse(owner).post(address, {"target": document.code, "save": "1"})
    shown = page(browse(reader), "requirement", "FW-COLD", "cc-1")
    assert "Hidden words" not in shown, shown[shown.index("Hidden words") - 300 :][:500]
    assert "Nothing linked" in page(browse(reader), "requirement", "FW-COLD", "cc-1")
    assert "Hidden words" in page(browse(owner), "requirement", "FW-COLD", "cc-1")


def test_not_applicable_wants_a_justification(library, author, reader, browse):
    address = reverse("audits:requirement-applies", args=["FW-COLD", "cc-1"])
    assert browse(reader).post(address, {"applicability": "not"}).status_code == 403
    client = browse(author)
    refused = client.post(address, {"applicability": "not", "justification": " "})
    assert refused.status_code == 422
    assert "Enter why it does not apply." in flat(refused.content.decode())
    sent = {"applicability": "not", "justification": "We hold no frozen goods."}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302
    row = Requirement.objects.get(external_id="cc-1")
    assert (row.applicability, row.decided_by) == ("not", author)
    assert LedgerLine.objects.filter(event="applicability").count() == 1
    assert "We hold no frozen goods." in page(client, "requirement", "FW-COLD", "cc-1")
    assert "0 of 2 that apply" in page(client, "framework", "FW-COLD")


def test_own_requirements_are_written_and_found(author, reader, browse):
    client = browse(author)
    facts = {"title": "Contract with Polar Foods", "sort": "contract", "owner": author.email, "audience": "everyone"}
    made = client.post(reverse("audits:library-new"), facts | {"form_token": "one"})
    assert client.post(reverse("audits:library-new"), facts | {"form_token": "one"}).url == made.url
    library = Framework.objects.get()
    address = reverse("audits:requirement-new", args=[library.code])
    assert client.post(address, {"label": "4", "title": "Delivery", "is_group": "on"}).status_code == 302
    group = Requirement.objects.get(is_group=True)
    sent = {"label": "4.2", "title": "Doors shut within 3 minutes", "text": "Always.", "parent": group.pk}
    assert client.post(address, sent).status_code == 302
    refused = client.post(address, sent | {"label": "4.02"})
    assert "is used already in this library" in flat(refused.content.decode())
    row = Requirement.objects.get(is_group=False)
    assert (row.parent, row.depth, row.slug) == (group, 1, "4-2")
    assert library.requirements.model.objects.active().count() == 1
    assert [hit.entry.title for hit in search(reader, "doors shut").rows] == [row.title]
    change = reverse("audits:requirement-change", args=[library.code, "4-2"])
    stale = client.post(change, sent | {"text": "Never.", "row_version": row.row_version + 5})
    assert "Somebody else has saved this" in flat(stale.content.decode())
    assert client.post(change, sent | {"text": "By day.", "row_version": row.row_version}).status_code == 302
    row.refresh_from_db()
    assert (row.text, row.history.count()) == ("By day.", 2)
    assert browse(reader).post(change, sent).status_code == 403


def test_a_confidential_library_hides_its_requirements(library, author, reader, outsider, browse):
    facts = {"title": "Cold rules", "sort": "contract", "owner": author.email, "audience": "named"}
    address = reverse("audits:library-change", args=["FW-COLD"])
    assert browse(author).post(address, facts).status_code == 422  # nobody named
    assert browse(author).post(address, facts | {"readers": reader.email}).status_code == 302
    assert "Receive" in page(browse(reader), "requirement", "FW-COLD", "cc-1")
    for name, arguments in (("framework", ["FW-COLD"]), ("requirement", ["FW-COLD", "cc-1"])):
        assert browse(outsider).get(reverse(f"audits:{name}", args=arguments)).status_code == 404
    assert not search(outsider, "goods stay cold").rows
    assert search(reader, "goods stay cold").rows


def upload(client, data, name="rules.csv", **fields):
    sent = {"file": SimpleUploadedFile(name, data), "sort": "standard", **fields}
    return client.post(reverse("audits:framework-import-new"), sent)


def test_a_table_is_previewed_and_imported_in_the_browser(author, browse):
    client = browse(author)
    answer = upload(client, b"id,text\n1,Close doors\n2,Check probe\n", title="Dock rules", edition="3")
    run_waiting()
    shown = flat(client.get(answer.url).content.decode())
    assert "Dock rules" in shown
    assert "Not yet imported" in shown
    assert not Framework.objects.exists()
    run = FrameworkImport.objects.get()
    apply = reverse("audits:framework-import-apply", args=[run.pk])
    client.post(apply)
    client.post(apply)
    run_waiting()
    assert "Open the library" in flat(client.get(answer.url).content.decode())
    framework = Framework.objects.get()
    assert (str(framework), framework.owner, framework.requirements.count()) == ("Dock rules 3", author, 2)
    run.refresh_from_db()
    assert not run.file


def test_columns_are_chosen_where_headings_say_nothing(author, browse):
    client = browse(author)
    answer = upload(client, "Nummer;Was gilt\n1;Türen zu\n".encode(), title="Regeln")
    run_waiting()
    assert "No column holds an id" in flat(client.get(answer.url).content.decode())
    columns = reverse("audits:framework-import-columns", args=[FrameworkImport.objects.get().pk])
    assert client.post(columns, {"key": "Nummer"}).status_code == 422
    assert client.post(columns, {"key": "Nummer", "text": "Was gilt"}).status_code == 302
    run_waiting()
    client.post(reverse("audits:framework-import-apply", args=[FrameworkImport.objects.get().pk]))
    run_waiting()
    assert Requirement.objects.get().text == "Türen zu"


def test_a_broken_file_says_where_and_stores_nothing(author, reader, browse):
    client = browse(author)
    answer = upload(client, b'{"catalog": {"metadata": {"title": "T"}, "groups": [{"controls": [{}]}]}}', "rules.json")
    run_waiting()
    assert "groups 1: It has no id." in flat(client.get(answer.url).content.decode())
    assert not Framework.objects.exists()
    assert upload(client, b"x", "rules.exe").status_code == 422
    assert upload(browse(reader), b"id,text\n1,One\n").status_code == 403


def test_an_edition_shows_its_changes_and_links_to_check(library, tmp_path, author, owner, browse):
    document = new_draft(author, owner).document
    client = browse(author)
    client.post(reverse("audits:requirement-link", args=["FW-COLD", "cc-1"]), {"target": document.code, "save": "1"})
    controls = [{"id": "cc-1", "title": "Receive", "parts": [{"name": "statement", "prose": "Goods stay frozen."}]}]
    data = {
        "metadata": {"title": "Cold rules", "version": "2"},
        "groups": [{"id": "cc", "title": "Cold chain", "controls": controls}],
    }
    path = tmp_path / "new.json"
    path.write_text(json.dumps({"catalog": data}))
    call_command("import_framework", str(path), "--code", "FW-NEW", verbosity=0)
    shown = page(client, "edition-changes", "FW-NEW")
    assert "<ins>frozen.</ins>" in shown
    assert "Store" in shown
    assert "A newer edition is here" in page(client, "framework", "FW-COLD")
    assert document.code in page(client, "links-to-check", "FW-NEW")
    made = RequirementLink.objects.get(needs_check=True)
    client.post(reverse("audits:requirement-link-confirm", args=[made.pk]))
    assert "No links to check" in page(client, "links-to-check", "FW-NEW")


def test_forgotten_uploads_are_removed(author, browse):
    client = browse(author)
    upload(client, b"id,text\n1,One\n")
    FrameworkImport.objects.update(asked_at=FrameworkImport.objects.get().asked_at - timedelta(days=8))
    upload(client, b"id,text\n1,One\n", "other.csv")
    assert [bool(run.file) for run in FrameworkImport.objects.order_by("pk")] == [False, True]


def test_libraries_are_handed_over_when_their_owner_leaves(library, author, owner):
    Framework.objects.update(owner=author)
    (held,) = [held for holding, held in holdings_of(author, seen_by=owner) if holding.name == "libraries"]
    assert len(held) == 1
    assert HOLDING.hand_over(author, to=owner, by=owner) == 1
    library.refresh_from_db()
    assert library.owner == owner
