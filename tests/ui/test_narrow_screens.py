"""Narrow screens in the language with the longer words: titles keep the width, buttons stay on the page."""

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


@pytest.mark.parametrize("name", ["people:import", "sops:import"])
def test_a_long_word_on_a_button_stays_on_the_narrowest_screen(page, live_server, make_person, name):
    ensure_groups()
    person = make_person("Olga Officer", "staff", "officer", "administrator", language="de")
    enter(page.context, live_server, person)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(live_server.url + reverse(name))
    assert page.evaluate("document.documentElement.scrollWidth") == 320
