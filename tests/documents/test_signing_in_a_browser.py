"""Signing as people meet it: a passkey is added and signs, and the identity provider is asked and comes back."""

import copy

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from documents.models import Decision
from documents.submission import StepPlan, submit
from people.groups import ensure_groups
from tests.browser import enter
from tests.cast import PASSWORD, new_draft
from tests.identity_provider import serve

pytestmark = pytest.mark.django_db(transaction=True)
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def cast(db):
    """The groups as the code has them, before anybody joins one."""
    cache.clear()
    ensure_groups()


@pytest.fixture
def deciding(cast, author, owner, approver, live_server):
    """The address of the page on which the approver decides."""
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    return live_server.url + reverse("documents:version-decide", args=[version.document.code, version.sequence])


def sign_in(page, live_server, person):
    enter(page.context, live_server, person)


def plug_in(page):
    """A device with a fingerprint reader; returns a way to let it fail."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    return lambda verified: session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": verified}
    )


def add_passkey(page, live_server):
    page.goto(live_server.url + reverse("mfa_add_webauthn"))
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.locator("input[name=passwordless]").check()
    page.wait_for_load_state()  # before its script is there the button does nothing
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/**")


def test_a_passkey_that_was_added_signs_and_signs_in(page, live_server, deciding, approver, axe_violations):
    verified = plug_in(page)
    sign_in(page, live_server, approver)
    add_passkey(page, live_server)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(deciding)
    assert axe_violations() == []
    page.get_by_label("Approve").check()
    page.get_by_label("Comment").fill("Read on the phone")
    verified(False)
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("The passkey was not used. Nothing was signed.")).to_be_visible()
    assert not Decision.objects.exists()
    verified(True)
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("You approved").first).to_be_visible()
    decision = Decision.objects.get()
    assert (decision.signing_method, decision.comment) == ("passkey", "Read on the phone")
    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")


def test_asking_for_changes_needs_no_passkey(page, live_server, deciding, approver):
    plug_in(page)
    sign_in(page, live_server, approver)
    add_passkey(page, live_server)
    page.goto(deciding)
    page.get_by_label("Request changes").check()
    page.get_by_label("Comment").fill("Say how cold")
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("You asked for changes").first).to_be_visible()
    assert Decision.objects.get().signing_method == ""


def test_the_identity_provider_is_asked_and_the_person_signs_after_coming_back(
    page, live_server, settings, deciding, approver, axe_violations
):
    provider, server = serve()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [provider.app()]}}
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(provider.address)
    settings.CONTENT_SECURITY_POLICY = policy
    SocialAccount.objects.create(user=approver, provider="sso", uid=provider.sub)
    sign_in(page, live_server, approver)
    page.goto(deciding)
    page.get_by_label("Approve").check()
    page.get_by_label("Comment").fill("Seen in full")
    page.get_by_role("button", name="Sign with Northfield ID").click()
    expect(page.get_by_text("Your identity provider confirmed that it is you")).to_be_visible()
    assert not Decision.objects.exists()
    expect(page.get_by_label("Comment")).to_have_value("Seen in full")
    expect(page.get_by_label("Approve")).to_be_checked()
    assert axe_violations() == []
    page.get_by_role("button", name="Sign and send the decision").click()
    expect(page.get_by_text("You approved").first).to_be_visible()
    assert Decision.objects.get().signing_method == "sign-on"
    server.shutdown()
    server.server_close()


def test_what_is_decided_on_stands_in_full_ink(page, live_server, deciding, approver):
    sign_in(page, live_server, approver)
    page.goto(deciding)
    ink = "element => getComputedStyle(element).color"
    assert page.locator(".fold .prose").first.evaluate(ink) == page.locator("h1").evaluate(ink)
