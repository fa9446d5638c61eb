"""NEG-19: every plain field holds an attack; every page shows it as text, in the source and in a real browser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from core.models import Attachment, OutboxMessage
from people.groups import ensure_groups
from people.models import Department, JobRole, Person
from portal.shell_urls import urlpatterns as shell_addresses
from tests.security import world
from tests.security.test_access_matrix import address_of, parameters_of
from tests.security.world import Route, make_secret, routes

PAYLOAD = '"><img src=x onerror=alert(1)>{{7*7}}'
RAW = re.compile(r"<img src=[\"']?x[\"']? onerror", re.IGNORECASE)
COMPUTED = re.compile(r"alert\(1\)(>|&gt;)49")
# Panels load when they are seen: two frames later those in view have asked, and what they asked for has come.
SEEN = """() => new Promise(seen => {
  window.scrollTo(0, document.body.scrollHeight);
  const look = () => document.querySelector("load-when-seen[aria-busy]") ? setTimeout(look, 10) : seen();
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(look, 30)));
})"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def attacked(transactional_db: None, monkeypatch: pytest.MonkeyPatch, make_person: Any, department: Any) -> Any:
    """A record whose every plain field holds the payload, and a person who may see all of it."""
    ensure_groups()
    monkeypatch.setattr(world, "CANARY", PAYLOAD)
    names = ("officer", "owner", "administrator", "auditor", "staff")
    owner = make_person("Omar Owner", *names, is_staff=True)
    secret = make_secret(make_person("Ann Author", "staff", "officer"), owner, make_person("Quinn", "staff"))
    for model in (Department, JobRole):
        model.objects.update(name=PAYLOAD)
    Person.objects.update(name=PAYLOAD)
    assert owner.groups.count() == len(names)
    Attachment.objects.update(name=PAYLOAD + ".txt")
    OutboxMessage.objects.update(dead_at=timezone.now(), last_error=PAYLOAD)
    secret["attachment"].refresh_from_db()
    owner.refresh_from_db()
    return secret, owner


def pages(secret: dict[str, Any], owner: Any) -> Iterator[str]:
    """Every address that could show something; those of the sign-in library belong to nobody's record."""
    values = parameters_of(secret, owner)
    for route in routes():
        if not route.template.startswith(("accounts/", "i18n/", "api/")) and not is_shell(route):
            yield address_of(route, values)


def is_shell(route: Route) -> bool:
    return any(route.name == pattern.name for pattern in shell_addresses)


def html_of(client: Client, address: str) -> str:
    answer = client.get(address)
    if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
        return ""
    return answer.content.decode()


@pytest.mark.long
def test_neg_19_a_payload_in_every_plain_field_is_text_on_every_page(attacked, page: Page, live_server: Any) -> None:
    secret, owner = attacked
    client = Client()
    client.force_login(owner)
    shown = []
    for address in pages(secret, owner):
        said = html_of(client, address)
        assert not RAW.search(said), address
        assert not COMPUTED.search(said), address
        if "onerror" in said and not address.startswith("/admin/"):
            shown.append(address)
    assert len(shown) >= 20, shown  # the payload really is on the pages
    complaints = walk(page, live_server.url, client.cookies["sessionid"].value, shown)
    assert complaints == []


def walk(page: Page, root: str, session: str, addresses: list[str]) -> list[str]:
    """Open each page as a person would; what the browser complains about, if it does."""
    complaints: list[str] = []
    page.on("dialog", lambda box: (complaints.append(f"dialog {box.message} on {page.url}"), box.dismiss()))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if is_complaint(said) else None)
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": root}])
    for address in addresses:
        answer = page.goto(root + address)
        if answer and answer.status >= 400:
            complaints[:] = [text for text in complaints if f"status of {answer.status}" not in text]
        page.evaluate(SEEN)
        if page.locator('img[src="x"], [onerror]').count():
            complaints.append(f"{address}: the payload became an element")
    return complaints


def is_complaint(said: Any) -> bool:
    """An error in the console; but for the icon that Chromium asks of its own for a fragment opened as a page."""
    return said.type == "error" and not said.location.get("url", "").endswith("/favicon.ico")
