"""What an import may put in effect. Each test is named for what must not happen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.jobs import run_waiting
from core.models import LedgerLine
from documents.models import Document, Version
from sops.import_plan import Options
from sops.import_run import import_path
from sops.models import ImportRun, ImportSettings
from tests.cast import PASSWORD, flat, released

pytestmark = pytest.mark.django_db
TEXT = (
    b"---\ntitle: Cold goods\nnumber: SOP-INB-014\nversion: 3.1\neffective: 2024-03-01\n"
    b"approved_by: Old Name\n---\n\nOpen.\n"
)


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture
def second(make_person):
    return make_person("Olga Officer", "staff", "officer")


def looked_at(client, text=TEXT):
    upload = SimpleUploadedFile("receiving.md", text)
    client.post(reverse("sops:import"), {"files": [upload], "form_token": "t", "as_effective": "on"})
    run_waiting()
    return ImportRun.objects.latest("pk")


def press(client, run, name="apply", **data):
    answer = client.post(reverse(f"sops:import-{name}", args=[run.pk]), {"password": PASSWORD, **data})
    run_waiting()
    return answer


def test_import_does_not_take_effect_where_it_is_not_allowed(author, browse):
    client = browse(author)
    assert b"as_effective" not in client.get(reverse("sops:import")).content
    run = looked_at(client)
    assert not run.as_effective
    press(client, run)
    assert not Version.objects.released().exists()


def test_officer_does_not_let_imports_take_effect_themself(author, administrator, browse):
    address = reverse("sops:import-settings")
    assert browse(author).post(address, {"allowed": "1"}).status_code == 403
    assert not ImportSettings.current().may_take_effect
    browse(administrator).post(address, {"allowed": "1"})
    assert ImportSettings.current().may_take_effect
    assert LedgerLine.objects.get(event="imports_may_take_effect").actor == administrator


def test_import_does_not_take_effect_by_one_signature(author, second, reader, browse):
    ImportSettings.allow_effective(True, by=None)
    client = browse(author)
    run = looked_at(client)
    assert press(client, run, password="wrong").status_code == 422
    press(client, run)
    assert press(client, run).status_code == 403
    assert not Version.objects.released().exists()
    assert press(browse(reader), run).status_code == 404
    press(browse(second), run)
    version = Version.objects.released().get()
    line = LedgerLine.objects.get(event="import_applied")
    assert (line.actor, line.data["signed_first"], line.data["signed_with"]) == (second, str(author), "password")
    page = flat(browse(reader).get(version.document.get_absolute_url()).content.decode())
    assert "as stated in the file by Old Name" in page


def test_import_does_not_supersede_what_was_approved_in_the_portal(author, owner, approver, second, browse):
    ImportSettings.allow_effective(True, by=None)
    version = released(author, owner, approver, code="SOP-INB-014", title="Cold goods")
    client = browse(author)
    run = looked_at(client, TEXT.replace(b"2024-03-01", b"2099-01-01"))
    press(client, run)
    press(browse(second), run)
    version.refresh_from_db()
    assert version.effective_until is None
    assert Document.objects.get().version_in_force() == version


def test_import_that_took_effect_is_not_undone_without_reason_and_signature(author, second, browse):
    ImportSettings.allow_effective(True, by=None)
    client = browse(author)
    run = looked_at(client)
    press(client, run)
    press(browse(second), run)
    assert press(client, run, "undo").status_code == 422
    assert press(client, run, "undo", reason="Wrong file", password="wrong").status_code == 422
    assert not Document.objects.get().is_retired
    press(client, run, "undo", reason="Wrong file")
    assert Document.objects.get().is_retired
    line = LedgerLine.objects.get(event="import_undone")
    assert (line.reason, line.data["signed_with"]) == ("Wrong file", "password")


def imported(author, folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text)
    return import_path(folder, Options(), by=author)


def test_two_files_of_one_name_do_not_become_one_document(author, tmp_path):
    imported(author, tmp_path / "book", SOP="# Receiving cold goods\n\nOpen the bay and measure each pallet.\n")
    counts = imported(
        author, tmp_path / "book", SOP="# Payroll at month end\n\nSend salaries to the bank by the 25th.\n"
    )
    assert (counts["refused"], counts["updated"]) == (1, 0)
    assert Document.objects.get().title == "Receiving cold goods"


def test_next_version_of_a_file_is_still_known_by_its_likeness(author, tmp_path):
    text = "# Receiving cold goods\n\nOpen the bay and measure each pallet.\n"
    imported(author, tmp_path / "book", SOP=text)
    Version.objects.get().move("discard", by=author)
    assert imported(author, tmp_path / "book", SOP=text + "\nClose the bay.\n")["updated"] == 1


def test_line_does_not_say_that_it_stays_a_draft_and_takes_a_place(author, owner, approver, browse):
    ImportSettings.allow_effective(True, by=None)
    released(author, owner, approver, code="SOP-INB-014", title="Cold goods")
    Document.objects.update(source_key="receiving.md")
    client = browse(author)
    page = client.get(looked_at(client).get_absolute_url()).content.decode()
    assert "was approved in the portal" in page
    assert "takes the place of" not in page
