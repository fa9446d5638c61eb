"""The pages of the sign-in package as people meet them: our words, both languages, desk and phone, axe clean."""

import copy
import re
from pathlib import Path

import allauth
import polib
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as portal
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from core.models import OutboxMessage
from people.groups import ensure_groups
from people.models import Person
from tests.cast import PASSWORD
from tests.documents.test_signing_in_a_browser import add_passkey, plug_in, sign_in
from tests.identity_provider import serve
from tests.passkey import Passkey

WORDS = Path(portal.BASE_DIR) / "locale" / "sign_in"
TITLE_CASE = re.compile(r"^(?:\w+ )+[A-Z][a-z]")


@pytest.fixture
def cast(transactional_db):
    """The groups as the code has them, before anybody joins one."""
    cache.clear()
    ensure_groups()


@pytest.fixture
def provider(settings):
    provider, server = serve()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [provider.app()]}}
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(provider.address)
    settings.CONTENT_SECURITY_POLICY = policy
    yield provider
    server.shutdown()
    server.server_close()


def code_for(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def confirm(page, live_server):
    page.goto(live_server.url + reverse("account_reauthenticate"))
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form .btn--primary").click()
    page.wait_for_url(lambda address: "reauthenticate" not in address)


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_in_our_shell_and_words(page, live_server, cast, provider, reader, axe_violations, language):
    Person.objects.filter(pk=reader.pk).update(language=language)
    key = Passkey().enrol(reader)
    TOTP.activate(reader, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(reader)
    SocialAccount.objects.create(user=reader, provider="sso", uid=provider.sub)
    anonymous = [reverse("account_reset_password"), reverse("account_reset_password_done"), reverse("account_signup")]
    anonymous += [reverse("socialaccount_login_cancelled"), reverse("socialaccount_login_error")]
    anonymous += ["/accounts/oidc/sso/login/"]
    names = ["mfa_index", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_deactivate_totp", "mfa_view_recovery_codes"]
    names += ["mfa_generate_recovery_codes", "account_change_password", "socialaccount_connections", "account_logout"]
    pages = [reverse(name) for name in names]
    pages += [reverse("mfa_edit_webauthn", args=[key.pk]), reverse("mfa_remove_webauthn", args=[key.pk])]
    pages += [reverse("account_reauthenticate"), reverse("mfa_reauthenticate"), reverse("mfa_reauthenticate_webauthn")]
    faults = []

    def look(addresses):
        for number, address in enumerate(addresses):
            page.set_viewport_size({"width": 390, "height": 844} if number % 2 else {"width": 1440, "height": 1000})
            page.emulate_media(color_scheme="dark" if number % 3 else "light")
            page.goto(live_server.url + address)
            colours = () if language == "en" else ("color-contrast",)  # they do not depend on the language
            faults.extend(f"{address}: {fault}" for fault in axe_violations(without=colours))
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append(f"{address}: scrolls sideways")
            for text in page.locator("h1, h2, main .btn, label").all_inner_texts():
                if language == "en" and TITLE_CASE.match(text) and "Northfield ID" not in text:
                    faults.append(f"{address}: “{text}” is in title case")

    page.set_extra_http_headers({"Accept-Language": language})
    look(anonymous)
    # With a second step set up, the password leads to the page that asks for it.
    page.goto(live_server.url + reverse("account_login"))
    page.locator("input[name=login]").fill(reader.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form .btn--primary").click()
    page.wait_for_url("**/2fa/authenticate/")
    faults += axe_violations()
    expect(page.get_by_role("heading", level=1)).to_have_text({"en": "Second step", "de": "Zweiter Schritt"}[language])
    page.locator("input[name=code]").fill(code_for("JBSWY3DPEHPK3PXP"))
    page.locator("form .btn--primary").first.click()
    page.wait_for_url(lambda address: "2fa" not in address)
    confirm(page, live_server)
    look(pages)
    assert faults == []


def test_an_app_is_set_up_and_signs_in_and_codes_help_when_it_is_lost(page, live_server, cast, reader):
    sign_in(page, live_server, reader)
    confirm(page, live_server)
    page.goto(live_server.url + reverse("mfa_index"))
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("input[name=code]").fill("000000")
    page.locator("main .btn--primary").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("input[name=code]").fill(code_for(secret))
    page.locator("main .btn--primary").click()
    page.wait_for_url("**/recovery-codes/**")
    spare = page.locator("#recovery_codes").input_value().split()
    assert len(spare) == 10
    page.goto(live_server.url + reverse("mfa_index"))
    expect(page.get_by_text("10 of 10 are left")).to_be_visible()
    assert OutboxMessage.objects.filter(person=reader).count() >= 1
    mail = OutboxMessage.objects.filter(person=reader).first()
    assert portal.PORTAL_BASE_URL in mail.text
    assert "Thank you for using" not in mail.text
    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login"))
    page.locator("input[name=login]").fill(reader.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form .btn--primary").click()
    page.locator("input[name=code]").fill(spare[0])
    page.locator("form .btn--primary").first.click()
    page.wait_for_url(lambda address: "accounts" not in address)
    confirm(page, live_server)
    page.goto(live_server.url + reverse("mfa_index"))
    expect(page.get_by_text("9 of 10 are left")).to_be_visible()


def test_a_device_that_does_not_answer_is_said_on_the_page(page, live_server, cast, reader):
    verified = plug_in(page)
    sign_in(page, live_server, reader)
    add_passkey(page, live_server)
    page.goto(live_server.url + reverse("mfa_list_webauthn"))
    expect(page.get_by_text("Signs you in without a password")).to_be_visible()
    page.context.clear_cookies()
    verified(False)
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("main").get_by_text("The passkey was not used.")).to_be_in_viewport()


def test_a_browser_without_passkeys_is_not_offered_one(page, live_server):
    page.add_init_script("Object.defineProperty(window, 'PublicKeyCredential', { value: undefined })")
    page.goto(live_server.url + reverse("account_login"))
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_an_account_is_joined_with_the_identity_provider_and_signs_in_through_it(
    page, live_server, cast, provider, reader
):
    sign_in(page, live_server, reader)
    page.goto(live_server.url + reverse("socialaccount_connections"))
    page.get_by_role("button", name="Continue with Northfield ID").click()
    page.wait_for_url("**/accounts/reauthenticate/**")  # an identity that is joined signs documents
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label(re.compile("Northfield ID|Quinn"))).to_be_visible()
    assert SocialAccount.objects.get().user == reader
    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Continue with Northfield ID").click()
    page.wait_for_url(lambda address: "accounts" not in address)
    expect(page.get_by_role("button", name="Rita Reader, your menu")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_words_of_the_package_are_compiled_and_still_its_words(language):
    folder = WORDS / language / "LC_MESSAGES"
    written = polib.pofile(folder / "django.po")
    compiled = {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in polib.mofile(folder / "django.mo")}
    assert compiled == {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in written}
    package = Path(allauth.__file__).parent / "locale" / "de" / "LC_MESSAGES" / "django.po"
    known = {entry.msgid for entry in polib.pofile(package) if not entry.obsolete}
    assert {entry.msgid for entry in written} <= known
