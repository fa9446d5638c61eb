"""`manage.py import_documents`: what becomes of files, and that twice is once."""

import gzip
import json
import zipfile
from contextlib import suppress
from io import StringIO
from unicodedata import normalize

import pytest
from django.core.management import CommandError, call_command

from core.catalog_check import check_catalog
from core.ledger import lines_of
from core.lifecycle import Refused
from core.models import Attachment, CatalogEntry, CatalogLink, CatalogText, LedgerLine
from documents.bulk import start_documents
from documents.drafting import open_draft
from documents.models import Document, State, Version
from people.models import Person
from sops import import_run
from sops.import_run import LINES_AT_ONCE
from sops.importing import reading
from tests.cast import approve, new_draft

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture
def folder(tmp_path):
    """A handbook of two files that link to one another, with a picture."""
    (tmp_path / "book" / "pictures").mkdir(parents=True)
    book = tmp_path / "book"
    (book / "pictures" / "bay.png").write_bytes(PNG)
    (book / "receiving.md").write_text(
        "---\ntitle: Receiving cold goods\nnumber: SOP-INB-014\nversion: 3.1\neffective: 2024-03-01\n"
        "approved_by: Quinn Approver\napproved: 2024-02-20\nowner: Omar Owner\ndepartment: Inbound\n"
        "next_review: 2027-01-31\n---\n\n![The bay](pictures/bay.png)\n\n1. Open the bay.\n2. Measure.\n\n"
        "See [the scale](tools/scale.md#zero) and [nothing](gone.md).\n"
    )
    (book / "tools").mkdir()
    (book / "tools" / "scale.md").write_text("# The scale\n\nBack to [receiving](../receiving.md).\n")
    return book


def run(path, *options):
    """The counts, and everything that was said."""
    said = StringIO()
    with suppress(SystemExit):  # everything was refused: a test of its own
        call_command("import_documents", str(path), "--json", *options, stdout=said)
    return json.loads(said.getvalue().splitlines()[-1]), said.getvalue()


def counts(read, created=0, updated=0, unchanged=0, refused=0):
    return {"read": read, "created": created, "updated": updated, "unchanged": unchanged, "refused": refused}


def text_of(version):
    return version.body_bytes().decode()


def test_a_folder_becomes_drafts_with_its_facts_pictures_and_links(author, owner, folder):
    result, said = run(folder)
    assert result == counts(2, created=2), said
    receiving, scale = Document.objects.get(code="SOP-INB-014"), Document.objects.get(title="The scale")
    assert (receiving.owner, receiving.department.code, receiving.source_key) == (owner, "INB", "receiving.md")
    draft = receiving.versions.get()
    assert draft.state == State.DRAFT
    picture = Attachment.objects.get(purpose="image")
    assert f'src="/attachments/{picture.pk}/bay.png"' in text_of(draft)
    assert picture.file.read() == PNG
    assert f'href="/documents/{scale.code}/#zero"' in text_of(draft)
    assert 'href="/documents/SOP-INB-014/"' in text_of(scale.versions.get())
    assert "gone.md" in said
    original = Attachment.objects.get(purpose="original", name="receiving.md")
    assert original.file.read() == (folder / "receiving.md").read_bytes()
    line = LedgerLine.objects.get(event="imported", family_id=receiving.pk)
    assert line.data["source"] == "receiving.md"
    assert line.data["sha256"] == draft.data["source_sha256"]
    assert line.data["original"] == [str(original.pk)]


def test_the_same_folder_twice_changes_nothing(author, folder):
    run(folder)
    before = (LedgerLine.objects.count(), Attachment.objects.count(), Document.history.count())
    result, _said = run(folder)
    assert result == counts(2, unchanged=2)
    assert (LedgerLine.objects.count(), Attachment.objects.count(), Document.history.count()) == before


def test_a_dry_run_says_what_would_happen_and_writes_nothing(author, folder):
    result, said = run(folder, "--dry-run")
    assert result == counts(2, created=2)
    assert "dry run" in said
    assert not Document.objects.exists()
    assert not LedgerLine.objects.exists()


def test_a_changed_file_is_a_new_draft_and_refused_while_another_is_open(author, owner, approver, folder):
    run(folder)
    scale = folder / "tools" / "scale.md"
    scale.write_text("# The scale\n\nTwice a day.\n")
    result, said = run(folder)
    assert result == counts(2, unchanged=1, refused=1)
    code = Document.objects.get(title="The scale").code
    assert f"a draft of {code} is open" in said
    approve(Document.objects.get(code=code).versions.get(), author, approver)
    result, said = run(folder)
    assert result == counts(2, updated=1, unchanged=1), said
    draft = Document.objects.get(code=code).open_version()
    assert "Twice a day." in text_of(draft)
    assert (draft.sequence, draft.reason) == (2, "Imported again: tools/scale.md")


