"""Views of lists under a name: kept, opened, renamed, shared by who may, deleted."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import saved_views
from core.models import LedgerLine, SavedView
from core.saved_views import tidy
from tests.cast import released

LIST = "/documents/"
VIEWS = "/views/documents/"


def keep(client, name="Overdue SOPs", query="kind=sop&review=overdue&sort=-review&columns=owner", **more):
    return client.post(VIEWS, {"name": name, "query": query, **more})


def test_a_view_is_kept_with_filters_order_and_columns_and_opened_by_its_tab(browse, reader):
    client = browse(reader)
    page = client.get(f"{LIST}?kind=sop&q=&page=2&sort=-review&columns=owner").content.decode()
    assert f"{VIEWS}?query=columns%3Downer%26kind%3Dsop%26sort%3D-review" in page
    answer = keep(client)
    view = SavedView.objects.get()
    assert answer["Location"] == f"{LIST}?{view.query}"
    opened = client.get(answer["Location"])
    assert [(tab["label"], tab["current"]) for tab in opened.context["views"]] == [
        ("All", False),
        ("Overdue SOPs", True),
    ]
    assert opened.context["filter"].cleaned_data["review"] == "overdue"
    assert opened.context["columns"].shown == {"owner"}
    again = client.get(f"{LIST}?review=overdue&columns=owner&sort=-review&kind=sop&department=&page=1")
    assert again.context["views"][1]["current"]


def test_the_same_name_again_replaces_what_it_shows(browse, reader):
    client = browse(reader)
    keep(client)
    keep(client, query="kind=policy")
    assert SavedView.objects.get().query == "kind=policy"


def test_a_view_is_renamed_and_deleted_by_who_made_it(browse, reader, owner):
    keep(browse(reader))
    view = SavedView.objects.get()
    address = reverse("core:view", args=["documents", view.pk])
    assert browse(owner).get(address).status_code == 404
    assert browse(owner).post(reverse("core:view-forget", args=["documents", view.pk])).status_code == 404
    client = browse(reader)
    assert client.post(address, {"name": ""}).status_code == 422
    client.post(address, {"name": "My overdue ones"})
    view.refresh_from_db()
    assert view.name == "My overdue ones"
    assert client.get(reverse("core:view-forget", args=["documents", view.pk])).status_code == 405
    client.post(reverse("core:view-forget", args=["documents", view.pk]))
    assert not SavedView.objects.exists()


def test_officers_and_administrators_share_and_staff_do_not(browse, author, administrator, reader, owner):
    keep(browse(author), is_shared="on")
    keep(browse(reader), name="Mine", is_shared="on")
    assert list(SavedView.objects.filter(is_shared=True).values_list("name", flat=True)) == ["Overdue SOPs"]
    assert LedgerLine.objects.get(event="view_shared").actor == author
    tabs = browse(owner).get(LIST).context["views"]
    assert [tab["label"] for tab in tabs] == ["All", "Overdue SOPs"]
    view = SavedView.objects.get(name="Overdue SOPs")
    address = reverse("core:view", args=["documents", view.pk])
    assert browse(owner).get(address).status_code == 403
    assert browse(owner).post(address, {"name": "Taken over"}).status_code == 403
    assert browse(owner).post(reverse("core:view-forget", args=["documents", view.pk])).status_code == 403
    browse(administrator).post(address, {"name": "Overdue SOPs"})
    view.refresh_from_db()
    assert view.is_shared is False
    assert LedgerLine.objects.get(event="view_unshared").actor == administrator
    assert browse(owner).get(LIST).context["views"] == []


def test_a_shared_view_shows_nobody_more_than_they_may_see(browse, author, owner, approver, reader):
    released(author, owner, approver, title="Hidden plans", audience="named")
    keep(browse(author), name="Hidden", query="q=Hidden", is_shared="on")
    assert browse(owner).get(f"{LIST}?q=Hidden").context["page_obj"].paginator.count == 1
    assert browse(reader).get(f"{LIST}?q=Hidden").context["page_obj"].paginator.count == 0


def test_wrong_names_are_told_at_the_field(browse, reader):
    client = browse(reader)
    answer = keep(client, name=" ")
    assert answer.status_code == 422
    assert "Enter a name for the view" in answer.content.decode()
    assert "kind=sop" in answer.content.decode()
    keep(client, name="One")
    keep(client, name="Two")
    two = SavedView.objects.get(name="Two")
    answer = client.post(reverse("core:view", args=["documents", two.pk]), {"name": "One"})
    assert answer.status_code == 422
    assert "Another view has this name" in answer.content.decode()
    assert client.get("/views/spells/").status_code == 404


def test_there_is_an_end_to_views(browse, reader, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST", 1)
    client = browse(reader)
    keep(client, name="One")
    assert keep(client, name="Two").status_code == 422
    assert keep(client, name="One", query="kind=form").status_code == 302
    assert keep(client, name="One", query="q=" + "x" * 1500).status_code == 422


def test_what_passes_is_not_kept():
    assert tidy("page=3&q=&kind=sop&csrfmiddlewaretoken=abc&columns=b&columns=a") == "columns=a&columns=b&kind=sop"
    assert tidy("?%00=1&x=\x00") == tidy("%00=1")


def test_columns_are_shown_as_chosen(browse, author, owner, approver, reader):
    released(author, owner, approver)
    client = browse(reader)
    usual = client.get(LIST).content.decode()
    assert ">Effective from<" not in usual.split("<thead>")[1]
    chosen = client.get(f"{LIST}?columns=effective&columns=kind&columns=nonsense").content.decode()
    head = chosen.split("<thead>")[1].split("</thead>")[0]
    assert ">Effective from<" in head
    assert ">Kind<" in head
    assert "Owner" not in head
    assert "Omar Owner" not in chosen.split("<tbody>")[1]


def test_the_list_stays_within_twelve_queries_with_views_columns_and_choosing(browse, author, owner, approver):
    for number in range(4):
        released(author, owner, approver, title=f"Procedure {number}")
        keep(browse(author), name=f"View {number}", is_shared="on")
    every = "&".join(f"columns={name}" for name in ("kind", "owner", "audience", "effective", "interval", "changed"))
    for person in (author, owner):
        client = browse(person)
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"{LIST}?{every}").status_code == 200
        assert len(asked) <= 12, [query["sql"][:120] for query in asked]


def test_the_directory_keeps_views_too_and_lists_do_not_mix(browse, reader):
    client = browse(reader)
    client.post("/views/people/", {"name": "Dock leads", "query": "role=3&sort=department"})
    keep(client)
    assert [tab["label"] for tab in client.get("/people/").context["views"]] == ["All", "Dock leads"]
    assert [tab["label"] for tab in client.get(LIST).context["views"]] == ["All", "Overdue SOPs"]
    view = SavedView.objects.get(listing="people")
    assert client.get(reverse("core:view", args=["documents", view.pk])).status_code == 404
    assert "/people/?role=3&amp;sort=department" in client.get("/views/people/").content.decode()
