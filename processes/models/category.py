import time
from typing import Any

from django.db import OperationalError, ProgrammingError, models, transaction
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory
from core.ledger import record_line


class Category(models.TextChoices):
    """What a process is for, in the three groups that every process landscape knows."""

    MANAGEMENT = "management", _("Management processes")
    CORE = "core", _("Core processes")
    SUPPORT = "support", _("Support processes")


class ProcessCategory(models.Model):
    """What this organisation calls one of the three categories; without a row the portal's own name is shown."""

    key = models.CharField(_("category"), max_length=20, choices=Category.choices, primary_key=True)
    name = models.CharField(_("name"), max_length=60)

    history = FieldHistory()

    class Meta:
        verbose_name = _("process category")
        verbose_name_plural = _("process categories")
        default_permissions = ("change",)

    def __str__(self) -> str:
        return self.name


CACHE_S = 60  # for which a process of the server trusts what it read: the names stand on every page of a process

_known: list[tuple[dict[str, str], float]] = []


def category_names() -> dict[str, str]:
    """The name of each category, in the order in which a landscape shows them."""
    if not _known or _known[0][1] < time.monotonic():
        _known[:] = [(_stored_names(), time.monotonic() + CACHE_S)]
    return {category.value: _known[0][0].get(category.value) or str(category.label) for category in Category}


def _stored_names() -> dict[str, str]:
    """What this organisation calls them. Without a database or before its first migration nobody has named them; the
    choices of the API are made then as well."""
    try:
        return dict(ProcessCategory.objects.values_list("key", "name"))
    except (OperationalError, ProgrammingError):
        return {}


def forget_category_names() -> None:
    """Read the names anew the next time."""
    _known.clear()


def name_categories(names: dict[str, str], *, by: Any) -> bool:
    """Call the categories by these names; an empty one stands for the portal's own. Other processes of the server show
    it within a minute. Returns whether anything changed."""
    with transaction.atomic():
        before = dict(ProcessCategory.objects.values_list("key", "name"))
        changed = {key: [before.get(key, ""), name] for key, name in names.items() if before.get(key, "") != name}
        for key, (_before, name) in changed.items():
            ProcessCategory.objects.update_or_create(key=key, defaults={"name": name})
        if changed:
            record_line(None, "process_categories_named", by=by, data=changed)
    forget_category_names()
    return bool(changed)
