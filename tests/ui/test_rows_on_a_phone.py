"""Rows with several buttons: on a phone the title keeps the width, in the language with the longer words."""

import pytest
from django.urls import reverse

from core.catalog import entry_of
from core.notices import watch
from people.groups import ensure_groups
from tests.browser import enter
from tests.cast import new_draft

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_watched_can_be_read(page, live_server, author, owner):
    ensure_groups()
    author.language = "de"
    author.save()
    watch(author, entry_of(new_draft(author, owner, title="Receiving temperature-controlled goods").document))
    enter(page.context, live_server, author)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + reverse("watching"))
    row = page.locator(".row")
    assert row.locator("p").first.bounding_box()["width"] > 250
    assert row.locator(".row__title").bounding_box()["height"] < 60
    for button in row.locator("button").all():
        box = button.bounding_box()
        assert box["x"] + box["width"] <= 390
