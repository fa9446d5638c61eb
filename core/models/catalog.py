from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CatalogQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Entries whose audience shares a key with the person."""
        return self.filter(audience_keys__overlap=person.keys())

    def in_force(self, at: Any = None) -> Self:
        """What people work by at a moment (now)."""
        now = at or timezone.now()
        return self.filter(current_from__lte=now).exclude(current_until__lte=now)


class CatalogEntry(models.Model):
    """The card of one record in the index: what it is, where it stands, who may see it.

    Everything that hangs on "any record" (a task, a notice, a comment, an attachment) points here, so that who
    may see it is one array comparison whatever the record is.
    """

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    kind = models.CharField(_("kind"), max_length=40)
    code = models.CharField(_("code"), max_length=80, blank=True)
    code_key = models.CharField(max_length=80, blank=True)
    title = models.CharField(_("title"), max_length=300)
    title_key = models.CharField(max_length=300, blank=True)  # its words alone, for comparing
    url = models.CharField(max_length=300)
    state = models.CharField(_("state"), max_length=20, blank=True)
    # When the record is what people work by. Moments, so that time decides and not a worker.
    current_from = models.DateTimeField(null=True)
    current_until = models.DateTimeField(null=True)
    department_id = models.BigIntegerField(null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    audience_keys = ArrayField(models.CharField(max_length=60), default=list)
    # When what its audience reads changed last; work on a draft is nobody's news but who works on it.
    changed_at = models.DateTimeField(default=timezone.now)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id"], name="one_catalog_entry_per_record"),
        ]
        indexes = [
            GinIndex(fields=["audience_keys"], name="catalog_audience"),
            models.Index(OpClass("code_key", name="varchar_pattern_ops"), name="catalog_code_key"),
            models.Index(OpClass("title_key", name="varchar_pattern_ops"), name="catalog_title_key"),
            GinIndex(SearchVector("title_key", config="portal"), name="catalog_title_words"),
            models.Index(fields=["-changed_at"], name="catalog_recent"),
            models.Index(fields=["code", "-id"], name="catalog_by_number"),
            models.Index(fields=["kind", "-changed_at"], name="catalog_kind_recent"),
            models.Index(fields=["department_id", "-changed_at"], name="catalog_department_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return self.url


class CatalogText(models.Model):
    """The searchable words of one entry, kept apart so that the entry table stays narrow."""

    entry = models.OneToOneField(CatalogEntry, models.CASCADE, primary_key=True, related_name="text")
    body = models.TextField(blank=True)
    attachments = models.TextField(blank=True)
    vector = SearchVectorField(null=True)

    class Meta:
        indexes = [GinIndex(fields=["vector"], name="catalog_vector")]

    def __str__(self) -> str:
        return f"words of {self.entry_id}"


class CatalogLink(models.Model):
    """One dependency between two records: the source depends on, uses or replaces the target."""

    source = models.ForeignKey(CatalogEntry, models.CASCADE, related_name="links_out")
    target = models.ForeignKey(CatalogEntry, models.CASCADE, related_name="links_in")
    relation = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "relation"], name="one_link_of_a_relation_between_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.relation} {self.target_id}"
