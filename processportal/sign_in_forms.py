"""Forms of the sign-in package that ask a little differently here. Apart from the adapters: the package loads them."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from processportal.door import one_try


class AskedForProof:
    """What is added here signs documents, so a session alone must not do it. The package asks for password or second
    step; who has neither proves it by having signed in through their provider a moment ago."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not get_reauthentication_flows(self.user) and not self._came_lately():
            raise ValidationError(_("Sign out, sign in again, and do this within five minutes: it proves who you are."))
        return data

    def _came_lately(self) -> bool:
        records = get_authentication_records(context.request, self.user)
        return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


class AddCodesForm(AskedForProof, ActivateTOTPForm):
    """The first code of an authenticator app."""


class AddPasskeyForm(AskedForProof, AddWebAuthnForm):
    """A key is a passkey unless somebody says otherwise: only then it signs in and signs documents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class CountedCode:
    """A code counts for its person *and* its sender; the package counts for the person alone, so that whoever knows
    a password could keep its owner out."""

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        kept = list(Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN))
        with one_try(self.user):
            for authenticator in kept:
                if authenticator.wrap().validate_code(code):
                    authenticator.user, self.authenticator = self.user, authenticator
                    return code
            if kept:
                self._emit_authentication_failed(next((one for one in kept if one.type == "totp"), kept[0]))
            raise get_adapter().validation_error("incorrect_code")


class CountedPasskey:
    """A passkey's answer counts in the same way."""

    def clean_credential(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        auth.parse_authentication_response(credential)
        person = self.user or auth.extract_user_from_response(credential)
        with one_try(person):
            return auth.complete_authentication(person, credential)


class SecondStepForm(CountedCode, AuthenticateForm):
    """The code after the password."""


class CodeAgainForm(CountedCode, ReauthenticateForm):
    """The code before something that matters."""


class SecondStepPasskeyForm(CountedPasskey, AuthenticateWebAuthnForm):
    """The passkey after the password."""


class PasskeyAgainForm(CountedPasskey, ReauthenticateWebAuthnForm):
    """The passkey before something that matters."""


class PasskeySignInForm(CountedPasskey, LoginWebAuthnForm):
    """The passkey instead of a password."""
