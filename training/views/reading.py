"""Reading one version and acknowledging it."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.debug import sensitive_post_parameters

from core.lifecycle import NotAllowed, Refused
from core.views import refuse_politely, say
from documents.forms import SigningForm
from documents.models import Document, KindSettings, Version
from documents.views.comparing import compared_by_kind
from documents.views.pages import find_version
from documents.views.signing import act_on, goes_to_provider, signature_from, signing_form, to_provider
from training.acknowledging import acknowledge
from training.addresses import read_address
from training.models import Reading


class AcknowledgeForm(SigningForm):
    """Saying that one has read a version; with a signature where the rule asks for one."""

    seen_hash = forms.CharField(widget=forms.HiddenInput)

    field_order = ("password", "code", "seen_hash")

    def __init__(self, *args: Any, needs_signature: bool, **kwargs: Any) -> None:
        signing = KindSettings.Signing.SIGNATURE if needs_signature else KindSettings.Signing.CLICK
        super().__init__(*args, settings=KindSettings(signing=signing), **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.refuse_without_proof()
        return data


@sensitive_post_parameters("password", "code")
@refuse_politely
def read(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The text, what changed since the version the person acknowledged before, and the button."""
    version = find_version(request, code, sequence)
    reading = Reading.objects.filter(version=version, person=request.user).select_related("earlier").first()
    if reading is None:
        raise Http404
    reading.version = version
    form = signing_form(
        AcknowledgeForm,
        request,
        act_on("read", version),
        initial={"seen_hash": version.manifest_hash},
        needs_signature=reading.needs_signature,
    )
    if request.method == "POST" and form.is_valid():
        try:
            if goes_to_provider(form):
                return to_provider(form, request)
            signature = signature_from(form, request)
            acknowledge(reading, by=request.user, signature=signature, seen_hash=form.cleaned_data["seen_hash"])
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("You read and acknowledged %(code)s.") % {"code": version.code})
            return redirect(_next_address(request, reading))
    context = {
        "reading": reading,
        "version": version,
        "document": version.document,
        "form": form,
        "earlier": reading.earlier,
        "compared": _changes_since(request, reading),
    }
    return render(request, "training/read_form.html", context, status=422 if form.errors else 200)


def _changes_since(request: HttpRequest, reading: Reading) -> Any:
    earlier = reading.earlier
    if earlier is None or not Version.objects.visible_to(request.user).filter(pk=earlier.pk).exists():
        return None
    return compared_by_kind(request, earlier, reading.version, only_changes=True)


def _next_address(request: HttpRequest, reading: Reading) -> Any:
    """The page of what is to be read next, or of what was read."""
    waiting = Reading.objects.open().filter(person=request.user, document__in=Document.objects.visible_to(request.user))
    following = waiting.select_related("version__document").order_by("due_on", "pk").first()
    return read_address(following.version) if following else reading.version.get_absolute_url()
