"""A procedure's links are links of the index: who points at this document, of what the person may see."""

from django.test import Client

from sops.references import referred_codes
from tests.cast import released


def test_codes_are_read_from_links_only():
    html = '<a href="/documents/SOP-INB-002/">two</a> <a href="https://x/documents/NO-1/">no</a> /documents/NO-2/'
    assert referred_codes(html) == {"SOP-INB-002"}


def test_the_panel_names_documents_in_force_that_point_here(author, owner, approver, reader, outsider):
    target = released(author, owner, approver).document
    link = f'<p>Then see <a href="/documents/{target.code}/">there</a>.</p>'.encode()
    released(author, owner, approver, title="Points there", body=link)
    released(author, owner, approver, title="Secret pointer", body=link, audience="named")
    client = Client()
    client.force_login(reader)
    panel = client.get(f"/documents/{target.code}/panels/used-by/").content.decode()
    assert "Points there" in panel
    assert "Secret pointer" not in panel
    assert client.get(f"/documents/{target.code}/panels/nonsense/").status_code == 404
    client.force_login(author)  # an officer: who ends the document's life sees who still leads to it
    retiring = client.get(f"/documents/{target.code}/retire/").content.decode()
    assert '">Points there</a>' in retiring
