"""Forms of the sign-in package that ask a little differently here. Apart from the adapters: the package loads them."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm


class AddPasskeyForm(AddWebAuthnForm):
    """A key is a passkey unless somebody says otherwise: only then it signs in and signs documents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
