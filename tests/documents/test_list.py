"""The list of documents: the number above it is the number of its rows, and what has no date stands last."""

from datetime import date, timedelta
from itertools import product

from django.utils import timezone

from documents.drafting import open_draft
from documents.filters import STATES, DocumentFilter
from documents.models import Document
from documents.views.lists import ListPages
from tests.cast import approve, new_draft, released, retired, retype

LIST = "/documents/"


def some_of_each(author, owner, approver, other_department):
    """A draft, one in force, one in force with a draft, one that starts tomorrow, one retired; two departments."""
    for department in (author.department, other_department):
        new_draft(author, owner, department=department)
        released(author, owner, approver, department=department)
        open_draft(released(author, owner, approver, department=department).document, by=author)
        later = new_draft(author, owner, department=department, kind="policy")
        tomorrow = timezone.localdate() + timedelta(days=1)
        approve(retype(later, author, b"<p>From tomorrow.</p>", planned_on=tomorrow), author, approver)
        retired(released(author, owner, approver, department=department), owner, author)


def test_the_number_above_the_list_is_the_number_of_its_rows(author, owner, approver, reader, other_department):
    some_of_each(author, owner, approver, other_department)
    found = set()
    for person, kind, department in product((author, reader), ("", "sop"), ("", other_department.pk)):
        for state in dict(STATES):
            chosen = DocumentFilter({"kind": kind, "department": department, "state": state}, person=person)
            pages = ListPages(chosen, Document.objects.visible_to(person))
            assert pages.count == len(pages.page(1).object_list), (person, kind, department, state)
            found.add((state, pages.count))
    assert {("effective", 4), ("effective", 2), ("approved", 2), ("retired", 2), ("draft", 4)} <= found


def test_what_is_never_due_for_review_stands_last_either_way(browse, author, owner):
    dates = (None, date(2027, 3, 1), date(2026, 12, 1))
    documents = [new_draft(author, owner).document for _ in dates]
    for document, due in zip(documents, dates, strict=True):
        Document.objects.filter(pk=document.pk).update(review_due_on=due)
    never, later, sooner = documents
    for sort, expected in (("review", [sooner, later, never]), ("-review", [later, sooner, never])):
        assert browse(author).get(LIST, {"sort": sort}).context["page_obj"].object_list == expected


def test_a_list_says_by_what_it_is_sorted_before_anybody_chose(browse, author, owner):
    new_draft(author, owner)
    for address, column in ((LIST, "code"), ("/people/", "name")):
        page = browse(author).get(address).content.decode()
        assert page.count('aria-sort="ascending"') == 1
        assert f'href="?sort=-{column}"' in page  # the first click turns the order
        assert f'href="?sort={column}"' in browse(author).get(address, {"sort": f"-{column}"}).content.decode()
