"""A picture in a procedure, on the portal's own pages: added while writing, shown to who may read the text."""

import base64
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.models import Attachment
from tests.browser import enter
from tests.cast import approve, new_draft

pytestmark = pytest.mark.django_db(transaction=True)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
LOADED = "image => image.complete && image.naturalWidth > 0"


def test_a_picture_is_added_while_writing_and_readers_see_it(
    page: Page, live_server, author, owner, approver, reader, tmp_path: Path
) -> None:
    version = new_draft(author, owner)
    enter(page.context, live_server, author)
    page.goto(live_server.url + reverse("documents:edit", args=[version.document.code, 1]))
    (tmp_path / "dock.png").write_bytes(PIXEL)
    page.locator(".editor__body").click()
    page.get_by_role("button", name="Picture").click()
    page.get_by_label("Picture file").set_input_files(tmp_path / "dock.png")
    page.get_by_label("What the picture shows").fill("The dock at night")
    page.get_by_role("button", name="Add the picture").click()
    expect(page.locator(".editor__body img[src]")).to_be_visible()
    expect(page.locator(".savestate")).to_contain_text("Saved")
    picture = Attachment.objects.get()
    assert picture.purpose == "image"
    address = live_server.url + picture.get_absolute_url()
    client = Client()
    client.force_login(reader)
    assert client.get(picture.get_absolute_url()).status_code == 404  # the draft is not theirs to see

    version.refresh_from_db()
    approve(version, author, approver)
    enter(page.context, live_server, reader)
    page.goto(live_server.url + version.document.get_absolute_url())
    shown = page.get_by_role("img", name="The dock at night")
    assert shown.evaluate("image => image.src") == address
    page.wait_for_function(LOADED, arg=shown.element_handle())


def test_what_is_no_picture_is_refused_with_what_one_is(author, owner, client: Client) -> None:
    version = new_draft(author, owner)
    client.force_login(author)
    edit = client.get(reverse("documents:edit", args=[version.document.code, 1]))
    sent = {"file": SimpleUploadedFile("notes.txt", b"The dock at night")}
    answer = client.post(edit.context["upload_url"], sent, headers={"accept": "application/json"})
    assert (answer.status_code, "PNG, JPEG" in answer.content.decode()) == (422, True)
    assert not Attachment.objects.exists()
