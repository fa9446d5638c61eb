"""A sign-in that ends while somebody writes: nothing is taken, and nothing that was typed is lost."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from core.catalog import entry_of
from core.models import Comment
from documents.models import Document
from people.groups import ensure_groups
from tests.browser import enter
from tests.cast import flat, new_draft, signed_in

TYPED = "Three pallets stood in the sun for an hour."


@pytest.fixture
def version(db, author, owner):
    return new_draft(author, owner)


def send(client, address, form, page="/documents/"):
    return client.post(address, form, headers={"Referer": f"http://testserver{page}"})


def test_what_was_typed_comes_back_with_a_way_to_sign_in_and_nothing_is_taken(version, author):
    client, page = signed_in(author), version.document.get_absolute_url()
    author.end_sessions()
    author.save()
    answer = send(client, reverse("core:comments", args=[entry_of(version.document).pk]), {"text": TYPED}, page)
    shown = flat(answer.content.decode())
    assert answer.status_code == 401
    assert TYPED in shown
    assert f'href="{reverse("account_login")}?next={page}" target="_blank"' in shown
    assert not Comment.objects.exists()


def test_a_password_is_not_given_back(version, author):
    form = {"password": "correct horse battery staple", "comment": TYPED}
    address = reverse("documents:version-decide", args=[version.document.code, 1])
    shown = send(Client(), address, form).content.decode()
    assert TYPED in shown
    assert "horse" not in shown


def test_a_page_elsewhere_chooses_no_words_that_stand_under_our_name(db):
    answer = Client().post(reverse("documents:new"), {"title": TYPED}, headers={"Referer": "http://evil.example/"})
    assert answer.status_code == 401
    assert TYPED not in answer.content.decode()
    assert "evil.example" not in answer.content.decode()
    assert not Document.objects.exists()


def test_who_only_looks_is_led_to_the_sign_in_as_ever(db):
    answer = Client().get(reverse("documents:new"))
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('documents:new')}"


@pytest.mark.django_db(transaction=True)
def test_a_comment_that_is_sent_without_leaving_the_page_is_not_lost_either(page, live_server, author, owner):
    ensure_groups()
    document = new_draft(author, owner).document
    enter(page.context, live_server, author)
    page.goto(live_server.url + document.get_absolute_url())
    page.locator("#comments").scroll_into_view_if_needed()
    page.get_by_label("New comment").fill(TYPED)
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_label("What you had typed, to copy")).to_have_value(TYPED)
    assert not Comment.objects.exists()
