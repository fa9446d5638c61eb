"""Configuration of document control: approval routes and how strict each kind is. States and versions are not here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.ledger import record_line
from documents.kinds import kind_choices
from documents.models import KindSettings, RouteTemplate, RouteTemplateStep
from people.fields import PeopleField, RolesField


class TracedAdmin(admin.ModelAdmin):
    """Configuration whose changes carry the person's name, in its history and in the ledger."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: forms.ModelForm, change: bool) -> None:
        obj._history_user = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: list, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        event = f"{form.instance._meta.model_name}_{'changed' if change else 'added'}"
        changed = [*form.changed_data, *(name for one in formsets for part in one.forms for name in part.changed_data)]
        record_line(
            form.instance if isinstance(form.instance.pk, int) else None,
            event,
            by=request.user,
            data={"what": str(form.instance), "fields": sorted(set(changed))},
        )


class StepForm(forms.ModelForm):
    """People are typed by name or address, so that the page stays small with 50,000 of them."""

    people = PeopleField(label=_("People"), required=False, help_text=_("Names or e-mail addresses, with commas"))
    roles = RolesField(label=_("Job roles"), required=False)

    class Meta:
        model = RouteTemplateStep
        fields = ("position", "meaning", "rule", "needed", "due_days", "by_owner", "people", "roles")


class StepInline(admin.StackedInline):
    model = RouteTemplateStep
    form = StepForm
    extra = 0


class KindForm(forms.ModelForm):
    """The kind is chosen from those the portal knows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            field = self.fields["kind"]
            none = [] if field.required else [("", _("Every kind"))]
            self.fields["kind"] = forms.ChoiceField(
                label=field.label, required=field.required, choices=[*none, *kind_choices()]
            )


@admin.register(RouteTemplate)
class RouteTemplateAdmin(TracedAdmin):
    form = KindForm
    inlines = (StepInline,)
    list_display = ("name", "kind", "department", "is_active")
    list_filter = ("is_active",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # taken out of use instead: routes of the past keep their name


@admin.register(KindSettings)
class KindSettingsAdmin(TracedAdmin):
    form = KindForm
    list_display = ("kind", "signing", "review_months", "retention_years")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("kind",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
