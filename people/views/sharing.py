"""Sharing a record with somebody outside its audience, for every kind whose model has grants."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.day_field import DateInput, DayField
from core.lifecycle import NotAllowed
from core.pages.kind import FormPage, RecordView
from core.views import say
from people.fields import PersonField
from people.models import JobRole
from people.sharing import end_share, share

USUAL_DAYS = 30


class ShareForm(forms.Form):
    """Who may see the record until when, and why."""

    person = PersonField(label=_("Person"), required=False, help_text=_("A name or an e-mail address"))
    role = forms.ModelChoiceField(label=_("Or a job role"), queryset=JobRole.objects.none(), required=False)
    until = DayField(label=_("Until and including"), widget=DateInput())
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = JobRole.objects.filter(is_active=True)

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("Choose today or a later day."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("person")) == bool(data.get("role")):
            self.add_error("person", _("Choose one person or one job role."))
        return data


class RecordShareView(RecordView, FormPage):
    """Who sees the record beside its audience, and sharing it with somebody more."""

    verb = "share"

    def get_template_name(self) -> str:
        return "people/share_page.html"

    def refuse_unless_allowed(self) -> None:
        if not self.kind.may_change(self.request.user, self.record):
            raise NotAllowed(_t("You may not share this %(kind)s.") % {"kind": self.kind.label})

    def refused_record(self) -> Any:
        return self.record

    def get_form(self, *sent: Any) -> ShareForm:
        return ShareForm(*sent, initial={"until": timezone.localdate() + timedelta(days=USUAL_DAYS)})

    def save(self, form: ShareForm) -> str:
        grant = share(self.record, by=self.request.user, **form.cleaned_data)
        say(self.request, _t("%(name)s can see it now.") % {"name": grant.receiver})
        return self.kind.address(self.record, "share")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        grants = self.record.grants.active().select_related("person", "role", "granted_by").order_by("expires_at", "pk")
        shown = [(grant, self.kind.address(self.record, "share-end", grant.pk)) for grant in grants]
        return super().get_context_data(grants=shown, cancel=self.kind.address(self.record), **context)


class EndShareView(RecordView):
    """Take a grant away at once."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, grant: int, **kwargs: Any) -> HttpResponse:
        found = self.record.grants.filter(pk=grant).first() if grant < 2**63 else None
        if found is None:
            raise Http404
        end_share(self.record, found, by=request.user)
        say(request, _t("It is not shared with %(name)s any more.") % {"name": found.receiver})
        return redirect(self.kind.address(self.record, "share"))
