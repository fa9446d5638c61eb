"""The administration page leads each person to what they keep."""

from datetime import date

import pytest
from django.urls import reverse

from core import organisation
from core.models import LedgerLine, Organisation
from documents.moments import start_of_day
from people.models import Person

ADDRESS = "/administration/"
PAGE = "/administration/organisation/"


def test_each_sees_what_they_keep(client, administrator, author, owner, reader):
    client.force_login(administrator)
    told = client.get(ADDRESS).content.decode()
    for name in ("documents:routes", "documents:kinds", "people:departments", "core:outbox", "synonyms"):
        assert f'href="{reverse(name)}"' in told, name
    client.force_login(author)
    told = client.get(ADDRESS).content.decode()
    assert f'href="{reverse("documents:routes")}"' in told
    assert f'href="{reverse("core:outbox")}"' not in told
    for person in (owner, reader):
        client.force_login(person)
        assert client.get(ADDRESS).status_code == 403


def test_the_navigation_leads_there_who_keeps_something(client, administrator, author, reader):
    for person, shown in ((administrator, True), (author, True), (reader, False)):
        client.force_login(person)
        assert (f'href="{ADDRESS}"' in client.get("/").content.decode()) is shown


class TestOrganisation:
    """Whose portal this is, kept on a page."""

    @pytest.fixture(autouse=True)
    def _named_here(self, settings):
        settings.PORTAL_ORGANISATION = organisation.UNNAMED
        organisation.forget()

    def test_an_administrator_names_it_and_every_page_says_so_at_once(self, browse, administrator):
        them = browse(administrator)
        assert them.post(PAGE, {"name": "Hafenkontor AG"}).status_code == 302
        assert them.post(PAGE, {"name": "Hafenkontor AG"}).status_code == 302
        assert them.post(PAGE, {"name": "Nordkai AG"}).status_code == 302
        assert b"Nordkai AG" in them.get("/").content
        lines = LedgerLine.objects.filter(event="organisation_named").order_by("pk")
        assert [line.data["name"] for line in lines] == [["", "Hafenkontor AG"], ["Hafenkontor AG", "Nordkai AG"]]
        assert {line.actor for line in lines} == {administrator}

    def test_an_empty_name_is_refused_and_changes_nothing(self, browse, administrator):
        answer = browse(administrator).post(PAGE, {"name": "  "})
        assert (answer.status_code, b"Enter the name of the organisation" in answer.content) == (422, True)
        assert not Organisation.objects.exists()

    @pytest.mark.parametrize(
        ("is_demo", "said"), [(True, b"The demo&#x27;s mailbox"), (False, b"the portal&#x27;s log, to nobody")]
    )
    def test_where_mails_go_is_said_as_it_is(self, browse, administrator, settings, is_demo, said):
        settings.PORTAL_DEMO = is_demo
        settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        assert said in browse(administrator).get(PAGE).content

    def test_an_officer_looks_and_others_do_not(self, browse, author, owner, reader):
        page = browse(author).get(PAGE)
        assert (page.status_code, b'<form class="form"' in page.content) == (200, False)
        for person in (author, owner, reader):
            assert browse(person).post(PAGE, {"name": "Mine"}).status_code == 403
        assert browse(reader).get(PAGE).status_code == 403
        assert not Organisation.objects.exists()

    def test_what_the_server_says_is_not_changed_here(self, browse, administrator, settings):
        settings.PORTAL_ORGANISATION = "Kontor by settings"
        them = browse(administrator)
        assert b"PORTAL_ORGANISATION" in them.get(PAGE).content
        assert them.post(PAGE, {"name": "Other"}).status_code == 403
        assert not Organisation.objects.exists()

    def test_the_zone_of_the_organisation_is_said_and_new_people_begin_with_it(self, browse, author, settings):
        settings.TIME_ZONE = "Asia/Tokyo"
        assert b"Asia/Tokyo" in browse(author).get(PAGE).content
        assert Person.objects.create_user("new@demo.example", name="New").time_zone == "Asia/Tokyo"
        assert start_of_day(date(2026, 10, 1)).isoformat() == "2026-10-01T00:00:00+09:00"