def test_another_picture_is_a_changed_document(author, approver, folder):
    run(folder)
    approve(Document.objects.get(code="SOP-INB-014").versions.get(), author, approver)
    (folder / "pictures" / "bay.png").write_bytes(PNG + b"\0")
    assert run(folder)[0] == counts(2, updated=1, unchanged=1)


def test_as_effective_keeps_number_version_approver_and_dates(author, owner, folder):
    result, said = run(folder, "--as-effective")
    assert result == counts(2, created=2)
    document = Document.objects.get(code="SOP-INB-014")
    version = document.version_in_force()
    assert version.number == "3.1"
    assert str(version.effective_from.date()) == "2024-03-01"
    assert version.approved_before == {
        "approver": "Quinn Approver",
        "approved_on": "2024-02-20",
        "version": "3.1",
        "source": "receiving.md",
    }
    assert str(document.review_due_on) == "2027-01-31"
    line = LedgerLine.objects.get(event="adopt", family_id=document.pk)
    assert line.data["approved_before_the_portal"]["approver"] == "Quinn Approver"
    assert line.actor == author
    unstated = Document.objects.get(title="The scale").version_in_force()
    assert unstated.number == "1.0"
    assert "No version is stated" in said
    assert "it takes effect today" in said


def test_what_came_in_force_stands_in_the_index_as_a_rebuilt_one_has_it(author, owner, folder):
    run(folder, "--as-effective")
    stored = set(CatalogText.objects.values_list("entry__code", "body", "attachments", "vector"))
    assert check_catalog() == []
    call_command("reindex", verbosity=0)
    assert set(CatalogText.objects.values_list("entry__code", "body", "attachments", "vector")) == stored
    assert len(stored) == 2
    receiving, scale = CatalogEntry.objects.order_by("-code")
    links = set(CatalogLink.objects.values_list("source", "target"))
    assert links == {(receiving.pk, scale.pk), (scale.pk, receiving.pk)}


def test_a_link_that_is_gone_from_the_next_version_is_gone_from_the_index(author, owner, folder):
    run(folder, "--as-effective")
    text = (folder / "receiving.md").read_text()
    for old, new in (("[the scale](tools/scale.md#zero)", "the scale"), ("3.1", "3.2"), ("2024-03-01", "2024-04-01")):
        text = text.replace(old, new)
    (folder / "receiving.md").write_text(text)
    assert run(folder, "--as-effective")[0] == counts(2, updated=1, unchanged=1)
    receiving, scale = CatalogEntry.objects.order_by("-code")
    assert set(CatalogLink.objects.values_list("source", "target")) == {(scale.pk, receiving.pk)}
    newest, before = Document.objects.get(code=receiving.code).versions.all()
    assert (newest.number, before.number) == ("3.2", "3.1")
    assert before.effective_until == newest.effective_from


def test_an_older_file_does_not_replace_what_is_in_force(author, folder):
    run(folder, "--as-effective")
    receiving = folder / "receiving.md"
    receiving.write_text(receiving.read_text().replace("2024-03-01", "2023-01-01").replace("3.1", "2.0"))
    result, said = run(folder, "--as-effective")
    assert result == counts(2, updated=1, unchanged=1)
    document = Document.objects.get(code="SOP-INB-014")
    assert document.version_in_force().number == "3.1"
    assert document.open_version().state == State.DRAFT
    assert "It stays a draft" in said


def test_a_number_of_another_source_is_refused_with_the_reason(author, owner, folder):
    new_draft(author, owner, code="SOP-INB-014")
    result, said = run(folder)
    assert result == counts(2, created=1, refused=1)
    assert "The number SOP-INB-014 is or was used by another source." in said


def test_two_files_that_state_one_number_and_one_file_in_two_places(author, folder):
    (folder / "copy.md").write_bytes((folder / "tools" / "scale.md").read_bytes().replace(b"../", b""))
    (folder / "twin.md").write_bytes((folder / "tools" / "scale.md").read_bytes().replace(b"../", b""))
    (folder / "rival.md").write_text("---\nnumber: SOP-INB-014\n---\n# Rival\n\nText.\n")
    result, said = run(folder)
    assert result == counts(5, created=3, unchanged=1, refused=1), said
    assert "The same file as copy.md" in said
    assert "is stated by" in said


