"""The pages of people as people meet them: both themes, desk and phone, by keyboard."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from people.first_administrator import setup_token
from people.groups import ensure_groups
from people.leaving import deactivate
from people.models import Department, Invitation, JobRole, PeopleImport, Person
from people.standing_in import delegate
from tests.browser import enter

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = {"desk": {"width": 1440, "height": 1000}, "phone": {"width": 390, "height": 844}}
ROWS = [
    {
        "line": "2",
        "email": "nina@example.org",
        "name": "Nina New",
        "department": "Operations / Dock",
        "job_roles": "Lead",
    },
    {"line": "3", "email": "rita.reader@example.org", "name": "Rita Renamed"},
    {"line": "4", "email": "no address", "name": "Faulty"},
]


@pytest.fixture
def cast(db):
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


@pytest.fixture
def organisation(cast, administrator, reader, owner, author):
    """People with everything a page can show; returns the addresses to visit."""
    below = Department.objects.create(name="Cold dock", code="COLD", parent=reader.department)
    role = JobRole.objects.create(name="Dock lead")
    reader.job_roles.add(role)
    Person.objects.filter(pk=reader.pk).update(manager=owner)
    today = timezone.localdate()
    delegate(administrator, to=reader, starts_on=today, ends_on=today + timedelta(days=4), by=administrator)
    Person.objects.create_user("ina.invited@example.org", None, name="Ina Invited", department=below)
    deactivate(author, by=administrator, reason="left the company")
    kept = PeopleImport.objects.create(file_name="people.csv", asked_by=administrator, rows=ROWS)
    pages = {name: reverse(f"people:{name}") for name in ("list", "invite", "departments", "department-new", "roles")}
    pages |= {name: reverse(f"people:{name}") for name in ("role-new", "import", "preferences", "my-delegation")}
    for name in ("page", "change", "deactivate", "delegation"):
        pages[name] = reverse(f"people:{name}", args=[reader.pk])
    pages["hand-over"] = reverse("people:hand-over", args=[owner.pk])
    pages["reactivate"] = reverse("people:reactivate", args=[author.pk])
    pages["department"] = reverse("people:department", args=[below.pk])
    pages["role"] = reverse("people:role", args=[role.pk])
    pages["import-preview"] = reverse("people:import-preview", args=[kept.pk])
    pages["password"] = reverse("account_change_password")
    pages["second-step"] = reverse("mfa_index")
    return pages


def sign_in(page, live_server, person):
    enter(page.context, live_server, person)


@pytest.mark.long
def test_axe_finds_nothing(page, live_server, faults_in_every_look, organisation, administrator):
    sign_in(page, live_server, administrator)
    faults = {}
    for name, address in organisation.items():
        page.goto(f"{live_server}{address}")
        if found := faults_in_every_look(page, f"people-{name}"):
            faults[name] = found
    assert faults == {}


def test_axe_finds_nothing_before_sign_in(page, live_server, faults_in_every_look, cast):
    faults = {}
    addresses = [reverse("people:setup"), reverse("people:setup-form", args=[setup_token()])]
    for address in addresses:
        page.goto(f"{live_server}{address}")
        faults[address] = faults_in_every_look(page)
    person = Person.objects.create_user("ina.invited@example.org", None, name="Ina Invited")
    for token in (Invitation.make(person, by=None)[1], "never"):
        page.goto(f"{live_server}{reverse('people:invitation', args=[token])}")
        faults[token] = faults_in_every_look(page)
    assert not any(faults.values()), faults


def test_a_person_is_chosen_by_keyboard(page, live_server, cast, administrator, owner, reader):
    sign_in(page, live_server, administrator)
    page.goto(f"{live_server}{reverse('people:invite')}")
    field = page.locator("#id_manager")
    field.press_sequentially("oma", delay=20)
    expect(page.get_by_role("option", name="Omar Owner")).to_be_visible()
    typed, offered = field.bounding_box(), page.locator(".suggested").bounding_box()
    assert 0 <= offered["y"] - (typed["y"] + typed["height"]) <= 16  # label and hint stay seen
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(page.get_by_role("option", name="Omar Owner")).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("Omar Owner <omar.owner@example.org>")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_the_last_of_several_people_is_completed_and_escape_keeps_what_was_typed(
    page, live_server, cast, administrator, owner, reader
):
    sign_in(page, live_server, administrator)
    page.goto(f"{live_server}{reverse('people:role-new')}")
    field = page.locator("#id_members")
    field.press_sequentially("oma", delay=20)
    page.get_by_role("option", name="Omar Owner").click()
    field.press_sequentially("rit", delay=20)
    expect(page.get_by_role("option", name="Rita Reader")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("Omar Owner <omar.owner@example.org>, rit")
    field.press_sequentially("a", delay=20)
    expect(page.get_by_role("option", name="Rita Reader")).to_be_visible()
    field.press("ArrowUp")
    field.press("Enter")
    page.get_by_label("Name", exact=True).fill("Dock lead")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**{reverse('people:roles')}")
    assert set(JobRole.objects.get().people.all()) == {owner, reader}


def test_an_invited_person_gets_in_from_the_link(page, live_server, cast):
    person = Person.objects.create_user("ina.invited@example.org", None, name="Ina Invited")
    _invitation, token = Invitation.make(person, by=None)
    page.goto(f"{live_server}{reverse('people:invitation', args=[token])}")
    page.get_by_label("New password").fill("many good words here")
    page.get_by_label("The same again").fill("many good words here")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    page.get_by_label("Work e-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill("many good words here")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{live_server}{reverse('people:preferences')}")
    expect(page.get_by_role("heading", name="Profile and preferences")).to_be_visible()
