"""Signing with a passkey and through the identity provider: for one act, once, by the person it belongs to."""

import re
import time

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.urls import reverse

from core.models import LedgerLine, Notice
from documents.models import Decision
from documents.submission import StepPlan, submit
from people.signing import SignatureRefused, sign
from tests.cast import PASSWORD, flat, new_draft, released
from tests.identity_provider import serve
from tests.passkey import Passkey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_earlier_proofs(db):
    cache.clear()


@pytest.fixture
def version(author, owner, approver):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    version.refresh_from_db()
    return version


@pytest.fixture
def deciding(version):
    return reverse("documents:version-decide", args=[version.document.code, version.sequence])


@pytest.fixture
def passkey(approver):
    passkey = Passkey()
    passkey.enrol(approver)
    return passkey


@pytest.fixture
def browse(client, approver):
    client.force_login(approver, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def act_of(version):
    return f"decide:{version.pk}:{version.manifest_hash}"


def challenge(client, act):
    return client.post(reverse("people:passkey-challenge"), {"act": act}).json()


def approval(version, **more):
    return {"verdict": "approve", "comment": "Seen", "seen_hash": version.manifest_hash, **more}


class TestPasskey:
    def test_it_approves_and_the_ledger_says_how(self, browse, deciding, version, passkey):
        assert b"Sign with a passkey" in browse.get(deciding).content
        answer = passkey.answer(challenge(browse, act_of(version)))
        assert browse.post(deciding, approval(version, passkey=answer)).status_code == 302
        version.refresh_from_db()
        assert version.state == "approved"
        assert Decision.objects.get().signing_method == "passkey"
        assert LedgerLine.objects.get(event="decided:approve").data["signed_with"] == "passkey"

    def test_the_challenge_names_the_act_and_nothing_else_is_signed_with_it(self, browse, deciding, version, passkey):
        answer = passkey.answer(challenge(browse, f"retire:{version.pk}:{version.manifest_hash}"))
        refused = browse.post(deciding, approval(version, passkey=answer))
        assert refused.status_code == 422
        assert not Decision.objects.exists()
        assert LedgerLine.objects.get(event="signature_failed").reason == "wrong passkey"

    def test_an_answer_works_once(self, browse, version, passkey, approver):
        proof = {"passkey": passkey.answer(challenge(browse, act_of(version))), "origin": passkey.origin}
        assert sign(approver, act=act_of(version), **proof).method == "passkey"
        with pytest.raises(SignatureRefused):
            sign(approver, act=act_of(version), **proof)

    def test_a_device_that_did_not_check_who_holds_it_does_not_sign(self, browse, deciding, version, passkey):
        answer = passkey.answer(challenge(browse, act_of(version)), verified=False)
        assert browse.post(deciding, approval(version, passkey=answer)).status_code == 422

    def test_a_page_elsewhere_does_not_sign(self, browse, deciding, version, passkey):
        answer = passkey.answer(challenge(browse, act_of(version)), origin="http://testserver:81")
        assert browse.post(deciding, approval(version, passkey=answer)).status_code == 422

    def test_a_passkey_of_somebody_else_does_not_sign(self, browse, deciding, version, passkey, reader):
        other = Passkey()
        other.enrol(reader)
        answer = other.answer(challenge(browse, act_of(version)))
        assert browse.post(deciding, approval(version, passkey=answer)).status_code == 422

    @pytest.mark.parametrize(
        "answer", ["{", "[]", "null", '{"id": 1}', '{"response": {"clientDataJSON": "x"}}', "9" * 30000]
    )
    def test_nonsense_is_a_wrong_try(self, browse, deciding, version, passkey, answer):
        assert browse.post(deciding, approval(version, passkey=answer)).status_code == 422
        assert LedgerLine.objects.filter(event="signature_failed").count() == 1

    def test_five_wrong_tries_lock_every_way_and_tell_the_administrator(
        self, browse, deciding, version, passkey, administrator, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            for _try in range(5):
                browse.post(deciding, approval(version, passkey="{}"))
        locked = browse.post(deciding, approval(version, password=PASSWORD))
        assert locked.status_code == 422
        assert b"Signing is locked" in locked.content
        assert "problem" in challenge(browse, act_of(version))
        assert Notice.objects.filter(person=administrator, topic="security").exists()

    def test_who_has_none_gets_no_challenge(self, browse, version):
        answer = browse.post(reverse("people:passkey-challenge"), {"act": act_of(version)})
        assert answer.status_code == 422
        assert "problem" in answer.json()

    def test_a_review_and_the_end_of_a_document_are_signed_the_same_way(self, client, author, owner, approver):
        version = released(author, owner, approver)
        passkey = Passkey()
        passkey.enrol(owner)
        client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = passkey.answer(challenge(client, f"review:{version.pk}:{version.manifest_hash}"))
        form = {"outcome": "no_change", "note": "Looked", "passkey": answer}
        assert client.post(reverse("documents:review", args=[version.document.code]), form).status_code == 302
        answer = passkey.answer(challenge(client, f"retire:{version.pk}:{version.manifest_hash}"))
        done = client.post(
            reverse("documents:retire", args=[version.document.code]), {"reason": "Gone", "passkey": answer}
        )
        assert done.status_code == 302
        signed_with = [
            line.data["signed_with"]
            for line in LedgerLine.objects.filter(actor=owner).order_by("pk")
            if line.event in ("reviewed:no_change", "retirement_asked")
        ]
        assert signed_with == ["passkey", "passkey"]


@pytest.fixture
def provider(settings):
    provider, server = serve()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [provider.app()]}}
    yield provider
    server.shutdown()
    server.server_close()


