"""Signing in: nobody signs up by themselves, nobody locks out another by wrong tries, mail is a row of the outbox."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context as this_request
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from core.ledger import record_line, record_refusal
from core.organisation import organisation_name
from core.outbox import post_mail
from people import sign_on_signing
from people.changing import set_groups
from people.models import Person
from processportal.demo_people import NoDemoPeopleOutsideTheDemo
from processportal.door import keep_closing
from processportal.secrets_at_rest import decrypted, encrypted
from processportal.sign_in_log import failed


class ClosedAccountAdapter(NoDemoPeopleOutsideTheDemo, DefaultAccountAdapter):
    """People are invited: there is no public sign-up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _("Too many wrong tries from here. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong tries count per account *and* sender: who types wrong passwords locks out only themself."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{get_ip(request)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many wrong tries close the door for this sender, which leaves a trace."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            keep_closing(str(credentials.get("email") or credentials.get("username") or ""), get_ip(request))
            raise

    def reauthenticate(self, user: Person, password: str) -> bool:
        """The password before something that matters; a wrong one leaves a trace."""
        proved = super().reauthenticate(user, password)
        if not proved:
            failed("reauthentication_failed", this_request.request, user)
        return proved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail into the outbox, in the language of its reader; the worker delivers it."""
        person = Person.objects.filter(email__iexact=email).first()
        language = person.language if person else translation.get_language()
        with translation.override(language):
            about = {"organisation": organisation_name(), "portal_address": settings.PORTAL_BASE_URL}
            message = self.render_mail(template_prefix, email, {"request": None, "email": email, **about, **context})
        post_mail(person or email, message.subject, message.body.strip(), key=f"direct:{uuid.uuid4()}")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Where the link leads is a setting: the host a request names may be chosen by whoever sent it."""
        return settings.PORTAL_BASE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def format_email_subject(self, subject: str) -> str:
        return subject


class ProviderAwayMiddleware:
    """An identity provider that does not answer is told as that; the local sign-in stays open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, RequestException) and request.path_info.startswith("/accounts/"):
            return render(request, "socialaccount/authentication_error.html", status=503)
        return None


class SecondStepAdapter(DefaultMFAAdapter):
    """The authenticator app shows whose portal the code is for; its secret is kept encrypted."""

    def encrypt(self, text: str) -> str:
        """The secret as the database keeps it: the key is not in the database."""
        return encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypted(encrypted_text)

    def get_totp_issuer(self) -> str:
        return organisation_name() or "Process Portal"


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Whoever the identity provider names is joined with an account here only where the settings say so."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in who is joined already; join, refuse, or go on to a new account. A signature only comes back."""
        if sign_on_signing.token_in(sociallogin.state):
            raise ImmediateHttpResponse(redirect(sign_on_signing.finish(request, sociallogin)))
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            self._refuse_without_proof(request)
            return
        if sociallogin.is_existing:
            return
        named = [address.email for address in sociallogin.email_addresses]
        known = Person.objects.filter(email__in=[email.lower() for email in named]).first()
        if known is None and self.is_open_for_signup(request, sociallogin):
            return
        if known is None or not self._may_join(known, sociallogin):
            record_refusal(known, "single sign-on", by=None, reason=f"not joined: {', '.join(named) or 'no address'}")
            raise ImmediateHttpResponse(render(request, "socialaccount/not_joined.html", status=403))
        sociallogin.connect(request, known)
        record_line(known, "sign_on_joined", by=known, data={"provider": sociallogin.account.provider})

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Who was signing goes back to their page, with what they had typed."""
        token = sign_on_signing.token_in((extra_context or {}).get("state"))
        back = sign_on_signing.give_up(request, token) if token and request.user.is_authenticated else None
        if back:
            raise ImmediateHttpResponse(redirect(back))

    def _refuse_without_proof(self, request: HttpRequest) -> None:
        """The package asks who joins a further identity for their password or second step. Who has neither comes
        through the provider alone, and has the identity that they need."""
        if request.user.is_authenticated and not get_reauthentication_flows(request.user):
            record_refusal(request.user, "join identity", by=request.user, reason="no proof but the session")
            raise ImmediateHttpResponse(render(request, "socialaccount/not_joined.html", status=403))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Never by the package's own rule: ``pre_social_login`` decides."""
        return False

    def _may_join(self, person: Person, sociallogin: SocialLogin) -> bool:
        """The address is verified, the account is an ordinary one, and nobody else of this provider holds it."""
        provider = sociallogin.account.provider
        return (
            settings.OIDC_JOIN_VERIFIED
            and any(one.verified and one.email.lower() == person.email for one in sociallogin.email_addresses)
            and person.is_active
            and not Person.objects.administrators().filter(pk=person.pk).exists()
            and not SocialAccount.objects.filter(user=person, provider=provider).exists()
        )

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return settings.OIDC_CREATE_PEOPLE and any(one.verified for one in sociallogin.email_addresses)

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return self.is_open_for_signup(request, sociallogin)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Person:
        person = super().populate_user(request, sociallogin, data)
        names = f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
        person.name = (data.get("name") or names or person.email)[:120]
        person.email = person.email.lower()
        return person

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Person:
        person = super().save_user(request, sociallogin, form)
        set_groups(person, ["staff"])
        record_line(person, "person_added", by=None, reason="single sign-on")
        return person
