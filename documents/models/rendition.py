import hashlib
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.version import Version


class RenditionQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """PDFs of versions that the person may see."""
        return self.filter(version__in=Version.objects.visible_to(person))


class Rendition(models.Model):
    """A version as PDF, as it was in one state and language; kept with the hash of its bytes."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="renditions")
    language = models.CharField(max_length=10)
    shown_state = models.CharField(max_length=20)  # the state printed on it; another state is another PDF
    manifest_hash = models.CharField(max_length=64, blank=True)
    row_version = models.PositiveIntegerField()  # of the version: a draft changes under one manifest hash
    pages = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = RenditionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["version", "language", "shown_state"], name="rendition_of_version")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language} {self.shown_state}"

    @classmethod
    def current(cls, version: Version, language: str) -> Self | None:
        """The newest PDF that still says what is true of the version."""
        return (
            cls.objects.filter(
                version=version,
                language=language,
                shown_state=version.shown_state,
                manifest_hash=version.manifest_hash,
                row_version=version.row_version,
            )
            .order_by("-pk")
            .first()
        )

    @classmethod
    def keep(cls, version: Version, *, language: str, data: bytes, pages: int, by: Any) -> Self:
        """Store the bytes with their hash."""
        return cls.objects.create(
            version=version,
            language=language,
            shown_state=version.shown_state,
            manifest_hash=version.manifest_hash,
            row_version=version.row_version,
            pages=pages,
            sha256=hashlib.sha256(data).hexdigest(),
            data=data,
            made_by=by,
        )
