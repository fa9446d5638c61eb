"""The configuration pages of core: the organisation's name. Everything else here is not for editing by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.models import Organisation
from core.organisation import is_named_by_settings, name_organisation


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    """One row, changed and never deleted."""

    fields = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        free = not Organisation.objects.exists() and not is_named_by_settings()
        return free and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        name_organisation(obj.name, by=request.user)
