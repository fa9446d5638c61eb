"""Comments pinned to an element of a map: shown beside it, carried to the next version, resolved by who asked."""

import pytest
from django.urls import reverse

from core.catalog import entry_of
from core.models import Comment
from documents.drafting import open_draft, start_document
from documents.models import Version
from people.models import Person
from processes.element_comments import place_of
from tests.cast import approve, flat, signed_in
from tests.processes.bpmn.conftest import bpmn
from tests.processes.test_maps import PLANE, STEPS

pytestmark = pytest.mark.django_db
QUESTION = "Who checks the seal at night?"


@pytest.fixture
def drawn(author: Person, approver: Person) -> Version:
    return approve(start_document(kind="map", by=author, title="Receive", body=bpmn(STEPS, PLANE)), author, approver)


def ask(person: Person, version: Version, element: str = "t", text: str = QUESTION) -> None:
    entry = entry_of(version.document)
    here = f"{version.document.get_absolute_url()}?element={element}"
    sent = {"text": text, "place": place_of(element), "next": here}
    answer = signed_in(person).post(reverse("core:comments", args=[entry.pk]), sent)
    assert answer["Location"] == f"{here}#comments"


def page(person: Person, version: Version, element: str = "") -> str:
    return flat(signed_in(person).get(f"{version.get_absolute_url()}?element={element}").content.decode())


def test_a_comment_stands_beside_its_element(drawn: Version, reader: Person) -> None:
    ask(reader, drawn)
    assert QUESTION in page(reader, drawn, "t")
    assert QUESTION not in page(reader, drawn, "u")
    shown = page(reader, drawn)
    assert shown.count('class="bubble"') == 1
    assert "1 open comment" in shown
    threads = flat(signed_in(reader).get(reverse("core:comments", args=[entry_of(drawn.document).pk])).content.decode())
    assert f'href="{drawn.document.get_absolute_url()}?element=t#element">Check seal</a>' in threads


def test_the_next_version_carries_it(drawn: Version, author: Person, reader: Person) -> None:
    ask(reader, drawn)
    draft = open_draft(drawn.document, by=author, body=bpmn(STEPS.replace("Check seal", "Check both seals"), PLANE))
    assert QUESTION in page(author, draft, "t")


def test_a_comment_on_a_removed_element_stays_readable(drawn: Version, author: Person, reader: Person) -> None:
    ask(reader, drawn, "gone")
    threads = signed_in(reader).get(reverse("core:comments", args=[entry_of(drawn.document).pk])).content.decode()
    assert QUESTION in threads
    assert "gone" in threads
    assert 'class="bubble"' not in page(reader, drawn)


def test_who_asked_resolves_it(drawn: Version, reader: Person, outsider: Person) -> None:
    ask(reader, drawn)
    thread, entry = Comment.objects.get(), entry_of(drawn.document)
    path = reverse("core:comment-resolve", args=[entry.pk, thread.pk])
    assert path not in page(outsider, drawn, "t")
    assert signed_in(outsider).post(path).status_code == 403
    assert path in page(reader, drawn, "t")
    signed_in(reader).post(path, {"next": drawn.document.get_absolute_url()})
    shown = page(reader, drawn, "t")
    assert 'class="bubble"' not in shown
    assert "Open again" in shown


def test_words_of_a_comment_are_text(drawn: Version, reader: Person) -> None:
    ask(reader, drawn, text="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(reader, drawn, "t")


def test_long_ids_have_a_place_of_their_own() -> None:
    first, second = place_of("x" * 200 + "1"), place_of("x" * 200 + "2")
    assert first != second
    assert len(first) <= 80
