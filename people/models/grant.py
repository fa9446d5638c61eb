"""Showing one record to somebody outside its audience, until a moment. The moment of expiry decides, not a worker: a
person's keys hold only grants that have not run out.

    class KpiGrant(RecordGrant):
        record = models.ForeignKey(Kpi, models.CASCADE, related_name="grants")

        class Meta(RecordGrant.Meta):
            pass

    register_grants(KpiGrant)  # in AppConfig.ready; people.kinds.OwnedKind does it for the model of a kind

``people.sharing.share`` and ``end_share`` write the rows.
"""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.moments import whole_day
from people.keys import add_key_source
from people.models.job_role import JobRole


class GrantQuerySet(models.QuerySet):
    def active(self) -> Self:
        """Grants that have not run out."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


class RecordGrant(models.Model):
    """One record shown to one person, or to everybody in one job role, until a moment."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    role = models.ForeignKey(JobRole, models.CASCADE, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = GrantQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(person=None, role__isnull=False) | Q(role=None, person__isnull=False),
                name="%(app_label)s_%(class)s_is_for_a_person_or_a_role",
            ),
            models.UniqueConstraint(
                fields=["record", "person", "role"],
                nulls_distinct=False,
                name="%(app_label)s_%(class)s_once_per_record_and_receiver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} → {self.receiver}"

    @property
    def receiver(self) -> Any:
        """The person or the job role."""
        return self.person or self.role

    @property
    def last_day(self) -> Any:
        """The last day on which the receiver sees the record; None for no end."""
        return whole_day(self.expires_at) if self.expires_at else None

    @property
    def audience_key(self) -> str:
        """The key among ``audience_keys`` of the record that this grant gives to its receiver."""
        return f"grant:{self._meta.label_lower}:{self.pk}"


_models: list[type[RecordGrant]] = []


def granted_models() -> list[type[RecordGrant]]:
    """The models whose rows show a record to somebody."""
    return list(_models)


def register_grants(model: type[RecordGrant]) -> None:
    """Let people carry the keys of the grants of ``model`` that have not run out."""
    if model not in _models:
        _models.append(model)
    table, label = model._meta.db_table, model._meta.label_lower
    is_active = "(g.expires_at IS NULL OR g.expires_at > %(now)s)"
    add_key_source(
        label,
        f"""SELECT 'grant:{label}:' || g.id FROM {table} g WHERE g.person_id = %(person)s AND {is_active}
            UNION ALL
            SELECT 'grant:{label}:' || g.id FROM {table} g
            JOIN people_person_job_roles r ON r.jobrole_id = g.role_id
            WHERE r.person_id = %(person)s AND {is_active}""",  # noqa: S608 - the model's own table and label
    )
