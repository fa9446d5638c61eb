"""Taking over people in a browser: looked at, asked for, progress, what came of it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core import jobs
from people.groups import ensure_groups
from people.models import Person
from tests.documents.test_signing_in_a_browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db):
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


def test_people_come_in_while_the_page_says_how_far_it_is(page, live_server, cast, administrator, axe_violations):
    sign_in(page, live_server, administrator)
    page.goto(live_server.url + reverse("people:import"))
    table = "email,name,department\nnina@example.org,Nina New,Operations / Dock\nnobody,Faulty,\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    page.get_by_role("button", name="Look at what would change").click()
    page.get_by_role("button", name="Take over these changes").click()
    expect(page.get_by_role("heading", name="The people are being taken over")).to_be_visible()
    assert axe_violations() == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not Person.objects.filter(email="nina@example.org").exists()
    jobs.run_waiting()
    expect(page.get_by_role("heading", name="Imported people")).to_be_visible()
    expect(page.get_by_text("“nobody” is no e-mail address.")).to_be_visible()
    assert Person.objects.get(email="nina@example.org").department.name == "Dock"
