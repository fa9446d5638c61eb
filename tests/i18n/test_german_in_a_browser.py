"""Long German words on a desk and on a phone: nothing runs out of the page."""

import pytest
from django.contrib.auth.models import Group
from django.http import QueryDict
from django.urls import reverse
from playwright.sync_api import Page

from core import bulk
from core.bulk_undo import begin_undo
from core.models import BulkRun
from documents.bulk_actions import ACTIONS, DOCUMENTS
from documents.submission import StepPlan, submit
from people.groups import ensure_groups
from people.models import Person
from tests.browser import enter
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
# What reaches beyond the right edge without scrolling in a box of its own, and buttons whose words are cut off.
BEYOND = """() => {
  const edge = document.documentElement.clientWidth;
  const held = element => { for (let at = element; at; at = at.parentElement) {
    if (getComputedStyle(at).overflowX !== "visible" && at !== document.body) return true;
  } return false };
  return [...document.body.querySelectorAll("*")].filter(element => {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || element.closest("[popover], dialog, .sr-only")) return false;
    const cut = element.matches(".btn:not(.btn--icon), .state, .tab") && element.scrollWidth > element.clientWidth + 2;
    return cut || (box.right > edge + 1 && !held(element));
  }).map(element => `${element.tagName} ${element.className} “${element.textContent.trim().slice(0, 60)}”`);
}"""


@pytest.fixture
def groups(db) -> None:
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


@pytest.fixture
def addresses(groups, author, owner, approver) -> list[str]:
    """Pages with something on them: a version in force, one in review, one being written."""
    document = released(author, owner, approver).document
    review = new_draft(author, owner, title="Temperaturüberwachungsprotokolle aufbewahren")
    submit(review, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    draft = new_draft(author, owner, title="Kühlware annehmen")
    roof = ("home", "inbox", "search", "saved-searches", "help")
    at = [reverse(name) for name in (*roof, "documents:list", "documents:new")]
    at += [reverse(f"people:{name}") for name in ("list", "preferences", "my-delegation", "departments", "import")]
    at += [reverse(f"core:{name}") for name in ("notices", "notice-settings", "jobs", "outbox")]
    at += [
        "/administration/",
        "/views/documents/?query=kind%3Dsop",
        "/documents/table/",
        "/bulk/runs/",
        "/documents/?columns=interval",
    ]
    at += [reverse(f"documents:{name}") for name in ("routes", "route-new", "kinds")]
    runs = look_at_many(document, approver)
    at += [reverse("documents:kind", args=["sop"]), *(reverse("core:bulk-run", args=[run.pk]) for run in runs)]
    names = ("page", "history", "compare", "facts", "share", "review", "retire")
    at += [reverse(f"documents:{name}", args=[document.code]) for name in names]
    at += [reverse("documents:version-decide", args=[review.document.code, review.sequence])]
    at += [reverse(f"documents:{name}", args=[draft.document.code, draft.sequence]) for name in ("edit", "submit")]
    return [*at, reverse("sops:import"), reverse("actions:calendar"), "/documents/SOP-NONE-001/"]


def look_at_many(document, person) -> list[BulkRun]:
    """Runs that hand the document over: looked at, and done; and one that would take back what was done."""
    person.groups.set(Group.objects.all())
    person = Person.objects.get(pk=person.pk)  # who was asked before remembers what they might not
    runs = []
    for _run in range(2):
        run = bulk.choose(DOCUMENTS, ACTIONS[0], by=person, picked=[str(document.pk)])
        bulk.answer(run, QueryDict(f"owner={person.email}"))
        bulk.look(run)
        runs.append(run)
    bulk.go(run)
    return [*runs, begin_undo(run)]


@pytest.mark.long
def test_no_german_page_is_wider_than_the_screen(addresses, approver, live_server, page: Page) -> None:
    approver.language = "de"
    approver.save()
    approver.groups.set(Group.objects.all())
    enter(page.context, live_server, approver)
    beyond = {}
    for address in addresses:
        page.goto(live_server.url + address)
        assert page.locator("html").get_attribute("lang") == "de"
        for name, (width, height) in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            if found := page.evaluate(BEYOND):
                beyond[f"{address} ({name})"] = found[:8]
    assert beyond == {}, "\n".join(f"{at}: {what}" for at, what in beyond.items())
