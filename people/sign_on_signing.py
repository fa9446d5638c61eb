"""Signing through the identity provider: it asks for the password again, for one act, and says when it did.

``begin`` keeps what was typed and sends the browser to the provider, which must ask again (``prompt=login``,
``max_age=0``). ``finish`` is told of the answer: it counts only from the identity that is joined with this account,
and only when the provider says that the person signed in after we asked. What it leaves is a proof for that one act,
used once by the person's own press of the button: coming back signs nothing.
"""

import secrets
import time
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _t
from requests import RequestException

from people.failed_signatures import SignatureRefused, keep_failure, refuse_while_locked
from people.models import Person

SECONDS = 600  # from leaving for the provider to signing here
SOMEBODY_ELSE = "an identity that is not joined with this account"
SKEW = 30  # seconds by which the provider's clock may differ from ours
FORCED = {"prompt": "login", "max_age": "0"}


def providers_of(person: Person) -> list[tuple[str, str]]:
    """Identity providers that are set up and joined with this account: id and name."""
    apps = get_adapter().list_apps(None, provider="openid_connect")
    if not apps:
        return []
    joined = set(SocialAccount.objects.filter(user=person).values_list("provider", flat=True))
    return [(app.provider_id, app.name) for app in apps if app.provider_id in joined]


def begin(request: HttpRequest, provider_id: str, *, act: str, typed: dict[str, str]) -> HttpResponse:
    """Keep what was typed and send the browser to the provider. Raises ``SignatureRefused``."""
    refuse_while_locked(request.user)
    if provider_id not in dict(providers_of(request.user)):
        raise SignatureRefused(_t("This identity provider is not joined with your account."))
    token = secrets.token_urlsafe(24)
    waiting = {"act": act, "typed": typed, "back": request.path, "provider": provider_id, "asked_at": time.time()}
    cache.set(_key(request.user, token), waiting, SECONDS)
    provider = get_adapter().get_provider(request, provider_id)
    try:
        return provider.redirect(request, AuthProcess.REDIRECT, data={"signing": token}, auth_params=dict(FORCED))
    except RequestException as problem:
        raise SignatureRefused(
            _t("The identity provider does not answer. Sign another way, or try again later.")
        ) from problem


def token_in(state: dict[str, Any] | None) -> str:
    """The token of a signing, where the provider was asked for one."""
    return str(((state or {}).get("data") or {}).get("signing") or "")


def finish(request: HttpRequest, sociallogin: SocialLogin) -> str:
    """Judge the provider's answer; returns the address of the page on which the person was signing."""
    token = token_in(sociallogin.state)
    waiting = _waiting(request.user, token)
    if waiting is None:
        messages.error(request, _t("That took too long. Nothing was signed; open the page again."))
        return "/"
    problem = _problem(request.user, sociallogin, waiting)
    if problem:
        keep_failure(request.user, reason=f"single sign-on: {problem}")
        messages.error(request, _told(problem))
    else:
        cache.set(_key(request.user, token), waiting | {"proved_at": time.time()}, SECONDS)
    return f"{waiting['back']}?sign_on={token}"


def give_up(request: HttpRequest, token: str) -> str | None:
    """The person cancelled at the provider, or it failed: back to the page, nothing counted against them."""
    waiting = _waiting(request.user, token)
    if waiting is None:
        return None
    messages.warning(request, _t("The identity provider did not confirm who you are. Nothing was signed."))
    return f"{waiting['back']}?sign_on={token}"


def typed_before(person: Person, token: str, page: str) -> dict[str, str]:
    """What the person had typed on this page before they left for the provider."""
    waiting = _waiting(person, token)
    return waiting["typed"] if waiting and waiting["back"] == page else {}


def is_proved(person: Person, token: str, act: str) -> bool:
    """Whether the provider has confirmed this person for this act, and the proof is not used yet."""
    waiting = _waiting(person, token)
    return bool(waiting and waiting["act"] == act and "proved_at" in waiting)


def use(person: Person, token: str, act: str) -> bool:
    """Use the proof up; False when there is none."""
    return is_proved(person, token, act) and cache.delete(_key(person, token))


def _told(problem: str) -> str:
    if problem == SOMEBODY_ELSE:
        return _t(
            "The account that signed in at your identity provider is not joined with yours here. Nothing was signed. "
            "Sign out there, or choose your own account."
        )
    return _t("Your identity provider did not confirm that you signed in just now. Nothing was signed.")


def _problem(person: Person, sociallogin: SocialLogin, waiting: dict[str, Any]) -> str:
    """Why the answer does not count; empty when it does."""
    if not sociallogin.is_existing or sociallogin.user.pk != person.pk:
        return SOMEBODY_ELSE
    if sociallogin.account.provider != waiting["provider"]:
        return "another provider than was asked"
    said = (sociallogin.account.extra_data.get("id_token") or {}).get("auth_time")
    if not isinstance(said, (int, float)):
        return "the provider does not say when"
    # auth_time is in whole seconds, cut off.
    if not waiting["asked_at"] - SKEW - 1 <= said <= time.time() + SKEW:
        return "signed in at another time"
    return ""


def _waiting(person: Person, token: str) -> dict[str, Any] | None:
    return cache.get(_key(person, token)) if token and len(token) <= 64 and token.isascii() else None


def _key(person: Person, token: str) -> str:
    return f"sign-on-signing:{person.pk}:{token}"
