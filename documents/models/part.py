from django.db import connection, models

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
        """Add what is new and refresh the words of what has others now; nothing is removed."""
        keys = dict(parts)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO documents_part (document_id, key, label)
                   SELECT %s, * FROM unnest(%s::varchar[], %s::varchar[])
                   ON CONFLICT (document_id, key) DO UPDATE SET label = excluded.label
                   WHERE documents_part.label <> excluded.label""",
                [document.pk, list(keys), [label[:300] for label in keys.values()]],
            )
