"""The first page everybody meets. What axe says of it: tests/ui/test_pages_in_a_browser.py."""

import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_the_sign_in_page_asks_for_an_e_mail_address(client):
    assert client.get(reverse("account_login")).content.decode().count('type="email"') == 1
