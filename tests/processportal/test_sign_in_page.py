"""The first page everybody meets."""

import pytest


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_sign_in_page(live_server, page, axe_violations, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/accounts/login/")
    assert page.locator("input[type=email]").count() == 1
    assert axe_violations() == []
