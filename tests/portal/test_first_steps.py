"""An empty portal tells who set it up what to do first; each step ticks itself off when its records are there."""

import pytest
from django.urls import reverse

from documents.models import RouteTemplate
from people.first_administrator import create_first
from people.models import Department
from tests.cast import new_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(db):
    """Who set the portal up: administrator and process officer at once."""
    return create_first(name="Ada First", email="ada@example.org", password="four words in a row")


def steps_of(client):
    page = client.get("/")
    return {one.step.key: one.is_done for one in page.context["first_steps"]}, page.content.decode()


def test_each_step_is_done_when_its_records_are_there_and_the_panel_goes_with_the_last(browse, first, make_person):
    Department.objects.all().delete()
    them = browse(first)
    assert steps_of(them)[0] == dict.fromkeys(("departments", "people", "routes", "procedures"), False)
    department = Department.objects.create(code="INB", name="Inbound")
    assert steps_of(them)[0]["departments"] is True
    make_person("Bo Second", "staff", department=department)
    RouteTemplate.objects.create(name="Everything")
    found, told = steps_of(them)
    assert (found, "3 of 4 done" in told) == (
        {"departments": True, "people": True, "routes": True, "procedures": False},
        True,
    )
    new_draft(first, first, department=department)
    found, told = steps_of(them)
    assert (found, "First steps" in told) == ({}, False)


def test_every_link_of_a_step_leads_to_a_page_that_opens(browse, first):
    them = browse(first)
    page = them.get("/")
    addresses = [url for one in page.context["first_steps"] for _words, url in one.links]
    assert len(addresses) == 7
    assert {address: them.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def test_each_sees_only_what_they_may_do_and_readers_nothing(browse, administrator, author, reader):
    assert list(steps_of(browse(administrator))[0]) == ["departments", "people", "routes"]
    assert list(steps_of(browse(author))[0]) == ["routes", "procedures"]
    assert steps_of(browse(reader))[0] == {}


def test_whoever_puts_it_away_does_not_see_it_again_and_others_do(browse, administrator, author):
    them = browse(administrator)
    assert them.get(reverse("first-steps-close")).status_code == 405
    assert steps_of(them)[0]
    assert them.post(reverse("first-steps-close")).status_code == 302
    assert steps_of(them)[0] == {}
    assert steps_of(browse(author))[0]
