"""The redline as people meet it: on the compare page, on the approval page, and only where nothing differs "equal"."""

import pytest
from django.test import Client
from django.urls import reverse

from core.jobs import run_waiting
from documents.drafting import open_draft
from documents.models import Content, Version
from documents.submission import StepPlan, submit
from people.models import Person
from sops import comparing
from sops.models import StoredRedline
from tests.cast import released

BEFORE = b"<h2>Limits</h2><p>At most 10<sup>5</sup> units stand in the chamber.</p>"
AFTER = b"<h2>Limits</h2><p>At most 105 units stand in the chamber.</p>"


def second_version(author: Person, owner: Person, approver: Person) -> Version:
    version = released(author, owner, approver, body=BEFORE)
    return open_draft(version.document, by=author, reason="Limit", body=AFTER)


def compare_page(client: Client, version: Version, query: str = "?a=1&b=2") -> str:
    return client.get(reverse("documents:compare", args=[version.document.code]) + query).content.decode()


def test_a_lost_superscript_is_told(author: Person, owner: Person, approver: Person, client: Client) -> None:
    version = second_version(author, owner, approver)
    client.force_login(author)
    page = compare_page(client, version)
    assert "<del>10<sup>5</sup></del><ins>105</ins>" in page.replace("</del><del>", "")
    assert "No differences" not in page
    assert 'class="compare__sides"' in compare_page(client, version, "?a=1&b=2&layout=side")


def test_equal_bytes_are_called_equal(author: Person, owner: Person, approver: Person, client: Client) -> None:
    version = released(author, owner, approver, body=BEFORE)
    open_draft(version.document, by=author, reason="None")
    client.force_login(author)
    assert "equal byte for byte" in compare_page(client, version)


def test_the_approver_sees_the_changes_first(author: Person, owner: Person, approver: Person, client: Client) -> None:
    version = second_version(author, owner, approver)
    submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    client.force_login(approver)
    page = client.get(reverse("documents:version-decide", args=[version.document.code, 2])).content.decode()
    assert "1 change since 1.0" in page
    assert page.index("redline-nav") < page.index("Text of the procedure")


def test_it_is_computed_once_and_swept_with_its_contents(
    author: Person, owner: Person, approver: Person, client: Client
) -> None:
    version = second_version(author, owner, approver)
    client.force_login(author)
    compare_page(client, version)
    compare_page(client, version)
    assert StoredRedline.objects.count() == 1
    assert comparing.sweep_redlines() == 0
    StoredRedline.objects.update(before="0" * 64)
    assert comparing.sweep_redlines() == 1


def test_long_texts_are_compared_by_a_worker(
    author: Person, owner: Person, approver: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MAX_IN_REQUEST", 10)
    version = second_version(author, owner, approver)
    client.force_login(author)
    assert "being compared" in compare_page(client, version)
    assert Content.objects.count() >= 2
    run_waiting()
    assert "<ins>" in compare_page(client, version)