@pytest.fixture
def joined(provider, approver):
    return SocialAccount.objects.create(user=approver, provider="sso", uid=provider.sub)


def round_trip(client, provider, deciding, form):
    """Press the provider's button, sign in there, come back; returns the address come back to."""
    left = client.post(deciding, form | {"sign_with": "sso"})
    assert left.status_code == 302, left.content
    answer = requests.get(left["Location"], allow_redirects=False, timeout=5)
    back = client.get(answer.headers["Location"].removeprefix("http://testserver"))
    assert back.status_code == 302, back.content
    return back["Location"]


class TestSignOn:
    def test_the_provider_asks_again_and_what_was_typed_is_there(self, browse, deciding, version, provider, joined):
        address = round_trip(browse, provider, deciding, approval(version, comment="Seen & checked"))
        assert provider.asked["prompt"] == "login"
        assert provider.asked["max_age"] == "0"
        assert not Decision.objects.exists(), "coming back signs nothing"
        shown = browse.get(address)
        assert b"Seen &amp; checked" in shown.content
        assert b"confirmed that it is you" in shown.content
        form = shown.context["form"]
        assert "password" not in form.fields
        done = browse.post(deciding, approval(version, sign_on=form.sign_on))
        assert done.status_code == 302
        assert Decision.objects.get().signing_method == "sign-on"

    def test_a_proof_works_once_and_for_its_act(
        self, browse, deciding, version, provider, joined, author, owner, approver
    ):
        token = round_trip(browse, provider, deciding, approval(version)).split("=")[1]
        other = new_draft(author, owner, title="Another one")
        submit(other, by=author, plan=[StepPlan("Approved for use", people=[approver])])
        other.refresh_from_db()
        elsewhere = reverse("documents:version-decide", args=[other.document.code, other.sequence])
        assert browse.post(elsewhere, approval(other, sign_on=token)).status_code == 422
        assert browse.post(deciding, approval(version, sign_on=token)).status_code == 302
        assert Decision.objects.count() == 1
        assert not cache.get(f"sign-on-signing:{approver.pk}:{token}")

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"sub": "u-2"}, "not joined"),
            ({"says_when": False}, "does not say when"),
            ({"auth_time": time.time() - 300}, "at another time"),
            ({"auth_time": time.time() + 3600}, "at another time"),
        ],
    )
    def test_an_answer_that_does_not_count_is_a_wrong_try(
        self, browse, deciding, version, provider, joined, wrong, reason
    ):
        for name, value in wrong.items():
            setattr(provider, name, value)
        address = round_trip(browse, provider, deciding, approval(version))
        shown = browse.get(address)
        assert b"Nothing was signed" in shown.content
        assert b"Seen" in shown.content
        assert shown.context["form"].sign_on == ""
        assert browse.post(deciding, approval(version, sign_on=address.split("=")[1])).status_code == 422
        assert reason in LedgerLine.objects.get(event="signature_failed").reason

    def test_an_identity_of_somebody_else_neither_signs_nor_changes_who_is_signed_in(
        self, browse, deciding, version, provider, joined, reader, approver
    ):
        SocialAccount.objects.create(user=reader, provider="sso", uid="u-reader")
        provider.sub = "u-reader"
        address = round_trip(browse, provider, deciding, approval(version))
        assert browse.session["_auth_user_id"] == str(approver.pk)
        shown = browse.get(address)
        assert shown.context["form"].sign_on == ""
        assert b"is not joined with yours here. Nothing was signed." in shown.content

    def test_cancelling_there_leads_back_and_counts_for_nothing(self, browse, deciding, version, provider, joined):
        provider.error = "access_denied"
        shown = browse.get(round_trip(browse, provider, deciding, approval(version)))
        assert b"Nothing was signed" in shown.content
        assert b"Seen" in shown.content
        assert not LedgerLine.objects.filter(event="signature_failed").exists()

    def test_a_provider_that_is_away_is_told_and_nothing_is_lost(
        self, browse, deciding, version, provider, joined, settings
    ):
        app = provider.app() | {"settings": {"server_url": "http://127.0.0.1:9"}}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        shown = browse.post(deciding, approval(version, sign_with="sso"))
        assert shown.status_code == 422
        assert b"does not answer" in shown.content
        assert b"Seen" in shown.content

    def test_only_an_account_that_is_joined_is_offered_it(self, browse, deciding, version, provider):
        assert b"Northfield ID" not in browse.get(deciding).content
        refused = browse.post(deciding, approval(version, sign_with="sso"))
        assert refused.status_code == 422
        assert b"not joined" in refused.content

    def test_who_only_has_single_sign_on_is_not_asked_for_a_password(self, browse, deciding, version, joined, approver):
        approver.set_unusable_password()
        approver.save()
        browse.force_login(approver, backend="allauth.account.auth_backends.AuthenticationBackend")
        shown = browse.get(deciding)
        assert "password" not in shown.context["form"].fields
        page = flat(shown.content.decode())
        assert "Sign with Northfield ID" in page
        # The way to sign is the first button; the one that cannot sign says so.
        [first] = re.findall(r'<button class="btn btn--large btn--primary"[^>]*>', page)
        assert 'name="sign_with"' in first
        assert "Sign and send the decision" not in page
        assert page.index(first) < page.index("Send without signing")
        refused = browse.post(deciding, approval(version))
        assert refused.status_code == 422
        assert not Decision.objects.exists()
        asked = {"verdict": "request_changes", "comment": "Say how cold", "seen_hash": version.manifest_hash}
        assert browse.post(deciding, asked).status_code == 302
        assert Decision.objects.get().verdict == "request_changes"


