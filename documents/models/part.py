from django.db import models

from documents.models.document import Document


class Part(models.Model):
    """What others point at inside a document: a step, an element, a question. Never deleted."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="parts")
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "key"], name="one_part_of_a_key_per_document")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.key}"

    @classmethod
    def of(cls, document: Document, parts: list[tuple[str, str]]) -> "list[Part]":
        """The rows of these parts, unsaved; of two with one key the later counts."""
        return [cls(document=document, key=key, label=label[:300]) for key, label in dict(parts).items()]

    @classmethod
    def keep(cls, document: Document, parts: list[tuple[str, str]]) -> None:
        """Add what is new and refresh the words of what is there; nothing is removed."""
        cls.objects.bulk_create(
            cls.of(document, parts),
            update_conflicts=True,
            unique_fields=["document", "key"],
            update_fields=["label"],
        )
