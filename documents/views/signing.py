"""Signing in a form: the proof a person chose, and the way over the identity provider and back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.signing import Signature
from documents.forms import SigningForm
from documents.models import Version
from people import sign_on_signing
from people.signing import click, sign, ways_of
from people.views.signing import origin_of

# What a person typed and may find again after the way over the identity provider; never a secret.
NOT_KEPT = {"password", "code", "passkey", "sign_on", "sign_with", "seen_hash", "csrfmiddlewaretoken"}


def or_nothing_to_sign(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say at the address of a signature what may have become of it, where others say that nothing was found.

    Who comes back from the identity provider, or follows a mail, may not see any more what was withdrawn, decided or
    given to somebody else. The page is the same whether there ever was anything at the address.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return render(request, "documents/nothing_to_sign.html", status=404)

    return answer


def act_on(verb: str, version: Version, content_hash: str = "") -> str:
    """The name of what is signed: the verb, the version, and the content the person had before their eyes."""
    return f"{verb}:{version.pk}:{content_hash or version.manifest_hash}"


def signing_form(
    form_class: type[SigningForm], request: HttpRequest, act: str, *, initial: dict[str, Any] | None = None, **more: Any
) -> Any:
    """The form with the ways this person can sign; what they typed before the provider asked them is there again."""
    person = request.user
    token = request.GET.get("sign_on", "")
    typed = sign_on_signing.typed_before(person, token, request.path)
    form = form_class(request.POST or None, initial=(initial or {}) | typed, ways=ways_of(person), **more)
    form.act = act
    given = request.POST.get("sign_on", "") or token
    if form.needs_proof and sign_on_signing.is_proved(person, given, act):
        form.sign_on = given
        for name in ("password", "code"):
            form.fields.pop(name, None)
    return form


def goes_to_provider(form: SigningForm) -> bool:
    """Whether the button pressed was the one of an identity provider."""
    return form.needs_proof and bool(form.data.get("sign_with")) and not form.sign_on


def to_provider(form: SigningForm, request: HttpRequest) -> HttpResponse:
    """Leave for the identity provider, with what was typed kept."""
    typed = {name: value[:5000] for name, value in request.POST.items() if name not in NOT_KEPT}
    return sign_on_signing.begin(request, form.data["sign_with"], act=form.act, typed=typed)


def signature_from(form: SigningForm, request: HttpRequest) -> Signature:
    """The signature that the chosen proof gives, or a click where the kind asks for no more."""
    if not form.needs_proof:
        return click(request.user)
    return sign(
        request.user,
        password=form.cleaned_data.get("password", ""),
        code=form.cleaned_data.get("code", ""),
        passkey=form.data.get("passkey", ""),
        sign_on=form.sign_on,
        act=form.act,
        origin=origin_of(request),
    )
