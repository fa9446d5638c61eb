"""A kind of document holds bytes: nothing outside it decodes them, and it says how they are read and edited."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import format_html

from documents import kinds
from documents.drafting import save_draft, start_document
from documents.kinds import ContentRefused, Kind, PartOf, register_kind
from documents.models import Part, Version
from people.models import Person
from sops.kinds import WRITE

LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?><plan>Gate “Süd”</plan>'.encode("cp1252")
LONG_KEY = "element_" + "x" * 240


def _take(data: bytes) -> tuple[bytes, list[str]]:
    if not data.startswith(b"<?xml"):
        raise ContentRefused("This is no plan. Choose a file that begins with <?xml.")
    return data, []


@pytest.fixture
def plan() -> Iterator[Kind]:
    """A kind whose content is XML in whatever encoding it came."""
    kind = Kind(
        key="plan",
        label="Plan",
        plural="Plans",
        prefix="PLN",
        icon="doc",
        write_permission=WRITE,
        media_type="application/xml",
        empty_content=b"",
        encoding="",
        accepts=(".plan",),
        file_ending=".plan",
        clean=_take,
        text=lambda data: data.decode("cp1252"),
        blocks=lambda data: [data.decode("cp1252")],
        render=lambda data: "",
        is_empty=lambda data: not data,
        to_editor=lambda data: data.decode("cp1252"),
        from_editor=lambda text: text.encode("cp1252"),
        parts=lambda data: [PartOf(LONG_KEY, "Gate", "gate")] if data else [],
        reading=lambda request, version: format_html("<div class='drawn'>{} bytes</div>", len(version.body_bytes())),
        comparing=lambda request, before, after: format_html("<p>{} drawn anew</p>", after.number),
    )
    register_kind(kind)
    yield kind
    del kinds._kinds["plan"]


@pytest.fixture
def started(plan: Kind, author: Person) -> Version:
    return start_document(kind="plan", by=author, title="Yard plan", body=LATIN)


def test_content_is_stored_byte_for_byte(started: Version) -> None:
    assert started.body_bytes() == LATIN
    assert started.content.encoding == ""
    assert list(Part.objects.values_list("key", "label", "type")) == [(LONG_KEY, "Gate", "gate")]


def test_no_page_decodes_what_the_kind_reads(started: Version, author: Person, client: Client) -> None:
    client.force_login(author)
    code = started.document.code
    page = client.get(reverse("documents:page", args=[code]))
    assert f"<div class='drawn'>{len(LATIN)} bytes</div>" in page.content.decode()
    for name in ("version-page", "print", "edit", "submit"):
        answer = client.get(reverse(f"documents:{name}", args=[code, 1]))
        assert answer.status_code == 200, name
    for name in ("history", "compare", "facts"):
        assert client.get(reverse(f"documents:{name}", args=[code])).status_code == 200, name
    assert "Gate “Süd”" in client.get(reverse("documents:edit", args=[code, 1])).content.decode()


def test_a_stale_save_shows_both_contents(started: Version, author: Person, client: Client) -> None:
    client.force_login(author)
    save_draft(started, by=author, row_version=started.row_version, body=LATIN + b"<!-- -->")
    stale = {"title": "Yard plan", "body": LATIN.decode("cp1252") + "<!---->", "row_version": started.row_version}
    answer = client.post(reverse("documents:edit", args=[started.document.code, 1]), stale)
    assert answer.status_code == 409


def test_an_uploaded_file_of_the_kind_becomes_its_content(plan: Kind, author: Person, client: Client) -> None:
    client.force_login(author)
    facts: dict[str, Any] = {"kind": "plan", "title": "Yard", "owner": author.email, "audience": "everyone"}
    wrong = client.post(reverse("documents:new"), facts | {"file": SimpleUploadedFile("yard.plan", b"\x00\xff")})
    assert wrong.status_code == 422
    assert "Choose a file that begins with" in wrong.content.decode()
    client.post(reverse("documents:new"), facts | {"file": SimpleUploadedFile("yard.plan", LATIN)})
    version = Version.objects.get()
    assert version.body_bytes() == LATIN
    assert not version.is_file


def test_what_a_kind_refuses_is_said_and_stores_nothing(started: Version, author: Person, client: Client) -> None:
    client.force_login(author)
    sent = {"title": "Yard plan", "body": "no plan", "row_version": started.row_version}
    answer = client.post(reverse("documents:edit", args=[started.document.code, 1]), sent)
    assert answer.status_code == 422
    assert "This is no plan" in answer.content.decode()
    started.refresh_from_db()
    assert started.body_bytes() == LATIN
