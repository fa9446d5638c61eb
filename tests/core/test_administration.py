"""The administration page leads each person to what they keep."""

from django.urls import reverse

ADDRESS = "/administration/"


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
