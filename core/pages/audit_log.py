"""The audit log as a page and as a file, for auditors and administrators."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import audit_log, table_files
from core.audit_log import Asked
from core.day_field import DayField
from core.ledger import record_line
from core.lifecycle import NotAllowed
from core.verification import last_result
from core.views import refuse_politely

ROWS = 100
AREA_NAMES = [
    ("", _("Everything")),
    ("signing_in", _("Signing in")),
    ("decisions", _("Approvals and decisions")),
    ("accounts", _("Accounts and delegations")),
    ("refused", _("Refused")),
]


class AuditLogFilter(forms.Form):
    """Person, area, record and time."""

    person = forms.CharField(
        label=_("Person"), required=False, max_length=200, help_text=_("A name or an e-mail address")
    )
    area = forms.ChoiceField(label=_("Area"), required=False, choices=AREA_NAMES)
    record = forms.CharField(label=_("Record"), required=False, max_length=80, help_text=_("Its number"))
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("Until and including"), required=False)

    hide_optional = True  # every filter is optional

    def clean_person(self) -> Any:
        typed = self.cleaned_data["person"].strip()
        if not typed:
            return None
        found = get_user_model().objects.filter(Q(name__iexact=typed) | Q(email__iexact=typed)).order_by("pk").first()
        if found is None:
            raise forms.ValidationError(_("Nobody here is called that."))
        return found

    def asked(self) -> Asked:
        return Asked(**self.cleaned_data)


@refuse_politely
def audit_log_page(request: HttpRequest, form: str = "") -> HttpResponse:
    """Everything that happened, newest first; ``form`` gives it as a file."""
    if not request.user.has_perm("core.view_ledgerline"):
        raise NotAllowed(_t("Only auditors and administrators read the audit log."))
    chosen = AuditLogFilter(request.GET)
    asked = chosen.asked() if chosen.is_valid() else None
    if form:
        if asked is None:
            raise NotAllowed(_t("The filter is not valid. Correct it, then export again."))
        record_line(None, "audit_log_exported", by=request.user, data={"query": request.GET.urlencode()[:300]})
        return table_files.download(list(audit_log.exported(asked, reader=request.user)), "audit-log", form)
    found = audit_log.lines(asked, reader=request.user) if asked is not None else audit_log.LedgerLine.objects.none()
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    page.object_list = audit_log.shown_to(request.user, list(page.object_list))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_obj": page,
        "form": chosen,
        "verified": last_result(),
        "reads_all": request.user.is_in("auditor"),
        "query": query.urlencode(),
    }
    return render(request, "core/audit_log_page.html", context, status=200 if asked is not None else 422)
