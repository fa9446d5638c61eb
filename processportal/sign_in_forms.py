"""Forms of the sign-in package that ask a little differently here. Apart from the adapters: the package loads them."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth

from processportal.door import one_try


class AddPasskeyForm(AddWebAuthnForm):
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
