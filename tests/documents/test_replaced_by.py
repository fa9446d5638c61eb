"""What replaces a retired document is chosen by number in any spelling, by title, or from a list while typing."""

import pytest
from django.urls import reverse

from documents.forms import RetireForm
from documents.models import Document, KindSettings
from tests.cast import released, retired, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(author, owner, approver):
    return released(author, owner, approver, title="Old scale", code="SOP-013").document


@pytest.fixture
def new(author, owner, approver):
    return released(author, owner, approver, title="New scale", code="SOP-014").document


def retired_with(old, owner, text):
    sent = {"reason": "Replaced", "successor": text, "password": "correct horse battery"}
    return signed_in(owner).post(reverse("documents:retire", args=[old.code]), sent)


def chosen(old, person, text):
    form = RetireForm({"reason": "x", "successor": text}, document=old, person=person, settings=KindSettings.of("sop"))
    form.is_valid()
    return form.cleaned_data.get("successor"), form.errors.get("successor", [])


@pytest.mark.parametrize("text", ["SOP-014", "sop 14", "sop014", " Sop-14 ", "SOP-014 New scale", "new scale"])
def test_any_spelling_of_the_number_and_the_title_are_understood(old, new, owner, text):
    assert chosen(old, owner, text) == (new, [])


def test_itself_a_retired_one_and_an_unknown_one_are_refused_in_words(old, new, owner, author, approver):
    assert "does not replace itself" in chosen(old, owner, "SOP-013")[1][0]
    assert "no document with the number" in chosen(old, owner, "SOP-999")[1][0]
    retired(new.version_in_force(), owner, author, "Gone")
    assert "is retired itself" in chosen(old, owner, "sop 14")[1][0]


def test_neg_04_a_document_the_person_may_not_see_is_neither_found_nor_suggested(old, author, owner, approver, reader):
    secret = released(author, owner, approver, title="Secret scale", code="SOP-099", audience="named").document
    for text in (secret.code, "sop 99", secret.title):
        assert chosen(old, reader, text)[0] is None
    assert signed_in(reader).get(reverse("documents:suggest"), {"q": "secret sc"}).json() == {"suggestions": []}
    assert signed_in(owner).get(reverse("documents:suggest"), {"q": "secret sc"}).json() == {
        "suggestions": ["SOP-099 Secret scale"]
    }


def test_numbers_and_titles_are_suggested_while_typing(old, new, owner):
    ask = signed_in(owner).get
    assert ask(reverse("documents:suggest"), {"q": "sop 14"}).json()["suggestions"] == ["SOP-014 New scale"]
    assert set(ask(reverse("documents:suggest"), {"q": "scale"}).json()["suggestions"]) == {
        "SOP-014 New scale",
        "SOP-013 Old scale",
    }
    assert ask(reverse("documents:suggest"), {"q": "s"}).json() == {"suggestions": []}


def test_the_page_offers_suggestions_and_keeps_what_was_typed(old, new, owner):
    page = signed_in(owner).get(reverse("documents:retire", args=[old.code])).content.decode()
    assert f'data-suggest="{reverse("documents:suggest")}"' in page
    answer = retired_with(old, owner, "sop 999")
    assert answer.status_code == 422
    assert 'value="sop 999"' in answer.content.decode()
    assert not Document.objects.exclude(retired_at=None).exists()