def leave(client, provider, deciding, form):
    """Press the provider's button and sign in there; returns the address at which the provider sends them back."""
    left = client.post(deciding, form | {"sign_with": "sso"})
    answer = requests.get(left["Location"], allow_redirects=False, timeout=5)
    return answer.headers["Location"].removeprefix("http://testserver")


class TestComingBackTooLate:
    """What the approver was signing is not theirs to sign any more when the identity provider sends them back."""

    def come_back(self, client, address):
        shown = client.get(address, follow=True)
        assert not Decision.objects.exists()
        assert not LedgerLine.objects.filter(event="signature_failed").exists()
        return shown

    def test_withdrawn_meanwhile_the_page_says_so_and_is_the_same_as_for_what_never_was(
        self, browse, deciding, version, provider, joined, author
    ):
        answer = leave(browse, provider, deciding, approval(version))
        version.move("withdraw", by=author, comment="Not yet")
        shown = self.come_back(browse, answer)
        assert shown.status_code == 404
        assert "It may have been withdrawn, decided already or given to somebody else" in flat(shown.content.decode())
        assert b"Nothing was signed" in shown.content
        assert version.title not in shown.content.decode()
        never_was = browse.get(reverse("documents:version-decide", args=["SOP-NONE-1", 1]))
        assert shown.content == never_was.content
        pressed = browse.post(deciding, approval(version, sign_on=shown.request["QUERY_STRING"].split("=")[1]))
        assert pressed.content == never_was.content
        assert not Decision.objects.exists()

    def test_given_to_somebody_else_meanwhile(self, browse, deciding, version, provider, joined, make_person, reader):
        answer = leave(browse, provider, deciding, approval(version))
        route = version.route()
        officer = make_person("Olga Officer", "staff", "officer")
        route.reassign(route.steps.get().seats.get(), to=reader, by=officer, reason="Away")
        shown = self.come_back(browse, answer)
        assert shown.status_code == 404
        assert b"Nothing was signed" in shown.content

    def test_decided_by_a_colleague_meanwhile_who_may_read_it_sees_by_whom(
        self, browse, deciding, version, provider, joined, author, approver, owner
    ):
        version.move("withdraw", by=author, comment="Two may decide")
        submit(version, by=author, plan=[StepPlan("Approved for use", "any", people=[approver, owner])])
        version.refresh_from_db()
        answer = leave(browse, provider, deciding, approval(version))
        signature = sign(owner, password=PASSWORD)
        version.route().decide("approve", by=owner, seen_hash=version.manifest_hash, signature=signature)
        shown = browse.get(answer, follow=True)
        page = flat(shown.content.decode())
        assert shown.status_code == 200
        assert "There is nothing for you to decide here" in page
        assert "Nothing was signed." in page
        assert "Omar Owner" in page
        assert Decision.objects.get().by == owner

    def test_signed_out_meanwhile_they_are_told_and_led_to_sign_in(
        self, browse, deciding, version, provider, joined, approver
    ):
        answer = leave(browse, provider, deciding, approval(version))
        approver.end_sessions()
        approver.save()
        shown = self.come_back(browse, answer)
        assert shown.status_code == 401
        page = flat(shown.content.decode())
        assert "nothing was signed. Open it again from your inbox." in page
        assert f'href="{reverse("account_login")}?next={reverse("inbox")}"' in page
        assert version.title not in page

    def test_signed_in_again_in_another_tab_they_are_told_too(
        self, browse, deciding, version, provider, joined, approver
    ):
        answer = leave(browse, provider, deciding, approval(version))
        browse.logout()
        browse.force_login(approver, backend="allauth.account.auth_backends.AuthenticationBackend")
        shown = self.come_back(browse, answer)
        assert "nothing was signed. Open it again from your inbox." in flat(shown.content.decode())
        assert f'href="{reverse("inbox")}"' in shown.content.decode()

    def test_somebody_else_at_the_same_browser_learns_nothing(
        self, browse, deciding, version, provider, joined, outsider
    ):
        answer = leave(browse, provider, deciding, approval(version))
        browse.force_login(outsider, backend="allauth.account.auth_backends.AuthenticationBackend")
        shown = self.come_back(browse, answer)
        assert version.title not in shown.content.decode()
        assert "Quinn" not in shown.content.decode()