def test_who_may_not_is_refused_before_anything_is_read(reader, owner, folder):
    with pytest.raises(CommandError, match="may not import"):
        run(folder, "--by", reader.email)
    with pytest.raises(CommandError, match="may not take over"):
        run(folder, "--as-effective", "--by", owner.email)
    assert not Document.objects.exists()


def test_without_by_the_first_officer_imports_and_is_named(make_person, folder):
    make_person("Zoe Gone", "officer", is_active=False)
    officer = make_person("Olga Officer", "officer")
    _counts, said = run(folder)
    assert f"In the name of Olga Officer <{officer.email}>." in said
    assert Document.objects.first().created_by == officer


def test_without_an_officer_a_superuser_imports(folder, db):
    with pytest.raises(CommandError, match="--by EMAIL"):
        run(folder)
    boss = Person.objects.create_superuser("root@example.org", "correct horse battery", name="Root")
    assert run(folder)[0] == counts(2, created=2)
    assert Document.objects.first().created_by == boss


def test_links_out_of_the_folder_are_neither_read_nor_shown(author, folder, tmp_path):
    (tmp_path / "secret.md").write_text("# Secret\n\nZXCANARY\n")
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "away").symlink_to(tmp_path, target_is_directory=True)
    (folder / "pictures" / "out.png").symlink_to(tmp_path / "secret.png")
    (folder / "asks.md").write_text("# Asks\n\n![a](../secret.png) ![b](pictures/out.png) ![c](away/secret.png)\n")
    result, said = run(folder)
    assert result == counts(4, created=3, refused=1)
    assert "was not followed" in said
    assert Attachment.objects.filter(purpose="image").count() == 1
    assert not any("ZXCANARY" in text_of(document.versions.get()) for document in Document.objects.all())


def test_other_office_files_are_named_not_left_out_silently(author, folder):
    (folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "page.html").write_text("<p>Text</p>")
    result, said = run(folder)
    assert result == counts(4, created=2, refused=2)
    assert "old.doc – Only Word (.docx) and Markdown files are read." in said


def zipped(folder, target):
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return target


def test_an_archive_is_its_folder(author, folder, tmp_path):
    assert run(zipped(folder, tmp_path / "book.zip"))[0] == counts(2, created=2)
    assert run(folder)[0] == counts(2, unchanged=2)


@pytest.mark.parametrize("name", ["../escape.md", "/etc/escape.md"])
def test_a_hostile_archive_is_refused_whole(author, tmp_path, name):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("fine.md", "# Fine\n\nText.\n")
        archive.writestr(name, "# Escape\n\nText.\n")
    with pytest.raises(CommandError, match="leads outside"):
        run(tmp_path / "evil.zip")
    assert not Document.objects.exists()
    assert not list(tmp_path.parent.glob("**/escape.md"))


