"""Whose portal this is, as a page; and what only the server's own settings say, to look at."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.demo import is_demo
from core.lifecycle import NotAllowed
from core.organisation import is_named_by_settings, name_organisation, namings, organisation_name
from core.upload_limit import limit_in_megabytes
from core.views import refuse_politely, say


class OrganisationForm(forms.Form):
    """The name on every page, mail and print."""

    name = forms.CharField(
        label=_("Name of the organisation"),
        max_length=120,
        help_text=_("It stands on every page, in every mail and on every print."),
        error_messages={"required": _("Enter the name of the organisation")},
    )


@refuse_politely
def organisation_page(request: HttpRequest) -> HttpResponse:
    """Administrators name the organisation; process officers look. What the server fixes is shown as that."""
    if not request.user.has_perm("core.view_organisation"):
        raise NotAllowed(_t("Only administrators and process officers keep settings."))
    may_change = request.user.has_perm("core.change_organisation") and not is_named_by_settings()
    if request.method == "POST" and not may_change:
        raise NotAllowed(_t("Only administrators name the organisation."))
    form = OrganisationForm(request.POST or None, initial={"name": organisation_name()})
    if request.method == "POST" and form.is_valid():
        changed = name_organisation(form.cleaned_data["name"], by=request.user)
        say(request, _t("Saved.") if changed else _t("Nothing was different."))
        return redirect("core:organisation")
    context = {
        "form": form,
        "name": organisation_name(),
        "may_change": may_change,
        "is_fixed": is_named_by_settings(),
        "fixed": _fixed_on_the_server(),
        "changes": namings(),
    }
    return render(request, "core/organisation_form.html", context, status=422 if form.errors else 200)


def _fixed_on_the_server() -> list[tuple[str, str, str]]:
    """What is said by variables of the server: its words, what it is now, the variable."""
    return [
        (_t("Address in mails and links"), settings.PORTAL_BASE_URL, "PORTAL_BASE_URL"),
        (_t("Mails leave through"), _mails_leave_through(), "EMAIL_URL"),
        (_t("A day begins at midnight in"), settings.TIME_ZONE.replace("_", " "), "PORTAL_TIME_ZONE"),
        (_t("Sender of mails"), settings.DEFAULT_FROM_EMAIL, "DEFAULT_FROM_EMAIL"),
        (_t("Largest file"), limit_in_megabytes(), "PORTAL_UPLOAD_LIMIT"),
        (_t("Single sign-on"), settings.OIDC_SERVER_URL or _t("off"), "OIDC_SERVER_URL"),
    ]


def _mails_leave_through() -> str:
    if settings.PORTAL_MAIL_BACKEND.endswith("smtp.EmailBackend"):
        return settings.EMAIL_HOST or _t("A server")
    if is_demo():
        return _t("The demo's mailbox, to nobody outside")
    return _t("Into the portal's log, to nobody")