class TestASessionIsNoProof:
    """Whoever sits down at an open session must not gain a way to sign in its person's name."""

    CONNECT = "/accounts/oidc/sso/login/?process=connect"

    def joins(self, client, provider):
        """Go to the provider to join whoever signs in there, and come back; where that leads."""
        provider.sub = "u-intruder"
        left = client.post(self.CONNECT)
        answer = requests.get(left["Location"], allow_redirects=False, timeout=5)
        return client.get(answer.headers["Location"].removeprefix("http://testserver"))

    def test_an_identity_is_joined_with_a_proof_alone(self, browse, provider, approver):
        assert self.joins(browse, provider)["Location"].startswith("/accounts/reauthenticate/")
        assert not SocialAccount.objects.exists()
        browse.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert SocialAccount.objects.get().user == approver

    def test_who_has_the_provider_alone_joins_no_other_identity(self, browse, provider, joined, approver):
        self.without_password(browse, approver)
        assert self.joins(browse, provider).status_code == 403
        assert SocialAccount.objects.get() == joined

    def test_a_session_alone_sets_no_password(self, browse, joined, approver):
        self.without_password(browse, approver)
        words = {"password1": "many good words here", "password2": "many good words here"}
        assert browse.post("/accounts/password/set/", words)["Location"] == "/accounts/password/reset/"
        approver.refresh_from_db()
        assert not approver.has_usable_password()

    @pytest.mark.parametrize(("minutes", "adds"), [(1, True), (6, False)])
    def test_a_second_step_is_added_soon_after_signing_in(self, browse, joined, approver, minutes, adds):
        self.without_password(browse, approver)
        session = browse.session
        session["account_authentication_methods"] = [{"method": "socialaccount", "at": time.time() - 60 * minutes}]
        session["account_authentication_methods_user"] = str(approver.pk)
        session.save()
        page = browse.get("/accounts/2fa/totp/activate/")
        secret = page.context["form"].secret
        code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
        answer = browse.post("/accounts/2fa/totp/activate/", {"code": code})
        assert Authenticator.objects.filter(user=approver, type="totp").exists() == adds
        assert (b"within five minutes" in answer.content) != adds

    def without_password(self, client, person):
        person.set_unusable_password()
        person.save()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
