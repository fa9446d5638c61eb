"""The six groups and what each may do at all. Apps above add their permissions in ``AppConfig.ready``."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

# name in the database → what people call it
GROUPS = {
    "officer": _("Process officer"),
    "owner": _("Process owner"),
    "manager": _("Manager"),
    "auditor": _("Auditor"),
    "staff": _("Staff"),
    "administrator": _("Administrator"),
}

# Groups whose people read confidential records. Nobody gives them to themself alone.
OPENS_CONFIDENTIAL = {"auditor"}

_grants: dict[str, set[str]] = {group: set() for group in GROUPS}
_grants["administrator"] |= {"people.change_person", "people.add_person", "people.view_person", "auth.view_group"}
_grants["administrator"] |= {"core.view_job", "core.view_outboxmessage", "core.change_outboxmessage"}
for _group in ("administrator", "officer"):
    _grants[_group] |= {"core.share_view", "core.view_organisation"}
_grants["administrator"].add("core.change_organisation")
for _group in ("administrator", "auditor"):
    _grants[_group].add("core.view_ledgerline")


def allow(group: str, *permissions: str) -> None:
    """Let everybody in ``group`` have the permissions ("app.codename")."""
    _grants[group].update(permissions)


def ensure_groups(sender: Any = None, **kwargs: Any) -> None:
    """Make groups and their permissions what the code says; harmless to repeat, run after each migrate."""
    if sender is not None and sender.name != "people":
        return
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)
    known = {
        f"{label}.{codename}": pk
        for pk, label, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    for name, permissions in _grants.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set([known[p] for p in permissions])