def test_neg_29_an_archive_that_unpacks_to_very_much_is_refused(author, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.md", b"0" * 40 * 1024 * 1024)
    with pytest.raises(CommandError, match="times its size"):
        run(tmp_path / "bomb.zip")


def lines(path, *rows):
    data = "".join(json.dumps(row) + "\n" if isinstance(row, dict) else row + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_lines_are_known_by_their_id_and_a_broken_one_stops_nobody(author, tmp_path):
    rows = [{"id": f"a/{n}", "title": f"Title {n}", "body": f"Text {n}."} for n in range(LINES_AT_ONCE + 5)]
    path = lines(tmp_path / "many.jsonl.gz", *rows, "not json", {"id": "a/1", "title": "Again", "body": "Twice."})
    result, said = run(path)
    assert result == counts(LINES_AT_ONCE + 7, created=LINES_AT_ONCE + 5, refused=2)
    assert "Not JSON" in said
    assert "stands twice" in said
    assert Document.objects.filter(source_key="a/7", title="Title 7").exists()


def test_files_of_documents_that_were_not_written_are_taken_away(author, folder, settings, monkeypatch):
    def one_at_a_time(starts, *, by):
        versions = start_documents(starts, by=by)
        if len(starts) > 1 or "scale" in starts[0].title:
            raise Refused("Not these.")
        return versions

    monkeypatch.setattr(import_run, "start_documents", one_at_a_time)
    result, said = run(folder)
    assert result == counts(2, created=1, refused=1), said
    there = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    stored = {path.relative_to(settings.MEDIA_ROOT).as_posix() for path in there}
    assert stored == set(Attachment.objects.values_list("file", flat=True))
    assert len(stored) == 2


def test_all_refused_ends_with_one_and_an_unreadable_path_says_so(author, tmp_path):
    with pytest.raises(SystemExit) as end:
        call_command("import_documents", str(lines(tmp_path / "bad.jsonl", "{}")), stdout=StringIO())
    assert end.value.code == 1
    for path in (tmp_path / "missing.md", tmp_path / "picture.png"):
        with pytest.raises(CommandError):
            run(path)


def test_a_draft_written_here_after_the_import_does_not_bring_the_old_file_back(author, approver, folder):
    run(folder)
    version = approve(Document.objects.get(code="SOP-INB-014").versions.get(), author, approver)
    draft = open_draft(version.document, by=author, reason="written here")
    assert draft.data["source_sha256"] == version.data["source_sha256"]
    assert run(folder)[0] == counts(2, unchanged=2)


def test_every_word_file_of_the_set_comes_in_with_its_facts(author, shared_data):
    result, said = run(shared_data / "sops" / "docx", "--as-effective")
    assert result == counts(16, created=16), said
    document = Document.objects.get(code="SOP-HR-001")
    version = document.version_in_force()
    assert (version.number, version.title) == ("1.2", "Going out of office")
    assert str(version.effective_from.date()) == "2026-01-15"
    assert "tracked insertion" in said
    assert "tracked deletion" in said
    pictures = json.loads((shared_data / "sops" / "docx" / "truth.json").read_text())
    assert Attachment.objects.filter(purpose="original").count() == 16
    assert pictures
    events = [line.event for line in lines_of(document)][::-1]
    assert events == ["started", "draft_opened", "imported", "adopt"]
    assert run(shared_data / "sops" / "docx")[0] == counts(16, unchanged=16)


def test_lines_that_are_as_they_were_are_not_read_again(author, owner, tmp_path, monkeypatch):
    path = tmp_path / "handbook.jsonl"
    rows = [{"id": f"p{n}", "title": f"Procedure {n}", "body": f"1. Do {n}.\n"} for n in range(3)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    assert run(path)[0] == counts(3, created=3)

    rows[1]["body"] = "1. Do it otherwise.\n"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    parsed, really = [], reading.read_markdown

    def read(body, *args, **given):
        parsed.append(body)
        return really(body, *args, **given)

    monkeypatch.setattr(reading, "read_markdown", read)
    for version in Version.objects.all():
        approve(version, author, owner)
    assert run(path)[0] == counts(3, updated=1, unchanged=2)
    assert parsed == ["1. Do it otherwise.\n"]


def test_a_file_without_text_is_refused_and_a_strange_date_stops_nobody(author, tmp_path):
    (tmp_path / "empty.md").write_text("---\ntitle: Nothing\n---\n\n<!-- later -->\n")
    (tmp_path / "far.md").write_text(
        "---\neffective: 0001-01-01\nreview: 9999-12-31\nversion: 99999999999\n---\nText.\n"
    )
    result, said = run(tmp_path, "--as-effective")
    assert result == counts(2, created=1, refused=1)
    assert "empty.md – There is no text in it." in said
    assert "“0001-01-01” is not a date." in said
    assert Document.objects.get().version_in_force().number == "99999999999"


def test_names_with_signs_in_two_pieces_are_found_and_known_again(author, tmp_path):
    """As a Mac packs them: the o and its dots are two signs, while the text names them as one."""
    mac, other = tmp_path / "mac.zip", tmp_path / "other.zip"
    text = "# Größen\n\n[more](Größe%20zwei.md) ![Büro](Büro.png)\n"
    for archive, form, more in ((mac, "NFD", ""), (other, "NFC", "\nChanged.\n")):
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(normalize(form, "Größe.md"), text + more)
            packed.writestr(normalize(form, "Größe zwei.md"), "# Zwei\n\nText.\n")
            packed.writestr(normalize(form, "Büro.png"), PNG)
    result, said = run(mac, "--as-effective")
    assert result == counts(2, created=2)
    assert "not found" not in said
    assert "plain words" not in said
    assert run(other)[0] == counts(2, updated=1, unchanged=1)


def test_a_title_that_came_in_is_one_line_that_can_be_seen(author, tmp_path):
    lines = tmp_path / "all.jsonl"
    titles = ["\u200b Invoice \u202efdp.exe\u2028now\u200b", "\u200b\u3164"]
    rows = [{"id": f"seen-{at}", "title": title, "body": "Text."} for at, title in enumerate(titles)]
    lines.write_text("\n".join(map(json.dumps, rows)))
    result, said = run(lines)
    assert result == counts(2, created=2), said
    assert set(Document.objects.values_list("title", flat=True)) == {"Invoice fdp.exe now", "seen-1"}


def test_a_path_that_leads_nowhere_is_told_as_that(author, tmp_path):
    with pytest.raises(CommandError, match="There is no file or folder"):
        call_command("import_documents", str(tmp_path / "proceduers"), "--by", author.email)
