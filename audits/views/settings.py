"""How strict the organisation is with its audits: independence, repeats, grades."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t

from audits.models import AuditSettings, Grade
from core.ledger import record_line
from core.lifecycle import NotAllowed
from core.views import refuse_politely, say


class AuditSettingsForm(forms.ModelForm):
    """Months of independence and repetition, days to respond."""

    class Meta:
        model = AuditSettings
        fields = ("independence_months", "repeat_months", "respond_days")


class GradeForm(forms.ModelForm):
    """The words of a grade and what it asks for."""

    class Meta:
        model = Grade
        fields = ("name", "hint", "tone", "order", "needs_response", "needs_effectiveness", "is_active")


@refuse_politely
def audit_settings(request: HttpRequest) -> HttpResponse:
    """The settings, and the grades with the way to change each."""
    _refuse_unless(request, "audits.change_auditsettings")
    form = AuditSettingsForm(request.POST or None, instance=AuditSettings.current())
    if request.method == "POST" and form.is_valid():
        _save(form, by=request.user, event="audit_settings_changed")
        say(request, _t("Saved."))
        return redirect("audits:settings")
    context = {"form": form, "grades": Grade.objects.all()}
    return render(request, "audits/settings.html", context, status=422 if form.errors else 200)


@refuse_politely
def grade(request: HttpRequest, key: str) -> HttpResponse:
    """One grade."""
    _refuse_unless(request, "audits.change_grade")
    found = get_object_or_404(Grade, pk=key)
    form = GradeForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        _save(form, by=request.user, event="grade_changed")
        say(request, _t("Saved."))
        return redirect("audits:settings")
    return render(request, "audits/grade_form.html", {"form": form, "grade": found}, status=422 if form.errors else 200)


def _refuse_unless(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise NotAllowed(_t("You may not change how audits are done here."))


def _save(form: Any, *, by: Any, event: str) -> None:
    """Store what is different, with history and a line in the ledger."""
    if not form.has_changed():
        return
    changes = {name: [str(form.initial.get(name)), str(form.cleaned_data[name])] for name in form.changed_data}
    with transaction.atomic():
        form.instance._history_user = by
        form.save()
        record_line(None, event, by=by, data={"record": str(form.instance.pk), "changes": changes})
